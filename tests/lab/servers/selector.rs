//! What a server waits with.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::epoll::{
    Epoll as Descriptor, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout,
};
use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};

/// What tells a server which of its descriptors are ready.
pub(crate) trait Selector {
    /// Watches a descriptor for `interest`, or from now on for this instead.
    fn set(&mut self, number: RawFd, interest: EpollFlags) -> io::Result<()>;

    /// Watches a descriptor no more.
    fn forget(&mut self, number: RawFd) -> io::Result<()>;

    /// Waits, and returns the descriptors that are ready, and for what.
    fn wait(&mut self, limit: Option<Duration>) -> io::Result<Vec<(RawFd, EpollFlags)>>;
}

/// epoll(7).
pub(crate) struct Epoll(Descriptor);

impl Epoll {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(Descriptor::new(EpollCreateFlags::EPOLL_CLOEXEC)?))
    }
}

impl Selector for Epoll {
    fn set(&mut self, number: RawFd, interest: EpollFlags) -> io::Result<()> {
        let mut event = EpollEvent::new(interest, u64::from(number.cast_unsigned()));
        match self.0.modify(borrowed(number), &mut event) {
            Err(Errno::ENOENT) => Ok(self.0.add(borrowed(number), event)?),
            outcome => Ok(outcome?),
        }
    }

    fn forget(&mut self, number: RawFd) -> io::Result<()> {
        Ok(self.0.delete(borrowed(number))?)
    }

    fn wait(&mut self, limit: Option<Duration>) -> io::Result<Vec<(RawFd, EpollFlags)>> {
        let mut events = [EpollEvent::empty(); 64];
        let milliseconds = |limit: Duration| limit.as_micros().div_ceil(1_000) as u16;
        let limit = limit.map_or(EpollTimeout::NONE, |limit| milliseconds(limit).into());
        let number = match self.0.wait(&mut events, limit) {
            Err(Errno::EINTR) => 0,
            outcome => outcome?,
        };
        let ready = events[..number].iter();
        Ok(ready
            .map(|event| (event.data() as RawFd, event.events()))
            .collect())
    }
}

/// select(2).
#[derive(Default)]
pub(crate) struct Select(BTreeMap<RawFd, EpollFlags>);

impl Select {
    /// Returns those that wait for `event`. (A descriptor that does not fit into a set ends the program.)
    fn waiting(&self, event: EpollFlags) -> FdSet<'_> {
        let mut set = FdSet::new();
        let all = self
            .0
            .iter()
            .filter(|(_, interest)| interest.contains(event));
        all.for_each(|(number, _)| set.insert(borrowed(*number)));
        set
    }
}

impl Selector for Select {
    fn set(&mut self, number: RawFd, interest: EpollFlags) -> io::Result<()> {
        self.0.insert(number, interest);
        Ok(())
    }

    fn forget(&mut self, number: RawFd) -> io::Result<()> {
        self.0.remove(&number);
        Ok(())
    }

    fn wait(&mut self, limit: Option<Duration>) -> io::Result<Vec<(RawFd, EpollFlags)>> {
        let (read, write) = (EpollFlags::EPOLLIN, EpollFlags::EPOLLOUT);
        let (mut readable, mut writable) = (self.waiting(read), self.waiting(write));
        let mut limit = limit.map(|limit| TimeVal::microseconds(limit.as_micros() as i64));
        // Left out, nix looks through whole sets for it; unoptimized, that is most of what a round costs.
        let beyond_the_last = self.0.keys().next_back().map(|last| last + 1);
        match select(
            beyond_the_last,
            &mut readable,
            &mut writable,
            None,
            &mut limit,
        ) {
            Err(Errno::EINTR) => return Ok(Vec::new()),
            outcome => outcome?,
        };
        let all = self.0.keys().map(|number| borrowed(*number));
        let ready = |fd: BorrowedFd<'_>| match (readable.contains(fd), writable.contains(fd)) {
            (true, _) => Some(read),
            (_, true) => Some(write),
            _ => None,
        };
        let number = |fd: BorrowedFd<'_>| std::os::fd::AsRawFd::as_raw_fd(&fd);
        Ok(all
            .filter_map(|fd| Some((number(fd), ready(fd)?)))
            .collect())
    }
}

fn borrowed(number: RawFd) -> BorrowedFd<'static> {
    // SAFETY: a descriptor that is closed could be another's by now. A watched descriptor is owned by the server, which
    // takes it off the list before it is closed.
    unsafe { BorrowedFd::borrow_raw(number) }
}
