//! An epoll of the lab's own, seen from the side of the program that uses it.

use std::os::fd::{AsFd, AsRawFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use suite::Process;

/// An interest list, and how it is asked.
pub(in crate::chapters) struct Watcher(Epoll);

impl Watcher {
    pub(in crate::chapters) fn new() -> nix::Result<Self> {
        Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).map(Self)
    }

    /// Puts a descriptor on the list, to be named by `token` in its events.
    pub(in crate::chapters) fn watch(
        &self,
        fd: impl AsFd,
        flags: EpollFlags,
        token: u64,
    ) -> nix::Result<()> {
        self.0.add(fd, EpollEvent::new(flags, token))
    }

    /// Puts a descriptor on the list for something to read, level-triggered.
    pub(super) fn watch_input(&self, fd: impl AsFd, token: u64) -> nix::Result<()> {
        self.watch(fd, EpollFlags::EPOLLIN, token)
    }

    /// Returns the tokens of what is ready now, as many as there is `room` for. Never sleeps.
    pub(super) fn ready(&self, room: usize) -> nix::Result<Vec<u64>> {
        let events = self.wait(room, EpollTimeout::ZERO)?;
        Ok(events.iter().map(EpollEvent::data).collect())
    }

    /// Waits for events, as many as there is `room` for.
    pub(in crate::chapters) fn wait(
        &self,
        room: usize,
        timeout: EpollTimeout,
    ) -> nix::Result<Vec<EpollEvent>> {
        let mut events = vec![EpollEvent::empty(); room];
        let filled = self.0.wait(&mut events, timeout)?;
        events.truncate(filled);
        Ok(events)
    }

    /// Returns how many entries the kernel shows on the list (proc_pid_fdinfo(5)).
    pub(super) fn entries(&self) -> usize {
        let own = Process::new(std::process::id().cast_signed());
        own.interests(self.0.0.as_raw_fd()).len()
    }

    /// Returns the epoll itself, which is a descriptor, too.
    pub(super) const fn epoll(&self) -> &Epoll {
        &self.0
    }
}

/// Returns how many of one descriptor poll finds readable, without waiting.
pub(super) fn polled(fd: impl AsFd) -> nix::Result<i32> {
    poll(
        &mut [PollFd::new(fd.as_fd(), PollFlags::POLLIN)],
        PollTimeout::ZERO,
    )
}
