//! One connection: what it has sent, and what came back.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, anyhow};
use nix::sys::epoll::{Epoll, EpollEvent, EpollFlags};
use nix::sys::socket::{setsockopt, sockopt};
use suite::pattern;

use super::plan::Plan;

/// The most bytes that one call may send or receive.
pub(super) const CHUNK: usize = 65_536;

/// A client's connection, which never blocks.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    /// Where its bytes begin in the pattern, different for each client.
    origin: usize,
    /// Bytes it had to send, has sent, and has received since it connected.
    pub(super) owed: u64,
    sent: u64,
    pub(super) received: u64,
    /// When the burst it waits for was due, in nanoseconds of the monotonic clock.
    pub(super) due: u64,
    /// The counts of received bytes that complete the next message and the burst.
    pub(super) message_end: u64,
    pub(super) burst_end: u64,
}

/// Why a client is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// The server closed the connection.
    Eof,
    /// It was reset.
    Reset,
    /// The bytes that came back differ from those sent; says how.
    Wrong(String),
}

impl Connection {
    /// Connects client `number`, and registers it: once, for both directions, edge-triggered. Nothing changes later,
    /// and the kernel does not look again at a client that was read until empty.
    pub(super) fn connect(plan: &Plan, number: usize, epoll: &Epoll) -> anyhow::Result<Self> {
        let address = plan.address;
        let stream = TcpStream::connect_timeout(&address, plan.patience);
        let stream = stream.map_err(|error| anyhow!(explain(address, number, &error)))?;
        prepare(&stream).context("cannot configure a client's socket")?;
        let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT | EpollFlags::EPOLLRDHUP;
        let event = EpollEvent::new(flags | EpollFlags::EPOLLET, number as u64);
        epoll.add(&stream, event).context("cannot watch a client")?;
        Ok(Self {
            stream,
            // Each begins at another place, so that a mix-up shows; but close by, so that the bytes they are about to
            // send stay in the core's cache.
            origin: number.wrapping_mul(61),
            owed: 0,
            sent: 0,
            received: 0,
            due: 0,
            message_end: 0,
            burst_end: 0,
        })
    }

    /// Returns whether everything this client had to send has come back.
    pub(super) const fn is_answered(&self) -> bool {
        self.received == self.owed
    }

    /// Sends `length` more bytes, as many as the socket takes now.
    pub(super) fn send(&mut self, length: u64) -> Result<(), Loss> {
        self.owed += length;
        self.send_owed()
    }

    /// Does what `ready` allows: receives, compares, and sends what could not be sent before.
    pub(super) fn on_ready(&mut self, ready: EpollFlags, scratch: &mut [u8]) -> Result<(), Loss> {
        let ended = EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR;
        if ready.intersects(ended | EpollFlags::EPOLLIN) {
            self.receive(scratch, ready.intersects(ended))?;
        }
        self.send_owed()
    }

    fn send_owed(&mut self) -> Result<(), Loss> {
        while self.sent < self.owed {
            let length = (self.owed - self.sent).min(CHUNK as u64) as usize;
            match (&self.stream).write(pattern(self.place(self.sent), length)) {
                Ok(sent) => self.sent += sent as u64,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Loss::Reset),
            }
        }
        Ok(())
    }

    /// Receives until a call returns less than it has room for: then nothing is left, and later data is a new edge.
    /// Once the kernel reports an end, it has to be read.
    fn receive(&mut self, scratch: &mut [u8], to_the_end: bool) -> Result<(), Loss> {
        loop {
            match (&self.stream).read(scratch) {
                Ok(0) => return Err(Loss::Eof),
                Ok(length) => {
                    self.compare(&scratch[..length])?;
                    if length < scratch.len() && !to_the_end {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Loss::Reset),
            }
        }
    }

    fn compare(&mut self, bytes: &[u8]) -> Result<(), Loss> {
        let expected = pattern(self.place(self.received), bytes.len());
        let mut pairs = (self.received..).zip(bytes.iter().zip(expected));
        if bytes != expected
            && let Some((at, (came, sent))) = pairs.find(|(_, (came, sent))| came != sent)
        {
            let what =
                format!("byte {at} of a client came back as {came:#04x}; {sent:#04x} was sent");
            return Err(Loss::Wrong(what));
        }
        self.received += bytes.len() as u64;
        match self.received.checked_sub(self.sent) {
            None | Some(0) => Ok(()),
            Some(more) => {
                let what = format!("{more} more bytes came back than the client had sent");
                Err(Loss::Wrong(what))
            }
        }
    }

    fn place(&self, offset: u64) -> usize {
        self.origin.wrapping_add(offset as usize)
    }
}

/// Makes closing reset the connection, however this process ends, because connections in TIME_WAIT would fill the
/// kernel's table. Nothing is held back for a fuller segment (tcp(7), TCP_NODELAY).
fn prepare(stream: &TcpStream) -> io::Result<()> {
    let (l_onoff, l_linger) = (1, 0);
    setsockopt(stream, sockopt::Linger, &libc::linger { l_onoff, l_linger })?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)
}

fn explain(address: SocketAddr, number: usize, error: &io::Error) -> String {
    let after = match number {
        0 => String::new(),
        number => format!(", after {number} clients"),
    };
    match error.raw_os_error() {
        Some(libc::ECONNREFUSED) => format!("nothing listens at {address}{after}"),
        Some(libc::EADDRNOTAVAIL) => format!(
            "no local port is left for another client of {address}{after}: \
             see /proc/sys/net/ipv4/ip_local_port_range"
        ),
        _ if error.kind() == ErrorKind::TimedOut => {
            format!("{address} lets nobody in{after}: its queue is full")
        }
        _ => format!("cannot connect to {address}{after}: {error}"),
    }
}
