//! A proxy between clients and a backend, both in the hands of a case.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use nix::poll::{PollFd, PollFlags};

use super::backend::{Backend, HELLO};
use crate::client::WATCH;
use crate::net::{Socket, unacknowledged};
use crate::readiness::wait_ready;
use crate::{
    Client, Faults, PLENTY, Server, Subject, deadline, eventually, eventually_or, pattern,
};

/// A proxy, and the backend that it was given.
#[derive(Debug)]
pub(super) struct Stand {
    pub(super) backend: Backend,
    pub(super) proxy: Server,
}

/// Both ends of what a proxy connects.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) client: Client,
    pub(super) backend: Client,
}

impl Stand {
    pub(super) fn start(subject: &Subject) -> Self {
        Self::start_with(subject, &Faults::default())
    }

    pub(super) fn start_with(subject: &Subject, faults: &Faults) -> Self {
        let backend = Backend::new();
        let proxy = subject.before(backend.address()).start_with(faults);
        Self { backend, proxy }
    }

    /// Connects a client, which says hello, and finds the connection on which the hello arrives.
    #[track_caller]
    pub(super) fn pair(&self) -> Pair {
        let (client, hello) = self.greeted();
        let backend = self.backend.accept_for(hello);
        Pair { client, backend }
    }

    /// As [`pair`](Self::pair); the buffers of both ends are small.
    #[track_caller]
    pub(super) fn small_pair(&self) -> Pair {
        let Pair { client, backend } = self.pair();
        Pair {
            client: client.with_small_buffers(),
            backend: backend.with_small_buffers(),
        }
    }

    /// Connects a client, which says nothing.
    #[track_caller]
    pub(super) fn client(&self) -> Client {
        connect(&self.proxy)
    }

    /// Connects a client, and has it say hello.
    #[track_caller]
    pub(super) fn greeted(&self) -> (Client, [u8; HELLO]) {
        let (client, hello) = (self.client(), new_hello());
        // Fails if the proxy has turned the client away by now: then no backend sees it.
        let _ = client.stream().write(&hello);
        (client, hello)
    }

    /// Has one end send and never stop, until the proxy is held back: it leaves bytes unread, and takes no more after it
    /// has had its turn. Returns how many bytes of [`pattern`] it has sent, [`PLENTY`] at most.
    #[track_caller]
    pub(super) fn push(&self, from: &Client) -> usize {
        let mut sent = 0;
        let unread = || {
            let socket = Socket::facing(self.proxy.process(), from);
            socket.map_or(0, |socket| socket.unread())
        };
        eventually_or(
            "the proxy to be held back by an end that does not read",
            || {
                push_on(from, &mut sent);
                let left = unread();
                sent >= PLENTY
                    || left > 0 && {
                        self.proxy.has_its_turn();
                        unread() == left
                    }
            },
            || "it neither leaves bytes unread nor takes any more of them".to_owned(),
        );
        sent
    }

    /// Has one end send until the proxy leaves something unread, and no more: all of it has arrived at the proxy. Returns
    /// how many bytes of [`pattern`] it has sent.
    #[track_caller]
    pub(super) fn push_gently(&self, from: &Client) -> usize {
        const STEP: usize = 16_384;
        let is_left = || {
            let socket = Socket::facing(self.proxy.process(), from);
            socket.is_some_and(|socket| socket.unread() > 0)
        };
        for sent in (STEP..PLENTY).step_by(STEP) {
            from.send_pattern(sent - STEP, STEP);
            let arrived = || unacknowledged(from.stream()) == 0;
            eventually("bytes to arrive at the proxy", arrived);
            self.proxy.has_its_turn();
            if is_left() {
                return sent;
            }
        }
        panic!("the proxy took 64 MiB for an end that reads nothing");
    }
}

impl Pair {
    /// Sends a few bytes each way; they have to arrive.
    #[track_caller]
    pub(super) fn talk(&self, words: &[u8]) {
        self.client.send(words);
        self.backend.expect(words);
        self.backend.send(words);
        self.client.expect(words);
    }

    /// Has both ends close, one after the other.
    #[track_caller]
    pub(super) fn close(self) {
        self.client.half_close();
        self.backend.expect_eof();
        drop(self.backend);
        self.client.expect_eof();
    }
}

/// Checks that a proxy without a backend turns its client away. The reset may come before `connect` has returned.
#[track_caller]
pub(super) fn expect_turned_away(proxy: &Server) {
    match TcpStream::connect_timeout(&proxy.address(), deadline()) {
        Ok(stream) => Client::of(stream, "the client: ").expect_turned_away(),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("cannot connect to the proxy: {error}"),
    }
}

/// Connects a client to a proxy.
#[track_caller]
fn connect(proxy: &Server) -> Client {
    proxy.connect().called("the client: ")
}

/// Bytes that no other client says first.
fn new_hello() -> [u8; HELLO] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes()
}

/// Sends until there is no room for a while, when so much was `sent` already.
fn push_on(from: &Client, sent: &mut usize) {
    let stream = from.stream();
    let set = |nonblocking| {
        let set = stream.set_nonblocking(nonblocking);
        set.unwrap_or_else(|error| panic!("cannot change O_NONBLOCK: {error}"));
    };
    set(true);
    let mut room = [PollFd::new(stream.as_fd(), PollFlags::POLLOUT)];
    while *sent < PLENTY && wait_ready(&mut room, WATCH) {
        match (&mut &*stream).write(pattern(*sent, 65_536)) {
            Ok(length) => *sent += length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("cannot send after {sent} bytes: {error}"),
        }
    }
    set(false);
}

/// Sends `length` bytes of [`pattern`] from one end to the other, `offset` bytes from its start.
#[track_caller]
pub(super) fn stream(from: &Client, to: &Client, offset: usize, length: usize) {
    thread::scope(|scope| {
        let sender = scope.spawn(|| from.send_pattern(offset, length));
        to.expect_pattern(offset, length);
        if let Err(panic) = sender.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// A subject whose command names a backend.
impl Subject {
    /// Returns this proxy with `{backend}` filled in.
    pub fn before(&self, backend: SocketAddr) -> Self {
        let (ip, port) = (backend.ip().to_string(), backend.port().to_string());
        let fill_in = |word: &std::ffi::OsString| match word.to_str() {
            Some(word) => word
                .replace("{backend}", &backend.to_string())
                .replace("{backend-ip}", &ip)
                .replace("{backend-port}", &port)
                .into(),
            None => word.clone(),
        };
        Self {
            command: self.command.iter().map(fill_in).collect(),
            ..self.clone()
        }
    }
}
