//! The backend that a proxy is given: the case itself says what it does.

use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{self, Backlog};

use crate::readiness::wait_ready;
use crate::{Client, deadline, fresh_address};

/// The length of the hello by which a client names itself.
pub(super) const HELLO: usize = 8;

/// The most spare connections that a proxy may have open.
const MOST: usize = 4_096;

/// A listener whose connections are those of the proxy.
#[derive(Debug)]
pub(super) struct Backend {
    listener: TcpListener,
    address: SocketAddr,
    /// Connections that no client has claimed yet.
    unclaimed: RefCell<Vec<Unclaimed>>,
}

#[derive(Debug)]
struct Unclaimed {
    end: Client,
    /// The first bytes on it, once they are here.
    hello: Option<[u8; HELLO]>,
}

impl Backend {
    /// Listens at an address of its own.
    pub(super) fn new() -> Self {
        Self::at(fresh_address())
    }

    /// Listens at `address`.
    pub(super) fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).and_then(|listener| {
            socket::listen(&listener, Backlog::MAXALLOWABLE)?;
            listener.set_nonblocking(true)?;
            Ok((listener.local_addr()?, listener))
        });
        let (address, listener) =
            listener.unwrap_or_else(|error| panic!("no backend at {address}: {error}"));
        Self {
            listener,
            address,
            unclaimed: RefCell::default(),
        }
    }

    /// Where it listens.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts what waits in the queue.
    pub(super) fn accept_waiting(&self) {
        let mut unclaimed = self.unclaimed.borrow_mut();
        while let Ok((stream, _)) = self.listener.accept() {
            let blocks = stream.set_nonblocking(false);
            blocks.unwrap_or_else(|error| panic!("cannot clear O_NONBLOCK: {error}"));
            unclaimed.push(Unclaimed {
                end: Client::of(stream, "the backend: "),
                hello: None,
            });
            assert!(
                unclaimed.len() < MOST,
                "the proxy opens connection after connection to its backend: {MOST} so far"
            );
        }
    }

    /// Returns the connection on which `hello` comes first, without it.
    ///
    /// # Panics
    ///
    /// If it does not come before the deadline.
    #[track_caller]
    pub(super) fn accept_for(&self, hello: [u8; HELLO]) -> Client {
        let found = self.look_for(hello, deadline());
        found.unwrap_or_else(|| {
            let others = self.unclaimed.borrow().len();
            panic!(
                "the backend: waited {} s for a connection with the first bytes of a client, and got none ({others} others are open)",
                deadline().as_secs()
            )
        })
    }

    /// Returns the connection on which `hello` comes first, if it is there within `time`.
    pub(super) fn look_for(&self, hello: [u8; HELLO], time: Duration) -> Option<Client> {
        let end = Instant::now() + time;
        loop {
            self.accept_waiting();
            self.unclaimed.borrow_mut().retain_mut(Unclaimed::is_open);
            let mut unclaimed = self.unclaimed.borrow_mut();
            let at = unclaimed.iter().position(|one| one.hello == Some(hello));
            if let Some(at) = at {
                let end = unclaimed.swap_remove(at).end;
                end.expect(&hello);
                return Some(end);
            }
            if Instant::now() >= end {
                return None;
            }
            let silent = unclaimed.iter().filter(|one| one.hello.is_none());
            let silent = silent.map(|one| one.end.stream().as_fd());
            let all = silent.chain([self.listener.as_fd()]);
            let mut fds: Vec<_> = all.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
            wait_ready(&mut fds, 50);
        }
    }

    /// Sends `bytes` on each connection that no client has claimed yet, of those that come from now on.
    pub(super) fn greet(&self, bytes: &[u8]) -> usize {
        let before = self.unclaimed.borrow().len();
        self.accept_waiting();
        let unclaimed = self.unclaimed.borrow();
        let new = &unclaimed[before..];
        // The connection of a client that is gone may be gone.
        new.iter()
            .for_each(|one| drop(std::io::Write::write(&mut one.end.stream(), bytes)));
        new.len()
    }

    /// Makes the queue of the listener full, so that the next connection gets no answer. Returns what fills it.
    pub(super) fn fill_queue(&self) -> Vec<TcpStream> {
        let smallest = Backlog::new(0).and_then(|least| socket::listen(&self.listener, least));
        assert_eq!(smallest, Ok(()), "cannot shorten a queue");
        let mut inside = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&self.address, Duration::from_millis(300))
        {
            inside.push(stream);
            assert!(
                inside.len() < 64,
                "a queue of length 0 still took 64 connections"
            );
        }
        inside
    }
}

impl Unclaimed {
    /// Returns whether it has not ended without a hello; reads the hello if it is there.
    fn is_open(&mut self) -> bool {
        let mut bytes = [0; HELLO];
        if self.hello.is_some() || !self.end.is_readable(0) {
            return true;
        }
        match self.end.peek(&mut bytes) {
            Ok(HELLO) => {
                self.hello = Some(bytes);
                true
            }
            Ok(0) | Err(_) => false,
            Ok(_) => true,
        }
    }
}

/// Returns an address at which nobody listens.
pub fn nobody() -> SocketAddr {
    Backend::new().address()
}
