//! An epoll of the lab's own, seen from the side of the program that uses it.

use std::os::fd::{AsFd, AsRawFd};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use suite::Process;

/// An interest list, and how it is asked.
pub(super) struct Watcher(Epoll);

impl Watcher {
    pub(super) fn new() -> nix::Result<Self> {
        Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).map(Self)
    }

    /// Puts a descriptor on the list, level-triggered, to be named by `token` in its events.
    pub(super) fn watch(&self, fd: impl AsFd, flags: EpollFlags, token: u64) -> nix::Result<()> {
        self.0.add(fd, EpollEvent::new(flags, token))
    }

    /// As [`watch`](Self::watch), for something to read.
    pub(super) fn watch_input(&self, fd: impl AsFd, token: u64) -> nix::Result<()> {
        self.watch(fd, EpollFlags::EPOLLIN, token)
    }

    /// The tokens of what is ready now, as many as there is `room` for. Never sleeps.
    pub(super) fn ready(&self, room: usize) -> nix::Result<Vec<u64>> {
        self.wait(room, EpollTimeout::ZERO)
    }

    /// As [`ready`](Self::ready), but sleeps until there is something, for two seconds at most.
    pub(super) fn sleep(&self, room: usize) -> nix::Result<Vec<u64>> {
        self.wait(room, EpollTimeout::from(2_000_u16))
    }

    fn wait(&self, room: usize, timeout: EpollTimeout) -> nix::Result<Vec<u64>> {
        let mut events = vec![EpollEvent::empty(); room];
        let filled = self.0.wait(&mut events, timeout)?;
        Ok(events[..filled].iter().map(EpollEvent::data).collect())
    }

    /// How many entries the kernel shows on the list (proc_pid_fdinfo(5)).
    pub(super) fn entries(&self) -> usize {
        let own = Process::new(std::process::id().cast_signed());
        own.interests(self.0.0.as_raw_fd()).len()
    }

    /// The epoll itself, which is a descriptor, too.
    pub(super) const fn epoll(&self) -> &Epoll {
        &self.0
    }
}

/// Returns what became of a call: "done", or the name of its error.
pub(super) fn outcome<T>(result: nix::Result<T>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(errno) => format!("{errno:?}"),
    }
}
