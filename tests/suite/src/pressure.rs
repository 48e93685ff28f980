//! Clients that send and do not read.

use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};

use crate::client::WATCH;
use crate::net::Socket;
use crate::readiness::wait_ready;
use crate::{Client, Process, Server, eventually, eventually_or, pattern, slowness};

/// More than the kernel keeps for a connection, in all its buffers (tcp_rmem and tcp_wmem, in tcp(7)):
/// a server that takes so much from a client that does not read has no bound of its own.
pub const PLENTY: usize = 64 << 20;

impl Server {
    /// As [`push_all`](Self::push_all), with one client.
    #[track_caller]
    pub fn push(&self, client: &Client) -> usize {
        self.push_all([client])[0]
    }

    /// Has clients send and never read, each until the server is [held back](Socket::is_held_back) by
    /// it, or until it has sent `limit` bytes, of [`pattern`]. Gives how many each has sent.
    ///
    /// That a connection takes no more for a while could also mean that the server has not run: it is held back
    /// if it has had its turn, and nothing has changed.
    #[track_caller]
    pub fn push_all<'a>(&self, clients: impl IntoIterator<Item = &'a Client>) -> Vec<usize> {
        let clients: Vec<&Client> = clients.into_iter().collect();
        let mut sent = vec![0; clients.len()];
        eventually_or(
            "the server to be held back by clients that send and do not read",
            || {
                push_on(&clients, &mut sent);
                let below = clients
                    .iter()
                    .zip(&sent)
                    .filter(|(_, sent)| **sent < PLENTY);
                let below: Vec<&Client> = below.map(|(client, _)| *client).collect();
                let held_back = self.held_back_by(&below);
                below.is_empty()
                    || held_back.is_some() && {
                        self.has_its_turn();
                        self.held_back_by(&below) == held_back
                    }
            },
            || "it neither leaves bytes unread nor takes any more of them".to_owned(),
        );
        sent
    }

    /// Returns what the server cannot send to each client and leaves unread of it, if it is held back by all.
    fn held_back_by(&self, clients: &[&Client]) -> Option<Vec<(usize, usize)>> {
        let held_back = |client: &&Client| {
            let socket = Socket::of(self.process(), client.address())?;
            let is_held_back = socket.is_held_back();
            is_held_back.then(|| (socket.unsent(), socket.unread()))
        };
        clients.iter().map(held_back).collect()
    }

    /// Waits until the server has done what it can: its threads, and those of the processes that it has started, sleep.
    /// One that never does has had its turn when it has worked for a while.
    pub(crate) fn has_its_turn(&self) {
        // An emulated processor counts time in which it was not emulated.
        let a_while = Duration::from_millis(100) * slowness();
        let family = self.process().family();
        let threads = || family.iter().flat_map(|process| process.threads());
        let sleeps = |thread: Process| matches!(thread.state(), 'S' | 'Z' | 'X');
        // A process that has ended takes its time with it.
        let worked = || -> Duration {
            family
                .iter()
                .filter_map(|process| process.processor_time())
                .sum()
        };
        let before = worked();
        eventually("the server has its turn", || {
            threads().all(sleeps) || worked().saturating_sub(before) > a_while
        });
    }
}

/// Has clients send and never read, until no connection takes more for a while: the server may not even
/// have looked at them.
pub fn fill_all(clients: &[Client]) {
    let clients: Vec<&Client> = clients.iter().collect();
    push_on(&clients, &mut vec![0; clients.len()]);
}

/// Has clients send until none of them can for a while, when so much was `sent` already.
fn push_on(clients: &[&Client], sent: &mut [usize]) {
    set_blocking(clients, false);
    while any_has_room(clients, sent) {
        for (client, sent) in clients.iter().zip(&mut *sent) {
            let room = (PLENTY - *sent).min(65_536);
            match client.stream().write(pattern(*sent, room)) {
                Ok(length) => *sent += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("cannot send after {sent} bytes: {error}"),
            }
        }
    }
    set_blocking(clients, true);
}

fn set_blocking(clients: &[&Client], blocking: bool) {
    for client in clients {
        let set = client.stream().set_nonblocking(!blocking);
        set.unwrap_or_else(|error| panic!("cannot change O_NONBLOCK: {error}"));
    }
}

/// Whether a client that has not sent [`PLENTY`] can send, now or in a while.
fn any_has_room(clients: &[&Client], sent: &[usize]) -> bool {
    let below = clients.iter().zip(sent).filter(|&(_, &sent)| sent < PLENTY);
    let mut fds: Vec<PollFd> = below
        .map(|(client, _)| PollFd::new(client.stream().as_fd(), PollFlags::POLLOUT))
        .collect();
    wait_ready(&mut fds, WATCH)
}
