//! An HTTP connection: one request after the other, each answered in full before the next.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use http_rules::MAX_HEAD;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use stage_01::retry;
use stage_04::Interest;
use stage_05::is_socket_quiet;

use crate::pages::{TURN, Transfer};
use crate::{Site, Timeouts};

/// A client that asks for files.
#[derive(Debug)]
pub struct Session {
    stream: TcpStream,
    state: State,
    /// When the session began to wait for what it waits for now.
    since: Instant,
    eof: bool,
}

#[derive(Debug)]
enum State {
    /// Waits for a request's head, of which this has come. Has no memory while it is empty.
    Head(Vec<u8>),
    /// Sends an answer.
    Sending(Box<Sending>),
    /// Has sent its last answer. A close with unread bytes in the socket would be a reset, and could
    /// destroy the answer before the client has read it. So what still comes is read and thrown away,
    /// for some time (RFC 9112, section 9.6).
    Linger,
}

#[derive(Debug)]
struct Sending {
    transfer: Transfer,
    /// What has come of the requests after it. `None` if it is the last answer.
    rest: Option<Vec<u8>>,
}

impl Session {
    /// Makes `stream` non-blocking.
    ///
    /// # Errors
    ///
    /// Returns the error of ioctl(2), FIONBIO.
    pub fn new(stream: TcpStream, site: &mut Site) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let session = Self {
            stream,
            state: State::Head(Vec::new()),
            since: site.now,
            eof: false,
        };
        site.timer.arm(session.deadline(&site.timeouts));
        Ok(session)
    }

    /// Returns what to wait for, or `None` when the connection is finished.
    pub const fn interest(&self) -> Option<Interest> {
        match self.state {
            State::Sending(_) => Some(Interest::Write),
            _ if self.eof => None,
            _ => Some(Interest::Read),
        }
    }

    /// Returns when the client has to have done what the session waits for.
    pub fn deadline(&self, timeouts: &Timeouts) -> Instant {
        let time = match &self.state {
            State::Head(received) if received.is_empty() => timeouts.idle,
            State::Head(_) => timeouts.head,
            State::Sending(_) => timeouts.stalled,
            State::Linger => timeouts.linger,
        };
        self.since + time
    }

    /// Returns whether the client has let its deadline pass. It has not if what the session waits for is
    /// there: then this server is late, because it was stopped or has too much to do. (A client that
    /// lingers could go on sending forever.)
    pub fn is_overdue(&self, timeouts: &Timeouts) -> bool {
        Instant::now() >= self.deadline(timeouts) && !self.is_ready()
    }

    fn is_ready(&self) -> bool {
        let flags = match self.state {
            State::Head(_) => PollFlags::POLLIN,
            State::Sending(_) => PollFlags::POLLOUT,
            State::Linger => return false,
        };
        // If that cannot be told, the next look will.
        poll(&mut [PollFd::new(self.as_fd(), flags)], PollTimeout::ZERO) != Ok(0)
    }

    /// Reads once, if the session does not wait for room, and sends what can be sent in one turn. A client whose
    /// file was cut before a byte was sent, so that nothing was promised yet, is to be sent an error. Returns
    /// what to wait for after that. An error finishes this connection, and no other.
    pub fn on_ready(&mut self, scratch: &mut [u8], site: &mut Site) -> Option<Interest> {
        let step = match &self.state {
            // Its file may have been cut while this client was not writable.
            State::Sending(sending) => sending.transfer.check(&mut site.cache),
            _ => self.on_readable(scratch, site.now),
        };
        match step.and_then(|()| self.advance(site)) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof && self.is_unsent() => {
                let (transfer, rest) = (site.begin_failure(), None);
                self.state = State::Sending(Box::new(Sending { transfer, rest }));
            }
            Err(error) if error.kind() != ErrorKind::WouldBlock => return None,
            _ => {}
        }
        site.timer.arm(self.deadline(&site.timeouts));
        self.interest()
    }

    fn is_unsent(&self) -> bool {
        matches!(&self.state, State::Sending(sending) if sending.transfer.is_unsent())
    }

    fn on_readable(&mut self, scratch: &mut [u8], now: Instant) -> io::Result<()> {
        let room = match &self.state {
            State::Head(received) => scratch.len().min(MAX_HEAD - received.len()),
            _ => scratch.len(),
        };
        let received = retry(|| self.stream.read(&mut scratch[..room]))?;
        self.eof = received == 0;
        if let State::Head(head) = &mut self.state {
            if head.is_empty() {
                self.since = now;
            }
            head.extend_from_slice(&scratch[..received]);
        }
        Ok(())
    }

    /// Answers the requests that have come, until a head is incomplete, the socket is full or this client
    /// has had its turn. If a turn ends between two answers, the next one is begun, so that the session
    /// waits for room: no event would report a request that has been read already.
    fn advance(&mut self, site: &mut Site) -> io::Result<()> {
        let mut sent = 0;
        loop {
            match &mut self.state {
                State::Head(received) => match site.begin_transfer(received) {
                    Some((transfer, next)) => {
                        let rest = next.map(|next| received.split_off(next));
                        self.state = State::Sending(Box::new(Sending { transfer, rest }));
                    }
                    None => return Ok(()),
                },
                State::Sending(_) if sent >= TURN => return Ok(()),
                State::Sending(sending) => {
                    sent += sending.transfer.send(&self.stream, &mut site.cache)?;
                    self.since = site.now;
                    if !sending.transfer.is_over() {
                        return Ok(());
                    }
                    self.state = match sending.rest.take() {
                        Some(rest) => State::Head(rest),
                        None => {
                            self.stream.shutdown(Shutdown::Write)?;
                            State::Linger
                        }
                    };
                }
                State::Linger => return Ok(()),
            }
        }
    }

    /// Returns whether nothing is under way on it: no request that has begun to come, and no answer.
    pub fn is_quiet(&self) -> bool {
        let is_idle = match &self.state {
            State::Head(received) => received.is_empty(),
            State::Sending(_) => false,
            State::Linger => true,
        };
        is_idle && is_socket_quiet(&self.stream)
    }
}

impl AsFd for Session {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
