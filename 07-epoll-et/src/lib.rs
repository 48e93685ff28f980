//! Stage 7: the kernel reports once that something has become ready, and the program remembers it.
//!
//! *New*: one registration for a connection's life. [Driving](Driven::drive) it until it would block,
//! within a budget, and a ready list of the loop's own for those that the budget cut short.
//! *Carried over*: the selector, the slab and the tokens from stage 6, the rest from stages 4 and 5.
//! *Cost*: what the program forgets is lost, because no second event comes. It has to know for certain
//! when a socket is empty.

mod drive;
mod shortcut;

use std::io;
use std::net::{TcpListener, TcpStream};

use stage_01::{BUFFER_SIZE, RateLimited, announce};
use stage_04::{Acceptor, Connection, Interest, raise_fd_limit};
use stage_05::{Shutdown, sleep_limit};
use stage_06::{Events, Selector, Slab, Token, level_triggered};

pub use drive::{Driven, EDGES, Progress};
pub use shortcut::ShortReads;

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
    selector.register(&listener, LISTENER, EDGES)?;
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut connections: Slab<Driven> = Slab::new();
    let mut arrivals = Vec::new();
    let mut scratch = vec![0; BUFFER_SIZE];
    let mut events = Events::new();
    // What the kernel will not report again: which connections are ready, and that clients may wait.
    let mut ready_list: Vec<Token> = Vec::new();
    let mut clients_wait = false;

    while !shutdown.is_over(connections.is_empty()) {
        let mut timeout = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
        if !ready_list.is_empty() || (clients_wait && acceptor.is_open()) {
            timeout = Some(0); // There is work left: look for news, and do not sleep.
        }
        selector.wait(&mut events, timeout)?;

        let before = connections.len();
        for (token, edges) in events.iter() {
            // `remember` returns whether the connection is new to the list.
            if let Some(connection) = connections.get_mut(token)
                && connection.remember(edges)
            {
                ready_list.push(token);
            }
        }
        ready_list.retain(|&token| {
            let Some(connection) = connections.get_mut(token) else {
                return false; // The shutdown has closed it.
            };
            let progress = connection.drive(&mut scratch);
            if progress == Progress::Closed {
                connections.remove(token);
            }
            progress == Progress::Yielded
        });
        acceptor.end_pause_if_due(connections.len() < before);
        clients_wait |= events.contains(LISTENER);
        if clients_wait && acceptor.is_open() {
            clients_wait = acceptor.accept_waiting(&mut arrivals)?;
        }
        if events.contains(SIGNAL) && shutdown.begin()? {
            acceptor.close(&mut arrivals)?;
        }
        for (stream, address) in arrivals.drain(..) {
            if let Err(error) = admit(&selector, &mut connections, stream) {
                TURNED_AWAY.report(format_args!("{address} turned away: {error}"));
            }
        }
        if shutdown.has_begun() {
            connections.retain(|connection| !connection.is_quiet());
        }
    }
    Ok(())
}

/// Makes a connection of a client, and puts it on the list, for all of its life.
fn admit(selector: &Selector, connections: &mut Slab<Driven>, stream: TcpStream) -> io::Result<()> {
    let token = connections.insert(Driven::new(Connection::new(stream)?));
    let registered = selector.register(&connections[token], token, EDGES);
    if registered.is_err() {
        connections.remove(token);
    }
    registered
}
