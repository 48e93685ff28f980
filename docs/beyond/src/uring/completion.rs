//! What the kernel reports about a request, and whose it was.

use std::net::TcpStream;
use std::os::fd::{FromRawFd, OwnedFd};

use nix::libc::ENOBUFS;
use stage_06::Token;

use super::pool::Chunk;

/// The bit of a token that is set for a send. A place in the slab is below it: see stage 6.
pub(super) const SEND: u64 = 1 << 31;

/// What was asked for, for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Receive,
    Send,
}

/// What the kernel reports about a request.
#[derive(Debug)]
pub(super) struct Completion {
    pub(super) token: Token,
    /// What the system call of the same name would have returned, or an error's number below 0.
    pub(super) result: i32,
    /// More completions will come of the same request. Otherwise it has ended, whatever its result is.
    pub(super) goes_on: bool,
    /// What was received.
    pub(super) chunk: Option<Chunk>,
}

impl Completion {
    /// Returns whether a receive has ended because no buffer was left.
    pub(super) const fn is_starved(&self) -> bool {
        self.result == -ENOBUFS
    }

    /// Returns the client that an accept has let in.
    pub(super) fn accepted(&self) -> Option<TcpStream> {
        let number = (self.result >= 0).then_some(self.result)?;
        // SAFETY: closing a descriptor that belongs to somebody else would be a hazard. This one is new, and
        // nobody else's.
        Some(unsafe { OwnedFd::from_raw_fd(number) }.into())
    }
}

/// Returns the client of a token, and what was asked for.
pub(super) const fn request_of(token: Token) -> (Token, Request) {
    match token.0 & SEND {
        0 => (token, Request::Receive),
        _ => (Token(token.0 & !SEND), Request::Send),
    }
}
