//! An HTTP connection: one request after the other, each answered in full before the next.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;

use stage_01::retry;
use stage_04::{Interest, is_quiet};

use crate::request::MAX_HEAD;
use crate::{Mapping, Request, Root, Status, Transfer};

/// Bytes that are thrown away, at most, after the last answer.
const MAX_LINGER: usize = 1024 * 1024;

/// A client that asks for files.
#[derive(Debug)]
pub struct Session {
    stream: TcpStream,
    root: Rc<Root>,
    /// What was read and is no whole head yet, or comes after one. Has no memory while it is empty.
    received: Vec<u8>,
    state: State,
    eof: bool,
}

#[derive(Debug)]
enum State {
    /// Waits for a request's head.
    Head,
    /// Sends an answer, and whether another may follow.
    Answer(Box<Transfer>, bool),
    /// Has sent its last answer. A close with unread bytes in the socket would be a reset, and the
    /// client could lose the answer by it: so the rest is read and thrown away, up to a bound, of
    /// which so much is left (RFC 9112, section 9.6).
    Linger(usize),
}

impl Session {
    /// Makes `stream` non-blocking.
    ///
    /// # Errors
    ///
    /// That of ioctl(2), FIONBIO.
    pub fn new(stream: TcpStream, root: Rc<Root>) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            root,
            received: Vec::new(),
            state: State::Head,
            eof: false,
        })
    }

    /// What to wait for.
    pub const fn interest(&self) -> Interest {
        match self.state {
            State::Answer(..) => Interest::Write,
            State::Linger(0) => Interest::None,
            _ if self.eof => Interest::None,
            _ => Interest::Read,
        }
    }

    /// Reads once, or sends once, and answers what can be answered; gives what to wait for then.
    pub fn on_ready(&mut self, scratch: &mut [u8]) -> Interest {
        let step = match self.interest() {
            Interest::Read => self.on_readable(scratch),
            _ => Ok(()),
        };
        match step.and_then(|()| self.answer()) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Interest::None,
            _ => self.interest(),
        }
    }

    fn on_readable(&mut self, scratch: &mut [u8]) -> io::Result<()> {
        let room = scratch.len().min(MAX_HEAD - self.received.len());
        let received = retry(|| self.stream.read(&mut scratch[..room]))?;
        self.eof = received == 0;
        match &mut self.state {
            State::Linger(left) => *left = left.saturating_sub(received),
            _ => self.received.extend_from_slice(&scratch[..received]),
        }
        Ok(())
    }

    /// Answers the requests that have come, until the socket is full or a head is incomplete. It does
    /// not stop between two of them: what has been read is no longer in the socket, and no event
    /// would come for it.
    fn answer(&mut self) -> io::Result<()> {
        loop {
            match &mut self.state {
                State::Head => match self.next_answer() {
                    Some((transfer, keep_alive)) => {
                        self.state = State::Answer(Box::new(transfer), keep_alive);
                    }
                    None => return Ok(()),
                },
                State::Answer(transfer, keep_alive) => {
                    if !transfer.send(&self.stream)? {
                        return Ok(());
                    }
                    self.state = match keep_alive {
                        true => State::Head,
                        false => self.linger()?,
                    };
                }
                State::Linger(_) => return Ok(()),
            }
        }
    }

    /// The answer to the request that `received` begins with, if that is whole, and whether another
    /// one may follow.
    fn next_answer(&mut self) -> Option<(Transfer, bool)> {
        let (request, length) = match Request::parse(&self.received) {
            Ok(request) => request?,
            Err(status) => return Some((refusal(status, false), false)),
        };
        self.received.drain(..length);
        if self.received.is_empty() {
            self.received = Vec::new();
        }
        let keep_alive = request.keep_alive;
        let answer =
            serve(&self.root, &request).unwrap_or_else(|status| refusal(status, keep_alive));
        Some((answer, keep_alive))
    }

    fn linger(&mut self) -> io::Result<State> {
        self.received = Vec::new();
        self.stream.shutdown(Shutdown::Write)?;
        Ok(State::Linger(MAX_LINGER))
    }

    /// Whether nothing is under way on it: no request that has begun to come, no answer.
    pub fn is_quiet(&self) -> bool {
        let idle = !matches!(self.state, State::Answer(..)) && self.received.is_empty();
        idle && is_quiet(&self.stream)
    }
}

fn serve(root: &Root, request: &Request) -> Result<Transfer, Status> {
    let (file, size) = root.open_file(&request.path)?;
    let body = Mapping::new(&file, size)?;
    let head = Status::Ok.head(size, request.keep_alive);
    Ok(Transfer::new(head.into_bytes(), Some(body)))
}

fn refusal(status: Status, keep_alive: bool) -> Transfer {
    let body = format!("{}\n", status.line());
    let answer = status.head(body.len(), keep_alive) + &body;
    Transfer::new(answer.into_bytes(), None)
}

impl AsFd for Session {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
