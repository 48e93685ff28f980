//! Clients that send and do not read.

use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::client::WATCH;
use crate::{Client, eventually, net, pattern};

impl Client {
    /// Sends and never reads, until the connection takes no more for a while, or `limit` bytes are
    /// sent. Gives how many were.
    pub fn push(&self, limit: usize) -> usize {
        push_all([self], limit)[0]
    }

    /// As [`push`](Self::push), until the server itself is held back: it has bytes that it cannot
    /// send, and leaves others unread. (That the connection takes no more may also mean that the
    /// server has not run for a while.)
    pub fn push_until_held_back(&self, limit: usize) -> usize {
        let mut sent = vec![0];
        eventually("the server is held back", || {
            push_on(&[self], &mut sent, limit);
            let socket = net::connection(self.peer(), self.address());
            socket.is_some_and(|socket| socket.unsent > 0 && socket.unread > 0)
        });
        sent[0]
    }
}

/// As [`Client::push`], for several at the same time: each sends bytes of [`pattern`], from its start.
pub fn push_all<'a>(clients: impl IntoIterator<Item = &'a Client>, limit: usize) -> Vec<usize> {
    let clients: Vec<&Client> = clients.into_iter().collect();
    let mut sent = vec![0; clients.len()];
    push_on(&clients, &mut sent, limit);
    sent
}

/// As [`push_all`], when so much was `sent` already.
fn push_on(clients: &[&Client], sent: &mut [usize], limit: usize) {
    set_blocking(clients, false);
    while any_has_room(clients, sent, limit) {
        for (client, sent) in clients.iter().zip(&mut *sent) {
            let room = (limit - *sent).min(65_536);
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

/// Whether a client that is below the limit can send, now or in a while.
fn any_has_room(clients: &[&Client], sent: &[usize], limit: usize) -> bool {
    let below = clients.iter().zip(sent).filter(|&(_, &sent)| sent < limit);
    let mut fds: Vec<PollFd> = below
        .map(|(client, _)| PollFd::new(client.stream().as_fd(), PollFlags::POLLOUT))
        .collect();
    poll(&mut fds, PollTimeout::from(WATCH)).is_ok_and(|ready| ready > 0)
}
