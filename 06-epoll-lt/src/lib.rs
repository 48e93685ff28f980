//! Stage 6: the kernel keeps the list of what is watched, and returns only those that are ready.
//!
//! *New*: the [`Selector`], which is epoll, level-triggered: a descriptor is reported for as long as it
//! is ready, as by poll. [Tokens](Token), which are never used twice, and the [`Slab`] that finds a
//! connection by its token.
//! *Carried over*: the connection and the acceptor from stage 4, the shutdown from stage 5.
//! *Cost*: a wait costs time for each ready descriptor, however many are watched. In return there is a
//! system call for each client, and one for each change of what a connection waits for.

mod selector;
mod slab;

use std::io;
use std::net::{TcpListener, TcpStream};

use stage_01::{BUFFER_SIZE, RateLimited, announce};
use stage_04::{Acceptor, Connection, Interest, raise_fd_limit};
use stage_05::{Shutdown, is_quiet, sleep_limit};

pub use selector::{Events, Selector, Token, level_triggered};
pub use slab::Slab;

const SIGNAL: Token = Token::reserved(0);
const LISTENER: Token = Token::reserved(1);

static TURNED_AWAY: RateLimited = RateLimited::new();

/// Announces the listener's address, and serves every client, until SIGTERM or SIGINT.
///
/// # Errors
///
/// Returns the errors of [`Shutdown`], [`announce`], ioctl(2), epoll_create1(2), epoll_ctl(2) and
/// epoll_wait(2), and the fatal ones of accept(2).
pub fn run(listener: TcpListener) -> io::Result<()> {
    raise_fd_limit();
    let mut shutdown = Shutdown::on_signals()?;
    let selector = Selector::new()?;
    selector.register(&shutdown, SIGNAL, level_triggered(Interest::Read))?;
    selector.register(&listener, LISTENER, level_triggered(Interest::Read))?;
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut connections: Slab<Connection> = Slab::new();
    let mut arrivals = Vec::new();
    let mut scratch = vec![0; BUFFER_SIZE];
    let mut events = Events::new();

    while !shutdown.is_over(connections.is_empty()) {
        let timeout = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
        selector.wait(&mut events, timeout)?;

        let before = connections.len();
        for (token, _) in events.iter() {
            // Not in the slab: the listener, the signal, and a connection that is gone by now.
            let Some(connection) = connections.get_mut(token) else {
                continue;
            };
            let old = connection.interest();
            let new = connection.on_ready(&mut scratch);
            // The kernel is told what the connection waits for now, if that has changed.
            if new.is_none() || selector.follow(&*connection, token, old, new).is_err() {
                connections.remove(token);
            }
        }
        let watched = acceptor.interest();
        acceptor.end_pause_if_due(connections.len() < before);
        if events.contains(LISTENER) {
            acceptor.accept_waiting(&mut arrivals)?;
        }
        if events.contains(SIGNAL) && shutdown.begin()? {
            acceptor.close(&mut arrivals)?;
        }
        if let Some(listener) = acceptor.listener() {
            // While it is paused, it is watched for nothing.
            selector.follow(listener, LISTENER, watched, acceptor.interest())?;
        }
        for (stream, address) in arrivals.drain(..) {
            if let Err(error) = admit(&selector, &mut connections, stream) {
                TURNED_AWAY.report(format_args!("{address} turned away: {error}"));
            }
        }
        if shutdown.has_begun() {
            connections.retain(|connection| !is_quiet(connection));
        }
    }
    Ok(())
}

/// Makes a connection of a client, and puts it on the list.
fn admit(
    selector: &Selector,
    connections: &mut Slab<Connection>,
    stream: TcpStream,
) -> io::Result<()> {
    let token = connections.insert(Connection::new(stream)?);
    let registered = selector.register(&connections[token], token, level_triggered(Interest::Read));
    if registered.is_err() {
        connections.remove(token);
    }
    registered
}
