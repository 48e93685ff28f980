//! All clients of a load: connecting them, and hearing from them.

use std::ops::Range;
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollTimeout};

use super::connection::{CHUNK, Connection, Loss};
use super::measured::Losses;
use super::plan::Plan;

/// Clients that connect before the server must have answered them: fewer than the shortest usual queue of listen(2),
/// 128, so that none has to retry a second later.
const AT_A_TIME: usize = 64;
/// Events that one wait takes from the kernel.
const EVENTS: usize = 512;

/// Clients by number. A lost client leaves a gap, so that its number is never reused.
#[derive(Debug)]
pub(super) struct Crowd {
    pub(super) epoll: Epoll,
    pub(super) clients: Vec<Option<Connection>>,
    events: Vec<EpollEvent>,
    /// The events of the last wait.
    pub(super) ready: usize,
    scratch: Vec<u8>,
    pub(super) lost: Losses,
}

/// The client that an event was about.
pub(super) enum Heard<'a> {
    /// A client that is alive.
    From(usize, &'a mut Connection),
    /// A client that has just been lost, and why.
    Lost(usize, Connection, Loss),
    /// The timer, or a client that was lost before.
    Nobody,
}

impl Crowd {
    pub(super) fn new() -> anyhow::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC);
        Ok(Self {
            epoll: epoll.context("cannot make an epoll instance")?,
            clients: Vec::new(),
            events: vec![EpollEvent::empty(); EVENTS],
            ready: 0,
            scratch: vec![0; CHUNK],
            lost: Losses::default(),
        })
    }

    /// Connects `count` clients and has each send a byte: the echo shows that the server, and not only the kernel, has
    /// accepted the client.
    pub(super) fn grow(&mut self, plan: &Plan, count: usize) -> anyhow::Result<()> {
        for first in (0..count).step_by(AT_A_TIME) {
            for number in first..count.min(first + AT_A_TIME) {
                let client = Connection::connect(plan, number, &self.epoll)?;
                self.clients.push(Some(client));
            }
            self.greet(plan, first)?;
        }
        Ok(())
    }

    /// Has the clients from `first` on send a byte, and waits for the echoes.
    fn greet(&mut self, plan: &Plan, first: usize) -> anyhow::Result<()> {
        for slot in &mut self.clients[first..] {
            let sent = slot.as_mut().map(|client| client.send(1));
            if let Some(Err(_)) = sent {
                *slot = None;
                self.lost.turned_away += 1;
            }
        }
        loop {
            let mut new = self.clients[first..].iter().flatten();
            let Some(waits) = new.position(|client| !client.is_answered()) else {
                return Ok(());
            };
            self.wait(plan.patience)?;
            ensure!(
                self.ready > 0,
                "{} has answered {} clients, and then nothing for {} s: is it stopped, or \
                 does it serve one at a time?",
                plan.address,
                first + waits,
                plan.patience.as_secs_f64()
            );
            for event in 0..self.ready {
                match self.hear(event) {
                    Heard::Lost(_, _, loss @ Loss::Wrong(_)) => self.lost.add(loss),
                    Heard::Lost(..) => self.lost.turned_away += 1,
                    Heard::From(..) | Heard::Nobody => {}
                }
            }
        }
    }

    /// Sleeps until something happens, for `limit` at most.
    pub(super) fn wait(&mut self, limit: Duration) -> anyhow::Result<()> {
        let limit = u16::try_from(limit.as_millis()).unwrap_or(u16::MAX);
        self.ready = loop {
            match self.epoll.wait(&mut self.events, EpollTimeout::from(limit)) {
                Err(Errno::EINTR) => {}
                ready => break ready.context("epoll_wait")?,
            }
        };
        Ok(())
    }

    /// Handles one event of the last wait.
    pub(super) fn hear(&mut self, event: usize) -> Heard<'_> {
        let event = self.events[event];
        let number = event.data() as usize;
        // A timer has no slot, and a client that was lost since has an empty one.
        let slot = self.clients.get_mut(number);
        let Some((slot, mut client)) =
            slot.and_then(|slot| slot.take().map(|client| (slot, client)))
        else {
            return Heard::Nobody;
        };
        match client.on_ready(event.events(), &mut self.scratch) {
            Ok(()) => Heard::From(number, slot.insert(client)),
            Err(loss) => Heard::Lost(number, client, loss),
        }
    }

    /// Returns how many of the clients with these numbers are alive.
    pub(super) fn alive(&self, numbers: Range<usize>) -> usize {
        self.clients[numbers].iter().flatten().count()
    }
}
