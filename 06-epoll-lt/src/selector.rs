//! epoll: an interest list that lives in the kernel.

use std::io;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use stage_04::Interest;

/// How many events one wait takes out of the kernel, at most. Others wait for the next: the kernel
/// goes round its ready list, so that nobody is left out (epoll_wait(2), NOTES).
const EVENTS_A_WAIT: usize = 1024;

/// The name of a registration. The kernel keeps it next to the descriptor, and returns it in events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(pub u64);

/// The interest list, and the ready list that the kernel makes of it (epoll(7)).
#[derive(Debug)]
pub struct Selector {
    epoll: Epoll,
}

impl Selector {
    /// Creates an empty list.
    ///
    /// # Errors
    ///
    /// Returns the errors of epoll_create1(2).
    pub fn new() -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        Ok(Self { epoll })
    }

    /// Puts a descriptor on the interest list. It leaves the list by itself when it is closed.
    ///
    /// # Errors
    ///
    /// Returns the errors of epoll_ctl(2), ENOSPC (too many watches) and ENOMEM among them.
    pub fn register(&self, fd: impl AsFd, token: Token, flags: EpollFlags) -> io::Result<()> {
        Ok(self.epoll.add(fd, EpollEvent::new(flags, token.0))?)
    }

    /// Changes what a descriptor on the list is watched for.
    ///
    /// # Errors
    ///
    /// Returns the errors of epoll_ctl(2).
    pub fn reregister(&self, fd: impl AsFd, token: Token, flags: EpollFlags) -> io::Result<()> {
        let mut event = EpollEvent::new(flags, token.0);
        Ok(self.epoll.modify(fd, &mut event)?)
    }

    /// Tells the kernel about a `new` interest in a descriptor on the list, if it differs from the `old`
    /// one. `None` is no interest: the descriptor stays on the list, and nothing is reported.
    ///
    /// # Errors
    ///
    /// Returns the errors of epoll_ctl(2).
    pub fn follow(
        &self,
        fd: impl AsFd,
        token: Token,
        old: Option<Interest>,
        new: Option<Interest>,
    ) -> io::Result<()> {
        if new == old {
            return Ok(());
        }
        self.reregister(fd, token, level_triggered(new))
    }

    /// Sleeps until something on the list is ready, for `limit` milliseconds at most, and puts what
    /// is ready into `events`. They stay empty if a signal interrupts the sleep.
    ///
    /// # Errors
    ///
    /// Returns the errors of epoll_wait(2), except `EINTR`.
    pub fn wait(&self, events: &mut Events, limit: Option<u16>) -> io::Result<()> {
        let timeout = limit.map_or(EpollTimeout::NONE, EpollTimeout::from);
        events.filled = match self.epoll.wait(&mut events.buffer, timeout) {
            Err(Errno::EINTR) => 0,
            result => result?,
        };
        Ok(())
    }
}

/// Returns level-triggered flags: epoll reports a descriptor for as long as it is ready, as poll does.
pub fn level_triggered(interest: impl Into<Option<Interest>>) -> EpollFlags {
    match interest.into() {
        Some(Interest::Read) => EpollFlags::EPOLLIN,
        Some(Interest::Write) => EpollFlags::EPOLLOUT,
        None => EpollFlags::empty(),
    }
}

/// A buffer for the events of a wait.
#[derive(Debug)]
pub struct Events {
    buffer: Vec<EpollEvent>,
    filled: usize,
}

impl Events {
    /// Creates room for 1,024 events: 12 bytes each on x86-64, 16 on other machines
    /// (include/uapi/linux/eventpoll.h, EPOLL_PACKED).
    pub fn new() -> Self {
        Self {
            buffer: vec![EpollEvent::empty(); EVENTS_A_WAIT],
            filled: 0,
        }
    }

    /// Returns the token and the flags of each event of the last wait.
    pub fn iter(&self) -> impl Iterator<Item = (Token, EpollFlags)> {
        let filled = &self.buffer[..self.filled];
        filled
            .iter()
            .map(|event| (Token(event.data()), event.events()))
    }

    /// Returns whether the last wait has found an event of `token`.
    pub fn contains(&self, token: Token) -> bool {
        self.iter().any(|(found, _)| found == token)
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}
