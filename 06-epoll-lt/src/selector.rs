//! epoll: an interest list that lives in the kernel.

use std::io;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use stage_04::Interest;

/// Events taken out of the kernel in one wait, at most. Others wait for the next: the kernel goes
/// round its ready list, so that nobody is left out (epoll_wait(2), NOTES).
const EVENTS_A_WAIT: usize = 1024;

/// Names a registration: the kernel keeps it beside the descriptor, and gives it back in events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(pub u64);

/// The interest list, and the ready list that the kernel makes of it (epoll(7)).
#[derive(Debug)]
pub struct Selector {
    epoll: Epoll,
}

impl Selector {
    /// Makes an empty one.
    ///
    /// # Errors
    ///
    /// Those of epoll_create1(2).
    pub fn new() -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        Ok(Self { epoll })
    }

    /// Puts a descriptor on the interest list. It leaves the list by itself when it is closed.
    ///
    /// # Errors
    ///
    /// Those of epoll_ctl(2), ENOSPC (too many watches) and ENOMEM among them.
    pub fn register(&self, fd: impl AsFd, token: Token, flags: EpollFlags) -> io::Result<()> {
        Ok(self.epoll.add(fd, EpollEvent::new(flags, token.0))?)
    }

    /// Changes what a descriptor on the list is watched for.
    ///
    /// # Errors
    ///
    /// Those of epoll_ctl(2).
    pub fn reregister(&self, fd: impl AsFd, token: Token, flags: EpollFlags) -> io::Result<()> {
        let mut event = EpollEvent::new(flags, token.0);
        Ok(self.epoll.modify(fd, &mut event)?)
    }

    /// Tells the kernel what a connection waits for after a step, if that is something else than
    /// before it. Gives whether it waits for anything.
    pub fn follow(&self, fd: impl AsFd, token: Token, before: Interest, after: Interest) -> bool {
        match after {
            Interest::None => false,
            _ if after == before => true,
            _ => self.reregister(fd, token, level(after)).is_ok(),
        }
    }

    /// Takes a descriptor that stays open off the list.
    ///
    /// # Errors
    ///
    /// Those of epoll_ctl(2).
    pub fn deregister(&self, fd: impl AsFd) -> io::Result<()> {
        Ok(self.epoll.delete(fd)?)
    }

    /// Sleeps until something on the list is ready, for `limit` milliseconds at most, and puts what
    /// is ready into `events`. They stay empty if a signal interrupts the sleep.
    ///
    /// # Errors
    ///
    /// Those of epoll_wait(2), but for EINTR.
    pub fn wait(&self, events: &mut Events, limit: Option<u16>) -> io::Result<()> {
        let timeout = limit.map_or(EpollTimeout::NONE, EpollTimeout::from);
        events.filled = match self.epoll.wait(&mut events.buffer, timeout) {
            Err(Errno::EINTR) => 0,
            result => result?,
        };
        Ok(())
    }
}

/// The flags that make epoll mean what poll does: ready is reported for as long as it is true.
pub fn level(interest: Interest) -> EpollFlags {
    match interest {
        Interest::Read => EpollFlags::EPOLLIN,
        Interest::Write => EpollFlags::EPOLLOUT,
        Interest::None => EpollFlags::empty(),
    }
}

/// A buffer for the events of a wait.
#[derive(Debug)]
pub struct Events {
    buffer: Vec<EpollEvent>,
    filled: usize,
}

impl Events {
    /// Room for 1,024 events, 12 bytes each.
    pub fn new() -> Self {
        Self {
            buffer: vec![EpollEvent::empty(); EVENTS_A_WAIT],
            filled: 0,
        }
    }

    /// What the last wait found: whose event it is, and of what kind.
    pub fn iter(&self) -> impl Iterator<Item = (Token, EpollFlags)> {
        let filled = &self.buffer[..self.filled];
        filled
            .iter()
            .map(|event| (Token(event.data()), event.events()))
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}
