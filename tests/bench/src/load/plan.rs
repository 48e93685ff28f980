//! A load, described before it runs.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;
use suite::{Process, Room};

/// A load: how many clients, and what they do.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// Where the server listens.
    pub address: SocketAddr,
    /// Clients that connect, are answered once, and then say nothing.
    #[serde(skip)]
    pub idle: usize,
    /// Clients that talk.
    #[serde(skip)]
    pub active: usize,
    /// Bytes of a message.
    pub size: usize,
    /// Messages that a client sends before it waits for their echoes.
    pub burst: usize,
    /// When a client sends.
    pub pace: Pace,
    /// How long messages are sent; the last echoes may come later.
    #[serde(skip)]
    pub duration: Duration,
    /// How long the server may stay silent while an echo is due, before the load gives up.
    #[serde(skip)]
    pub patience: Duration,
    /// The server's process, needed for its CPU time.
    #[serde(skip)]
    pub server: Option<Process>,
}

/// When a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// As soon as its last message is back: the server sets the pace, and a pause delays each client once.
    Closed,
    /// This many messages a second from all clients together, whether or not the server keeps up.
    Open(f64),
}

impl Plan {
    /// Returns a closed loop of one client with messages of 64 bytes, for a second.
    pub const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            idle: 0,
            active: 1,
            size: 64,
            burst: 1,
            pace: Pace::Closed,
            duration: Duration::from_secs(1),
            patience: Duration::from_secs(5),
            server: None,
        }
    }

    /// Shrinks the load to fit the descriptor limit, idle clients first. Returns what was reduced.
    pub fn fit(&mut self) -> Vec<Room> {
        let all = Room::for_connections("clients", self.idle + self.active);
        let active = Room::within("active", self.active, all.given);
        let idle = Room::within("idle", self.idle, all.given - active.given);
        (self.active, self.idle) = (active.given, idle.given);
        [idle, active]
            .into_iter()
            .filter(Room::is_reduced)
            .collect()
    }

    /// Returns the nanoseconds from one burst to the next, of all clients together, in an open loop.
    pub(super) fn interval(&self) -> Option<u64> {
        match self.pace {
            Pace::Closed => None,
            Pace::Open(rate) => Some(((self.burst as f64 / rate) * 1e9).max(1.0) as u64),
        }
    }
}
