//! What a wait is for, and what it has found.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use crate::{Acceptor, Connection, Interest};

/// Returns what a loop waits for: the listener, while clients can be accepted, and each connection.
pub fn interests<'a>(
    acceptor: &'a Acceptor,
    connections: &'a [Connection],
) -> impl Iterator<Item = (BorrowedFd<'a>, Interest)> {
    let listener = acceptor.listener().zip(acceptor.interest());
    let connections = connections.iter();
    let connections = connections.filter_map(|one| Some((one.as_fd(), one.interest()?)));
    listener.into_iter().chain(connections)
}

/// The descriptors that a wait has found ready. The set describes the moment when the wait ended: once
/// a descriptor is closed, its number may name another file.
#[derive(Debug, Default)]
pub struct Ready {
    /// Whether the descriptor of that number is ready.
    by_number: Vec<bool>,
}

impl Ready {
    /// Returns whether `fd` is ready. `None` is never ready.
    pub fn contains<'fd>(&self, fd: impl Into<Option<BorrowedFd<'fd>>>) -> bool {
        let place = fd.into().and_then(place);
        place.is_some_and(|place| self.by_number.get(place) == Some(&true))
    }
}

impl<Fd: AsFd> FromIterator<Fd> for Ready {
    fn from_iter<I: IntoIterator<Item = Fd>>(fds: I) -> Self {
        let mut by_number = Vec::new();
        for place in fds.into_iter().filter_map(|fd| place(fd.as_fd())) {
            by_number.resize(by_number.len().max(place + 1), false);
            by_number[place] = true;
        }
        Self { by_number }
    }
}

fn place(fd: BorrowedFd) -> Option<usize> {
    usize::try_from(fd.as_raw_fd()).ok()
}
