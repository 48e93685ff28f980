//! Stage 6: the kernel keeps the list of what is watched, and returns only those that are ready.
//!
//! *New*: the [`Selector`], which is epoll, level-triggered. [Tokens](Token) that outlive no
//! connection, and the [`Slab`] that finds a connection by its token.
//! *Carried over*: the connection and the acceptor from stage 4, the shutdown from stage 5.
//! *Cost*: a wait costs what is ready, whatever is watched. In return there is a system call for each
//! client, and one for each change of what a connection waits for.

mod selector;
mod slab;

use std::io;
use std::net::{TcpListener, TcpStream};

use stage_01::{BUFFER_SIZE, RateLimited, announce};
use stage_04::{Acceptor, Connection, Interest, raise_fd_limit};
use stage_05::{Shutdown, is_quiet, sleep_limit};

pub use selector::{Events, Selector, Token, level};
pub use slab::Slab;

const SIGNAL: Token = Token::reserved(0);
const LISTENER: Token = Token::reserved(1);

static TURNED_AWAY: RateLimited = RateLimited::new();

/// Announces the listener's address, and serves every client, until SIGTERM or SIGINT.
///
/// # Errors
///
/// Returns the errors of epoll_create1(2), epoll_ctl(2) and epoll_wait(2), of [`Shutdown`], those of
/// accept(2) that are fatal, and an error if the listener cannot be announced.
pub fn run(listener: TcpListener) -> io::Result<()> {
    raise_fd_limit();
    let mut shutdown = Shutdown::on_signals()?;
    let selector = Selector::new()?;
    selector.register(&shutdown, SIGNAL, level(Interest::Read))?;
    selector.register(&listener, LISTENER, level(Interest::Read))?;
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut connections: Slab<Connection> = Slab::new();
    let mut arrivals = Vec::new();
    let mut scratch = vec![0; BUFFER_SIZE];
    let mut events = Events::new();

    while !shutdown.is_over(connections.is_empty()) {
        let limit = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
        selector.wait(&mut events, limit)?;

        let before = connections.len();
        for (token, _) in events.iter() {
            // The listener and the signal are no connections, nor is one that its event has outlived.
            let Some(connection) = connections.get_mut(token) else {
                continue;
            };
            let old = connection.interest();
            let new = connection.on_ready(&mut scratch);
            if new.is_none() || selector.follow(&*connection, token, old, new).is_err() {
                connections.remove(token);
            }
        }
        let old = acceptor.interest();
        acceptor.resume_if(connections.len() < before);
        if events.contain(LISTENER) {
            acceptor.accept_waiting(&mut arrivals)?;
        }
        if events.contain(SIGNAL) && shutdown.begin()? {
            acceptor.close(&mut arrivals)?;
        }
        if let Some(listener) = acceptor.listener() {
            selector.follow(listener, LISTENER, old, acceptor.interest())?;
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
    let registered = selector.register(&connections[token], token, level(Interest::Read));
    if registered.is_err() {
        connections.remove(token);
    }
    registered
}
