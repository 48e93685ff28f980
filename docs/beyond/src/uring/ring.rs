//! io_uring: two queues that are shared with the kernel, one of requests and one of completions.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use io_uring::types::{CancelBuilder, Fd, SubmitArgs, Timespec};
use io_uring::{IoUring, cqueue, opcode, squeue};
use nix::libc::{MSG_DONTWAIT, MSG_NOSIGNAL, POLLIN, SOCK_CLOEXEC};
use stage_06::Token;

use super::completion::{Completion, SEND};
use super::errors::{except_passing, in_words};
use super::pool::{Chunk, GROUP, Pool};

/// Room for requests between two system calls. For completions there is twice as much, and what does not fit
/// waits in the kernel (io_uring_setup(2), IORING_FEAT_NODROP).
const REQUESTS: u32 = 1024;

/// The token of requests whose completions nobody waits for.
const NOBODY: Token = Token::reserved(u32::MAX);

/// How bytes are received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receive {
    /// One buffer of bytes.
    Once,
    /// As often as bytes arrive, until it ends or is cancelled: *multishot*.
    Repeatedly,
}

/// The queues, and the buffers that the kernel receives into.
pub(super) struct Ring {
    // Dropped in this order.
    ring: IoUring,
    pool: Pool,
    /// Completions that were taken out of their queue.
    done: Vec<Completion>,
}

impl Ring {
    /// Sets up the queues, and the pool of buffers.
    ///
    /// # Errors
    ///
    /// Returns the errors of io_uring_setup(2), in words that say what is missing, and those of mmap(2) and
    /// io_uring_register(2).
    pub(super) fn new() -> io::Result<Self> {
        // One thread has the ring, and what is completed is worked on when that thread asks for it, and not
        // whenever it enters the kernel. Linux 6.1 has both, and everything else that is used here.
        let mut builder = IoUring::builder();
        builder.setup_single_issuer().setup_defer_taskrun();
        builder.setup_submit_all();
        let ring = builder.build(REQUESTS).map_err(in_words)?;
        let pool = Pool::new(&ring).map_err(in_words)?;
        Ok(Self {
            ring,
            pool,
            done: Vec::new(),
        })
    }

    /// Asks for a completion when `fd` becomes readable, once.
    ///
    /// # Errors
    ///
    /// Returns the errors of io_uring_enter(2).
    pub(super) fn watch(&mut self, fd: impl AsFd, token: Token) -> io::Result<()> {
        let poll = opcode::PollAdd::new(number(&fd), POLLIN as u32).build();
        self.push(poll, token)
    }

    /// Asks for every client that comes to `listener` from now on.
    ///
    /// # Errors
    ///
    /// Returns the errors of io_uring_enter(2).
    pub(super) fn accept(&mut self, listener: BorrowedFd, token: Token) -> io::Result<()> {
        let accept = opcode::AcceptMulti::new(number(&listener)).flags(SOCK_CLOEXEC);
        self.push(accept.build(), token)
    }

    /// Asks for bytes of a client, in buffers of the pool.
    ///
    /// # Errors
    ///
    /// Returns the errors of io_uring_enter(2).
    pub(super) fn receive(
        &mut self,
        stream: &TcpStream,
        how: Receive,
        token: Token,
    ) -> io::Result<()> {
        let fd = number(stream);
        let receive = match how {
            Receive::Repeatedly => opcode::RecvMulti::new(fd, GROUP).build(),
            Receive::Once => opcode::Recv::new(fd, std::ptr::null_mut(), 0)
                .buf_group(GROUP)
                .build()
                .flags(squeue::Flags::BUFFER_SELECT),
        };
        self.push(receive, token)
    }

