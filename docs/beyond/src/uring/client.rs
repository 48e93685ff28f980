//! One client: what was received and is not sent yet, and what the kernel is asked to do next.

use std::collections::VecDeque;
use std::io;
use std::net::{Shutdown, TcpStream};

use nix::libc::{EAGAIN, ECANCELED, ENOBUFS};
use stage_05::is_socket_quiet;
use stage_06::Token;

use super::completion::Completion;
use super::pool::Chunk;
use super::ring::{Receive, Ring};

/// A client, and what the kernel does for it at present.
///
/// A multishot receive goes on whether or not the echoes are taken. So *backpressure* is a request of its
/// own: the receive is cancelled, and begun again when everything is sent.
#[derive(Debug)]
pub(super) struct Client {
    stream: TcpStream,
    /// What was received and is not sent yet, in order. The first chunk is the one that is being sent.
    unsent: VecDeque<Chunk>,
    receive: Option<Receive>,
    is_cancelled: bool,
    is_sending: bool,
    /// Sends more than one buffer at a time: it is received from buffer by buffer.
    is_stream: bool,
    /// Waits for a buffer of the pool.
    is_starved: bool,
    eof: bool,
    failed: bool,
}

impl Client {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unsent: VecDeque::new(),
            receive: None,
            is_cancelled: false,
            is_sending: false,
            is_stream: false,
            is_starved: false,
            eof: false,
            failed: false,
        }
    }

    /// Takes in the result of a receive: bytes, the end, or an error.
    pub(super) fn on_received(&mut self, completion: Completion, ring: &mut Ring) {
        if self.receive == Some(Receive::Once) {
            self.is_stream = completion.chunk.as_ref().is_some_and(Chunk::is_full);
        }
        if !completion.goes_on {
            self.receive = None;
            self.is_cancelled = false;
        }
        match (completion.result, completion.chunk) {
            (1.., Some(mut chunk)) => {
                if self.is_stalled() {
                    ring.copy_out(&mut chunk);
                }
                self.unsent.push_back(chunk);
            }
            (result, unused) => {
                unused.into_iter().for_each(|chunk| ring.give_back(chunk));
                match -result {
                    0 => self.eof = true,
                    ENOBUFS => self.is_starved = true,
                    ECANCELED => {}
                    _ => self.fail(ring),
                }
            }
        }
        if self.failed {
            self.discard(ring);
        }
    }

    /// Takes in the result of a send: how many bytes of the first chunk were taken, or an error.
    pub(super) fn on_sent(&mut self, result: i32, ring: &mut Ring) {
        self.is_sending = false;
        let taken = match result {
            0.. => result as usize,
            error if error == -EAGAIN => 0,
            _ => {
                self.fail(ring);
                return;
            }
        };
        let Some(mut first) = self.unsent.pop_front() else {
            return;
        };
        if first.advance(taken) {
            ring.give_back(first);
        } else {
            self.unsent.push_front(first);
            // The client takes no more for now. The pool's buffers are for all clients, so what this one is
            // owed moves to memory of its own.
            let chunks = self.unsent.iter_mut();
            chunks.for_each(|chunk| ring.copy_out(chunk));
        }
        if self.failed {
            self.discard(ring);
        }
    }

    /// Asks the kernel for what comes next: a send while anything is unsent, otherwise a receive.
    ///
    /// # Errors
    ///
    /// Returns the errors of io_uring_enter(2).
    pub(super) fn ask(&mut self, token: Token, ring: &mut Ring) -> io::Result<()> {
        if self.failed {
            return Ok(());
        }
        if let Some(chunk) = self.unsent.front()
            && !self.is_sending
        {
            ring.send(&self.stream, chunk, token)?;
            self.is_sending = true;
        }
        if self.wants_bytes() && self.receive.is_none() {
            let how = match self.is_stream {
                true => Receive::Once,
                false => Receive::Repeatedly,
            };
            ring.receive(&self.stream, how, token)?;
            self.receive = Some(how);
        }
        let has_enough = self.unsent.len() > 1 || self.is_stalled();
        if self.receive == Some(Receive::Repeatedly) && has_enough && !self.is_cancelled {
            ring.cancel(token)?;
            self.is_cancelled = true;
            self.is_stream = true;
        }
        Ok(())
    }

    /// Notes that the pool has buffers again.
    pub(super) const fn end_starvation(&mut self) {
        self.is_starved = false;
    }

    /// Returns whether the connection is over, and the kernel does nothing for it any more. Only then may it
    /// be dropped: the kernel may be sending from a chunk.
    pub(super) fn is_finished(&self) -> bool {
        let is_over = self.failed || self.eof && self.unsent.is_empty();
        is_over && self.receive.is_none() && !self.is_sending
    }

    /// Ends the connection if nothing is under way in either direction. The receive reports the end, as if it
    /// had come from the client.
    pub(super) fn hang_up_if_quiet(&self) {
        if self.unsent.is_empty() && is_socket_quiet(&self.stream) {
            // It fails if the client has gone, and then the receive has failed already.
            let _ = self.stream.shutdown(Shutdown::Read);
        }
    }

    fn wants_bytes(&self) -> bool {
        self.unsent.is_empty() && !self.eof && !self.is_starved
    }

    /// Returns whether the client has not taken what it was sent.
    fn is_stalled(&self) -> bool {
        self.unsent.front().is_some_and(Chunk::is_own)
    }

    /// Ends the connection. What the kernel does for it ends by itself, because the socket is shut.
    fn fail(&mut self, ring: &mut Ring) {
        self.failed = true;
        let _ = self.stream.shutdown(Shutdown::Both);
        self.discard(ring);
    }

    /// Gives back what nobody is owed any more, except the chunk that the kernel is sending.
    fn discard(&mut self, ring: &mut Ring) {
        let kept = usize::from(self.is_sending).min(self.unsent.len());
        self.unsent
            .drain(kept..)
            .for_each(|chunk| ring.give_back(chunk));
    }
}
