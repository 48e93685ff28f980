//! Three ways to wait for one of many descriptors, behind one interface.

use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::time::{TimeVal, TimeValLike};

/// Events that one epoll wait returns; poll and select return all.
const EVENTS: usize = 1024;

/// A way to wait for descriptors. Each has a place, a number that the program chose.
pub(super) trait Notifier<'fd> {
    /// Starts or stops watching a descriptor for input. At first, all places are added in order.
    fn watch(&mut self, fd: BorrowedFd<'fd>, place: usize, is_on: bool) -> nix::Result<()>;
    /// Waits up to `limit` until something is ready, and puts the places that are ready into `ready`.
    fn wait(&mut self, limit: PollTimeout, ready: &mut Vec<usize>) -> nix::Result<()>;
}

/// Their names, in the order of [`one_of_each`].
pub(super) const NAMES: [&str; 3] = ["select", "poll", "epoll"];

/// A way to wait, and its name.
pub(super) type Named<'fd> = (&'static str, Box<dyn Notifier<'fd> + 'fd>);

/// Returns one of each, watching `fds`; a descriptor's place is its index in the list.
pub(super) fn one_of_each<'fd>(fds: &[BorrowedFd<'fd>]) -> nix::Result<[Named<'fd>; 3]> {
    let epoll = EpollWait {
        epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
        events: vec![EpollEvent::empty(); EVENTS],
    };
    let mut all: [Named<'fd>; 3] = [
        (NAMES[0], Box::new(Select::default())),
        (NAMES[1], Box::new(Poll::default())),
        (NAMES[2], Box::new(epoll)),
    ];
    for (_, notifier) in &mut all {
        for (place, fd) in fds.iter().enumerate() {
            notifier.watch(*fd, place, true)?;
        }
    }
    Ok(all)
}

/// select(2) with the program's own bitmaps: the kernel takes them at any length, and only the C library's type ends at
/// 1,024.
#[derive(Debug, Default)]
struct Select {
    /// A bit for each watched descriptor.
    watched: Vec<u64>,
    /// The copy that the kernel receives and changes.
    found: Vec<u64>,
    /// The place of each descriptor.
    places: Vec<usize>,
}

impl<'fd> Notifier<'fd> for Select {
    fn watch(&mut self, fd: BorrowedFd<'fd>, place: usize, is_on: bool) -> nix::Result<()> {
        let fd = fd.as_raw_fd() as usize;
        if self.places.len() <= fd {
            self.places.resize(fd + 1, 0);
            self.watched.resize(fd / 64 + 1, 0);
        }
        self.places[fd] = place;
        self.watched[fd / 64] &= !(1 << (fd % 64));
        self.watched[fd / 64] |= u64::from(is_on) << (fd % 64);
        Ok(())
    }

    fn wait(&mut self, limit: PollTimeout, ready: &mut Vec<usize>) -> nix::Result<()> {
        self.found.clone_from(&self.watched);
        let mut at_once = *TimeVal::zero().as_ref();
        let limit = match limit {
            PollTimeout::NONE => ptr::null_mut(),
            _ => &raw mut at_once,
        };
        let bits = self.found.as_mut_ptr().cast();
        let count = self.places.len() as libc::c_int;
        // SAFETY: the kernel reads and writes as many bits as it is told, rounded up to a whole word, which may be more
        // than an fd_set has: `count` bits exist, in words.
        let result = unsafe { libc::select(count, bits, ptr::null_mut(), ptr::null_mut(), limit) };
        Errno::result(result)?;
        for (number, word) in self.found.iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                ready.push(self.places[number * 64 + word.trailing_zeros() as usize]);
                word &= word - 1;
            }
        }
        Ok(())
    }
}

/// poll(2) with an entry at each place; an unwatched one asks for no events.
#[derive(Debug, Default)]
struct Poll<'fd> {
    fds: Vec<PollFd<'fd>>,
}

impl<'fd> Notifier<'fd> for Poll<'fd> {
    fn watch(&mut self, fd: BorrowedFd<'fd>, place: usize, is_on: bool) -> nix::Result<()> {
        if self.fds.len() <= place {
            self.fds.push(PollFd::new(fd, PollFlags::empty()));
        }
        let events = if is_on {
            PollFlags::POLLIN
        } else {
            PollFlags::empty()
        };
        self.fds[place].set_events(events);
        Ok(())
    }

    fn wait(&mut self, limit: PollTimeout, ready: &mut Vec<usize>) -> nix::Result<()> {
        poll(&mut self.fds, limit)?;
        let found = self.fds.iter().enumerate();
        let found = found.filter(|(_, fd)| fd.any() == Some(true));
        ready.extend(found.map(|(place, _)| place));
        Ok(())
    }
}

/// epoll(7), level-triggered.
#[derive(Debug)]
struct EpollWait {
    epoll: Epoll,
    events: Vec<EpollEvent>,
}

impl<'fd> Notifier<'fd> for EpollWait {
    fn watch(&mut self, fd: BorrowedFd<'fd>, place: usize, is_on: bool) -> nix::Result<()> {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, place as u64);
        if is_on {
            self.epoll.add(fd, event)
        } else {
            self.epoll.delete(fd)
        }
    }

    fn wait(&mut self, limit: PollTimeout, ready: &mut Vec<usize>) -> nix::Result<()> {
        let found = self.epoll.wait(&mut self.events, limit)?;
        let found = self.events[..found].iter();
        ready.extend(found.map(|event| event.data() as usize));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use nix::sys::eventfd::{EfdFlags, EventFd};

    use super::*;

    #[test]
    fn each_finds_what_is_ready_and_nothing_else() -> nix::Result<()> {
        let events: Vec<EventFd> = (0..70)
            .map(|_| EventFd::from_flags(EfdFlags::EFD_NONBLOCK))
            .collect::<Result<_, _>>()?;
        let fds: Vec<_> = events.iter().map(AsFd::as_fd).collect();
        for (name, mut notifier) in one_of_each(&fds)? {
            let mut ready = Vec::new();
            notifier.wait(PollTimeout::ZERO, &mut ready)?;
            assert!(ready.is_empty(), "{name}: {ready:?}");
            for place in [3, 68] {
                events[place].write(1)?;
            }
            notifier.wait(PollTimeout::NONE, &mut ready)?;
            ready.sort_unstable();
            assert_eq!(ready, [3, 68], "{name}");
            notifier.watch(fds[3], 3, false)?;
            ready.clear();
            notifier.wait(PollTimeout::ZERO, &mut ready)?;
            assert_eq!(ready, [68], "{name}: one is watched no more");
            for place in [3, 68] {
                events[place].read()?;
            }
        }
        Ok(())
    }
}
