//! An HTTP connection: one request after the other, each answered in full before the next.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use stage_01::retry;
use stage_04::Interest;
use stage_05::is_socket_quiet;

use http_rules::MAX_HEAD;

use crate::pages::{TURN, Transfer};
use crate::site::Site;

/// A client that asks for files.
#[derive(Debug)]
pub struct Session {
    stream: TcpStream,
    site: Rc<Site>,
    state: State,
    /// When what it waits for now began to be waited for.
    since: Instant,
    eof: bool,
}

#[derive(Debug)]
enum State {
    /// Waits for a request's head, of which this has come. Has no memory while it is empty.
    Head(Vec<u8>),
    /// Sends an answer.
    Answer(Box<Sending>),
    /// Has sent its last answer. A close with unread bytes in the socket would be a reset, and the
    /// client could lose the answer by it: so what still comes is read and thrown away, for some time
    /// (RFC 9112, section 9.6).
    Linger,
}

#[derive(Debug)]
struct Sending {
    transfer: Transfer,
    /// What has come of the requests after it. `None`: it is the last answer.
    rest: Option<Vec<u8>>,
}

impl Session {
    /// Makes `stream` non-blocking, and has it send each answer at once: the end of one is not to wait
    /// until the client has acknowledged the one before (tcp(7), TCP_NODELAY).
    ///
    /// # Errors
    ///
    /// Those of ioctl(2), FIONBIO, and setsockopt(2).
    pub fn new(stream: TcpStream, site: Rc<Site>) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let session = Self {
            stream,
            since: site.now(),
            site,
            state: State::Head(Vec::new()),
            eof: false,
        };
        session.site.timer.arm(session.deadline());
        Ok(session)
    }

    /// What to wait for.
    pub const fn interest(&self) -> Option<Interest> {
        match self.state {
            State::Answer(_) => Some(Interest::Write),
            _ if self.eof => None,
            _ => Some(Interest::Read),
        }
    }

    /// When the client has to have done what is waited for.
    pub fn deadline(&self) -> Instant {
        let timeouts = &self.site.timeouts;
        let time = match &self.state {
            State::Head(received) if received.is_empty() => timeouts.idle,
            State::Head(_) => timeouts.head,
            State::Answer(_) => timeouts.stalled,
            State::Linger => timeouts.linger,
        };
        self.since + time
    }

    /// Whether the client has let its deadline pass; otherwise the timer is armed for it. It has not if
    /// what is waited for is there: then it is this server that is late, as it was stopped, or has too
    /// much to do. (Who lingers may go on sending for ever.)
    pub fn is_overdue(&self) -> bool {
        let now = Instant::now();
        let deadline = self.deadline();
        let is_overdue = now >= deadline && !self.is_ready();
        if !is_overdue {
            self.site.timer.arm(deadline.max(now));
        }
        is_overdue
    }

    fn is_ready(&self) -> bool {
        let flags = match self.state {
            State::Head(_) => PollFlags::POLLIN,
            State::Answer(_) => PollFlags::POLLOUT,
            State::Linger => return false,
        };
        // If that cannot be told, it is looked at again.
        poll(&mut [PollFd::new(self.as_fd(), flags)], PollTimeout::ZERO) != Ok(0)
    }

    /// Reads once, if it does not wait for room, and answers what can be answered in one turn; gives what
    /// to wait for then.
    pub fn on_ready(&mut self, scratch: &mut [u8]) -> Option<Interest> {
        let step = match &self.state {
            // Its file may have been cut while this client was not writable.
            State::Answer(sending) => sending.transfer.check(),
            _ => self.on_readable(scratch),
        };
        match step.and_then(|()| self.answer()) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => None,
            _ => {
                self.site.timer.arm(self.deadline());
                self.interest()
            }
        }
    }

    fn on_readable(&mut self, scratch: &mut [u8]) -> io::Result<()> {
        let room = match &self.state {
            State::Head(received) => scratch.len().min(MAX_HEAD - received.len()),
            _ => scratch.len(),
        };
        let received = retry(|| self.stream.read(&mut scratch[..room]))?;
        self.eof = received == 0;
        if let State::Head(head) = &mut self.state {
            if head.is_empty() {
                self.since = self.site.now();
            }
            head.extend_from_slice(&scratch[..received]);
        }
        Ok(())
    }

    /// Answers the requests that have come, until a head is incomplete, the socket is full or this client
    /// has had its turn. If it stops between two answers the next one is begun, so that the socket's
    /// room is waited for: no event would tell of requests that have been read already.
    fn answer(&mut self) -> io::Result<()> {
        let mut sent = 0;
        loop {
            match &mut self.state {
                State::Head(received) => match self.site.transfer(received) {
                    Some((transfer, next)) => {
                        let rest = next.map(|next| received.split_off(next));
                        self.state = State::Answer(Box::new(Sending { transfer, rest }));
                    }
                    None => return Ok(()),
                },
                State::Answer(_) if sent >= TURN => return Ok(()),
                State::Answer(sending) => {
                    sent += sending.transfer.send(&self.stream)?;
                    self.since = self.site.now();
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

    /// Whether nothing is under way on it: no request that has begun to come, no answer.
    pub fn is_quiet(&self) -> bool {
        let idle = match &self.state {
            State::Head(received) => received.is_empty(),
            State::Answer(_) => false,
            State::Linger => true,
        };
        idle && is_socket_quiet(&self.stream)
    }
}

impl AsFd for Session {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
