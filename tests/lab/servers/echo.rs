//! An echo server that is right: standard sockets, one thread, epoll. What another server does otherwise, it
//! overrides, so that the difference is all that it shows.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use nix::sys::epoll::EpollFlags;
use nix::sys::signal::{SigSet, Signal};

use crate::selector::{Epoll, Selector};
pub(crate) use crate::server::{Server, run};
use crate::sockets::{has_unread_bytes, ignored_signals};

/// Bytes that are read at a time, and so the most that is kept for a client.
const BUFFER: usize = 16_384;

/// A client, and the bytes that it was sent but has not taken yet. While there are any, it is not read: that holds it
/// back, and bounds the memory that it costs.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    pub(crate) pending: Vec<u8>,
    pub(crate) eof: bool,
    /// Whether the server ends, and all that had arrived before is read.
    pub(crate) is_done: bool,
}

impl Connection {
    /// Reads once, and adds what has come to what is pending.
    pub(crate) fn receive(&mut self) -> io::Result<()> {
        let mut buffer = [0; BUFFER];
        let length = self.stream.read(&mut buffer)?;
        self.eof = length == 0;
        self.pending.extend_from_slice(&buffer[..length]);
        Ok(())
    }
}

/// What a server does in its own way, and how the right one does it.
pub(crate) trait Manners: Sized {
    /// Whether it binds to a port on which old connections are in TIME_WAIT.
    const REUSES_ADDRESS: bool = true;
    /// How it watches its listener.
    const LISTENER: EpollFlags = EpollFlags::EPOLLIN;
    /// How long it sleeps at most when it has nothing to look for.
    const SLEEP: Option<Duration> = None;

    /// Makes what it waits with.
    fn selector() -> io::Result<Box<dyn Selector>> {
        Ok(Box::new(Epoll::new()?))
    }

    /// Returns the signals that end it. A signal that was ignored at the start, as by a shell for a program in the
    /// background, stays ignored.
    fn ends_by() -> io::Result<SigSet> {
        let ignored = ignored_signals()?;
        let both = [Signal::SIGTERM, Signal::SIGINT].into_iter();
        Ok(both.filter(|signal| !ignored.contains(*signal)).collect())
    }

    /// Returns what a connection waits for; nothing once it is finished.
    fn interest(connection: &Connection) -> EpollFlags {
        match (connection.pending.is_empty(), connection.eof) {
            (false, _) => EpollFlags::EPOLLOUT,
            (true, false) => EpollFlags::EPOLLIN,
            (true, true) => EpollFlags::empty(),
        }
    }

    /// Does one step of what it waits for.
    fn on_ready(connection: &mut Connection, _events: EpollFlags) -> io::Result<()> {
        if connection.pending.is_empty() {
            Self::read(connection)
        } else {
            Self::flush(connection)
        }
    }

    fn read(connection: &mut Connection) -> io::Result<()> {
        connection.receive()?;
        Self::flush(connection)
    }

    /// Sends what can be sent; a short write leaves the rest.
    fn flush(connection: &mut Connection) -> io::Result<()> {
        while !connection.pending.is_empty() {
            let sent = connection.stream.write(&connection.pending)?;
            connection.pending.drain(..sent);
        }
        Ok(())
    }

    fn has_unread_bytes(connection: &Connection) -> bool {
        has_unread_bytes(&connection.stream)
    }

    /// Lets in a client, or turns it away.
    fn admit(server: &mut Server<Self>, stream: TcpStream) -> io::Result<()> {
        server.add(stream)
    }

    /// Takes a shortage of descriptors: the others are asked in later, and not in a loop.
    fn on_shortage(server: &mut Server<Self>) -> io::Result<()> {
        server.leave_listener_alone()
    }

    /// Takes the loss of a connection, which concerns nobody else.
    fn on_reset(server: &mut Server<Self>, number: RawFd, _error: io::Error) -> io::Result<()> {
        server.drop(number)
    }

    /// Takes a signal.
    fn on_signal(server: &mut Server<Self>) -> io::Result<()> {
        // The next one ends it.
        server.ends_by.thread_unblock()?;
        server.finish()
    }

    /// Closing the listener resets those who are left in its queue: they are let in first.
    fn empty_the_queue(server: &mut Server<Self>) -> io::Result<()> {
        while server.accept()? {}
        Ok(())
    }

    /// Returns whether a server that ends has ended.
    fn is_over(server: &Server<Self>, drained_at: Instant) -> bool {
        server.connections.is_empty() || Instant::now() >= drained_at
    }
}

/// The one that is right.
pub(crate) struct Echo;

impl Manners for Echo {}
