//! An epoll instance of the lab's own, seen from the program that uses it.

use std::os::fd::{AsFd, AsRawFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use suite::Process;

/// An interest list, and the ways to query it.
pub(crate) struct Watcher(pub(crate) Epoll);

impl Watcher {
    pub(crate) fn new() -> nix::Result<Self> {
        Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).map(Self)
    }

    /// Puts a descriptor on the list; its events bear `token`.
    pub(crate) fn watch(&self, fd: impl AsFd, flags: EpollFlags, token: u64) -> nix::Result<()> {
        self.0.add(fd, EpollEvent::new(flags, token))
    }

    /// Puts a descriptor on the list for input, level-triggered.
    pub(crate) fn watch_input(&self, fd: impl AsFd, token: u64) -> nix::Result<()> {
        self.watch(fd, EpollFlags::EPOLLIN, token)
    }

    /// Returns the tokens of what is ready now, at most `room`. Never sleeps.
    pub(crate) fn ready(&self, room: usize) -> nix::Result<Vec<u64>> {
        let events = self.wait(room, EpollTimeout::ZERO)?;
        Ok(events.iter().map(EpollEvent::data).collect())
    }

    /// Waits for events, at most `room`.
    pub(crate) fn wait(&self, room: usize, timeout: EpollTimeout) -> nix::Result<Vec<EpollEvent>> {
        let mut events = vec![EpollEvent::empty(); room];
        let filled = self.0.wait(&mut events, timeout)?;
        events.truncate(filled);
        Ok(events)
    }

    /// Returns how many entries the kernel shows on the list (proc_pid_fdinfo(5)).
    pub(crate) fn entries(&self) -> usize {
        let own = Process::new(std::process::id().cast_signed());
        own.interests(self.0.0.as_raw_fd()).len()
    }
}

/// Returns 1 if poll finds the descriptor readable, 0 if not, without waiting.
pub(crate) fn polled(fd: impl AsFd) -> nix::Result<i32> {
    poll(
        &mut [PollFd::new(fd.as_fd(), PollFlags::POLLIN)],
        PollTimeout::ZERO,
    )
}
