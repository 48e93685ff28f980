//! The capstone: a proxy. Every client gets a connection of its own to the backend, and what one side
//! sends, the other receives.
//!
//! *New*: two sockets for each client. What one of them reports may change what the other waits for, or
//! close it. Connections that the server itself opens, without waiting for them.
//! *Carried over*: listening from stage 1, backpressure from stage 4, the shutdown from stage 5, the
//! selector and its tokens from stage 6.
//! *Cost*: two descriptors for each client, and at most one buffer for each direction.

mod door;
mod pair;

use std::io;
use std::net::{SocketAddr, TcpListener};

use stage_01::{BUFFER_SIZE, announce};
use stage_04::{Interest, raise_fd_limit};
use stage_05::{Shutdown, sleep_limit};
use stage_06::{Events, Selector, Slab, Token, level_triggered};

use door::Door;
use pair::{Pair, Side, Watched, turned_away};

const SIGNAL: Token = Token::reserved(0);
const LISTENER: Token = Token::reserved(1);

/// Announces the listener's address, and connects every client to `backend`, until SIGTERM or SIGINT.
/// After that it serves the pairs that are there, for two seconds at most, and resets those that are left.
///
/// # Errors
///
/// Returns an error if `backend` is the listener's own address; the errors of [`Shutdown`], [`announce`],
/// ioctl(2), epoll_create1(2), epoll_ctl(2) and epoll_wait(2), and the fatal ones of accept(2).
pub fn run(listener: TcpListener, backend: SocketAddr) -> io::Result<()> {
    if listener.local_addr()? == backend {
        // One client would be connected to itself until the descriptors are short.
        return Err(io::Error::other("the backend is the proxy itself"));
    }
    raise_fd_limit();
    let mut shutdown = Shutdown::on_signals()?;
    let selector = Selector::new()?;
    selector.register(&shutdown, SIGNAL, level_triggered(Interest::Read))?;
    selector.register(&listener, LISTENER, level_triggered(Interest::Read))?;
    announce(&listener)?;
    let mut door = Door::new(listener, backend)?;
    let mut pairs: Slab<Pair> = Slab::new();
    let mut scratch = vec![0; BUFFER_SIZE];
    let mut events = Events::new();

    while !shutdown.is_over(pairs.is_empty()) {
        let timeout = sleep_limit([shutdown.time_left(), door.time_left()]);
        selector.wait(&mut events, timeout)?;

        let (before, watched) = (pairs.len(), door.interest());
        for (token, flags) in events.iter() {
            match token {
                SIGNAL if shutdown.begin()? => {
                    door.close(|pair| admit(&selector, &mut pairs, pair))?
                }
                SIGNAL => {}
                // New descriptors, in the middle of a batch: a later event of this batch may be for an
                // old one of the same number. Its token says so.
                LISTENER => door
                    .accept_waiting(|pair| admit(&selector, &mut pairs, pair))
                    .map(drop)?,
                token => {
                    let (token, side) = side_of(token);
                    // Not in the slab: the other side's event has ended this pair, a moment ago.
                    let Some(pair) = pairs.get_mut(token) else {
                        continue;
                    };
                    let old = pair.watched();
                    let step = pair.on_ready(side, flags, &mut scratch);
                    let step = step.and_then(|()| follow(&selector, token, pair, old));
                    if step.is_err() {
                        pair.abort();
                    }
                    if step.is_err() || pair.is_finished() {
                        pairs.remove(token);
                    }
                }
            }
        }
        door.end_pause_if_due(pairs.len() < before);
        if let Some(listener) = door.listener() {
            // While it is paused, it is watched for nothing.
            selector.follow(listener, LISTENER, watched, door.interest())?;
        }
    }
    // Their time is up, but they have not ended, and must not look as if they had.
    pairs.retain(|pair| {
        pair.abort();
        false
    });
    Ok(())
}

/// Puts a pair on the list: both of its sockets, each under a token of its own.
fn admit(selector: &Selector, pairs: &mut Slab<Pair>, pair: Pair) {
    let token = pairs.insert(pair);
    let pair = &pairs[token];
    let watched = pair.watched();
    let registered = Side::BOTH.iter().try_for_each(|&side| {
        selector.register(
            pair.socket(side),
            token_of(token, side),
            watched[side as usize],
        )
    });
    if let Err(error) = registered {
        turned_away(pair.client, error);
        pair.abort();
        pairs.remove(token);
    }
}

/// Tells the kernel what each side of a pair waits for now, where that has changed.
fn follow(selector: &Selector, token: Token, pair: &Pair, old: Watched) -> io::Result<()> {
    let new = pair.watched();
    for side in Side::BOTH {
        if new[side as usize] != old[side as usize] {
            let flags = new[side as usize];
            selector.reregister(pair.socket(side), token_of(token, side), flags)?;
        }
    }
    Ok(())
}

/// The bit of a token that is set for the backend's socket. The lower half of a token is a place in the
/// slab. There are fewer places than descriptors, and a descriptor is an `int`: the highest bit is free.
const BACKEND: u64 = 1 << 31;

fn token_of(pair: Token, side: Side) -> Token {
    match side {
        Side::Client => pair,
        Side::Backend => Token(pair.0 | BACKEND),
    }
}

/// Returns the pair that a token belongs to, and which of its sockets.
fn side_of(token: Token) -> (Token, Side) {
    match token.0 & BACKEND {
        0 => (token, Side::Client),
        _ => (Token(token.0 & !BACKEND), Side::Backend),
    }
}
