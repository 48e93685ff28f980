//! Completion: the kernel is asked for the work itself, and reports what is done.
//!
//! *New*: a [`Ring`]: requests go in, completions come out, both through memory that is shared with the
//! kernel, and one system call does both. Requests that are repeated by the kernel (*multishot*). A pool
//! of buffers that the kernel picks from when bytes arrive.
//! *Carried over*: the acceptor from stage 4, the shutdown from stage 5, tokens and the slab from stage 6.
//! *Cost*: what the kernel was asked for, it may do at any time: memory belongs to it until it says that
//! it is done. And a program that reads nothing is no longer one that receives nothing.

mod client;
mod completion;
mod errors;
mod pool;
mod ring;

use std::io;
use std::net::{TcpListener, TcpStream};

use nix::sys::socket::{setsockopt, sockopt::TcpNoDelay};
use stage_01::announce;
use stage_04::{Acceptor, raise_fd_limit};
use stage_05::{Shutdown, sleep_limit};
use stage_06::{Slab, Token};

use client::Client;
use completion::{Request, request_of};
use ring::Ring;

const SIGNAL: Token = Token::reserved(0);
const LISTENER: Token = Token::reserved(1);

/// Announces the listener's address, and serves every client, until SIGTERM or SIGINT.
///
/// # Errors
///
/// Returns an error that says so if the kernel does not allow io_uring, or is too old; the errors of
/// [`Shutdown`], [`announce`], ioctl(2), mmap(2) and io_uring_enter(2), and the fatal ones of accept(2).
pub fn run(listener: TcpListener) -> io::Result<()> {
    raise_fd_limit();
    let mut shutdown = Shutdown::on_signals()?;
    // Before the ring, and so dropped after it: the kernel may still be sending from a client's memory.
    let mut clients: Slab<Client> = Slab::new();
    let mut ring = Ring::new()?;
    ring.watch(&shutdown, SIGNAL)?;
    // Its clients inherit that. Stages set it for each client, by a system call.
    setsockopt(&listener, TcpNoDelay, &true)?;
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut is_accepting = false;
    let mut arrivals = Vec::new();
    // Clients for whose bytes no buffer was left.
    let mut starved: Vec<Token> = Vec::new();
    let mut completions = Vec::new();

    // An accept that is not over keeps the listener open, and its port taken, when the program has ended.
    while !shutdown.is_over(clients.is_empty() && !is_accepting) {
        if let Some(listener) = acceptor.listener().filter(|_| acceptor.is_open())
            && !is_accepting
        {
            ring.accept(listener, LISTENER)?;
            is_accepting = true;
        }
        let timeout = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
        ring.wait(&mut completions, timeout)?;

        let before = clients.len();
        for completion in completions.drain(..) {
            match completion.token {
                SIGNAL if shutdown.begin()? => {
                    ring.cancel(LISTENER)?;
                    acceptor.close(&mut arrivals)?;
                }
                SIGNAL => ring.watch(&shutdown, SIGNAL)?,
                LISTENER => {
                    is_accepting = completion.goes_on;
                    match completion.accepted() {
                        Some(stream) => admit(&mut clients, &mut ring, stream)?,
                        // An ordinary accept finds out why, and what to do about it.
                        None => drop(acceptor.accept_waiting(&mut arrivals)?),
                    }
                }
                token => {
                    let (token, request) = request_of(token);
                    let Some(client) = clients.get_mut(token) else {
                        continue; // A cancellation reports that it is done.
                    };
                    if completion.is_starved() {
                        starved.push(token);
                    }
                    match request {
                        Request::Receive => client.on_received(completion, &mut ring),
                        Request::Send => client.on_sent(completion.result, &mut ring),
                    }
                    client.ask(token, &mut ring)?;
                    if client.is_finished() {
                        clients.remove(token);
                    }
                }
            }
        }
        acceptor.end_pause_if_due(clients.len() < before);
        for (stream, _) in arrivals.drain(..) {
            admit(&mut clients, &mut ring, stream)?;
        }
        let fed = starved.len().min(ring.buffers());
        for token in starved.drain(..fed) {
            if let Some(client) = clients.get_mut(token) {
                client.end_starvation();
                client.ask(token, &mut ring)?;
            }
        }
        if shutdown.has_begun() {
            clients.retain(|client| {
                client.hang_up_if_quiet();
                true // The end is reported first.
            });
        }
    }
    Ok(())
}

/// Makes a client of a stream, and asks for its bytes.
fn admit(clients: &mut Slab<Client>, ring: &mut Ring, stream: TcpStream) -> io::Result<()> {
    let token = clients.insert(Client::new(stream));
    match clients.get_mut(token) {
        Some(client) => client.ask(token, ring),
        None => Ok(()),
    }
}