    /// Asks for a chunk to be sent. From the pool, only what the client takes at once is sent: a buffer must
    /// not wait for a client. From memory of its own, it waits until the client takes something.
    ///
    /// # Errors
    ///
    /// Returns the errors of io_uring_enter(2).
    pub(super) fn send(
        &mut self,
        stream: &TcpStream,
        chunk: &Chunk,
        token: Token,
    ) -> io::Result<()> {
        let bytes = self.pool.unsent(chunk);
        let send = opcode::Send::new(number(stream), bytes.as_ptr(), bytes.len() as u32);
        let send = match chunk.is_own() {
            true => send.flags(MSG_NOSIGNAL),
            false => send.flags(MSG_NOSIGNAL | MSG_DONTWAIT),
        };
        self.push(send.build(), Token(token.0 | SEND))
    }

    /// Asks for an end of the request with this token: its last completion will say ECANCELED, unless another
    /// one was faster.
    ///
    /// # Errors
    ///
    /// Returns the errors of io_uring_enter(2).
    pub(super) fn cancel(&mut self, token: Token) -> io::Result<()> {
        self.push(opcode::AsyncCancel::new(token.0).build(), NOBODY)
    }

    /// Hands over all requests, sleeps until one of them is completed, for `limit` milliseconds at most, and
    /// puts what is completed into `completions`. Does all of it in one system call.
    ///
    /// # Errors
    ///
    /// Returns the errors of io_uring_enter(2), except those that pass.
    pub(super) fn wait(
        &mut self,
        completions: &mut Vec<Completion>,
        limit: Option<u16>,
    ) -> io::Result<()> {
        let limit = limit.map(|limit| Timespec::from(Duration::from_millis(limit.into())));
        let arguments = match &limit {
            Some(limit) => SubmitArgs::new().timespec(limit),
            None => SubmitArgs::new(),
        };
        // There is no sleep while some are in hand already.
        let news = usize::from(self.done.is_empty());
        except_passing(self.ring.submitter().submit_with_args(news, &arguments))?;
        self.reap();
        completions.append(&mut self.done);
        Ok(())
    }

    /// Returns how many buffers the kernel has to receive into.
    pub(super) fn buffers(&self) -> usize {
        self.pool.buffers()
    }

    /// Gives the buffer of a chunk back to the kernel.
    pub(super) fn give_back(&mut self, chunk: Chunk) {
        self.pool.give_back(chunk);
    }

    /// Moves a chunk out of the pool.
    pub(super) fn copy_out(&mut self, chunk: &mut Chunk) {
        self.pool.copy_out(chunk);
    }

    /// Puts a request into the queue. If that is full, the kernel gets it first.
    fn push(&mut self, request: squeue::Entry, token: Token) -> io::Result<()> {
        let request = request.user_data(token.0);
        // SAFETY: until its last completion the kernel uses what a request names. A number of a descriptor is
        // looked up when it is submitted, and its client is there until then. A chunk is kept by its client, and
        // a client by the slab, until the completion has come (Client::is_finished), or until the ring is
        // dropped, which ends every request.
        while unsafe { self.ring.submission().push(&request) }.is_err() {
            except_passing(self.ring.submit())?;
            self.reap();
        }
        Ok(())
    }

    /// Takes out what is completed.
    fn reap(&mut self) {
        let (pool, completions) = (&mut self.pool, self.ring.completion());
        self.done.extend(completions.map(|entry| {
            let (result, flags) = (entry.result(), entry.flags());
            let chunk = cqueue::buffer_select(flags);
            Completion {
                token: Token(entry.user_data()),
                result,
                goes_on: cqueue::more(flags),
                chunk: chunk.map(|number| pool.take(number, result.max(0) as usize)),
            }
        }));
    }
}

impl Drop for Ring {
    /// Ends every request, and waits for it: chunks and buffers may be freed after this.
    fn drop(&mut self) {
        // It fails if there is no request.
        let all = CancelBuilder::any();
        let _ = self.ring.submitter().register_sync_cancel(None, all);
    }
}

fn number(fd: &impl AsFd) -> Fd {
    Fd(fd.as_fd().as_raw_fd())
}
