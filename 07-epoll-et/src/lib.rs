//! Stage 7: the kernel says once that something has become ready; the program remembers it.
//!
//! *New*: one registration for a connection's life; [driving](Driven::drive) it until it would block; a
//! budget, and a ready list of the loop's own for those that the budget cut short.
//! *Carried over*: the selector, the slab and the tokens from stage 6, the rest from stage 4.
//! *Cost*: what the program forgets is lost, as no second event comes: it has to know for certain when a
//! socket is empty.

mod drive;

use std::io;
use std::net::TcpListener;

use stage_01::{BUFFER_SIZE, announce, report};
use stage_04::{Acceptor, Connection, Interest, Shutdown, raise_fd_limit, sleep_limit};
use stage_06::{Events, Selector, Slab, Token, level};

pub use drive::{Driven, EDGES, Progress};

const SIGNAL: Token = Token::reserved(0);
const LISTENER: Token = Token::reserved(1);

/// Clients let in between two turns of those that are in already.
const ACCEPT_BUDGET: usize = 64;

/// Says where it listens, and serves every client, until SIGTERM or SIGINT.
///
/// # Errors
///
/// When the listener is of no more use, or epoll itself fails.
pub fn run(listener: TcpListener) -> io::Result<()> {
    raise_fd_limit()?;
    let selector = Selector::new()?;
    selector.register(&listener, LISTENER, EDGES)?;
    let mut shutdown = Shutdown::on_signals()?;
    selector.register(&shutdown, SIGNAL, level(Interest::Read))?;
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut connections: Slab<Driven> = Slab::new();
    let mut events = Events::new();
    let mut scratch = vec![0; BUFFER_SIZE];
    let mut ready: Vec<Token> = Vec::new();
    let mut clients_wait = false;

    while !shutdown.is_over(connections.is_empty()) {
        let unfinished = !ready.is_empty() || clients_wait && acceptor.watched().is_some();
        let limit = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
        selector.wait(&mut events, if unfinished { Some(0) } else { limit })?;
        for (token, edges) in events.iter() {
            match token {
                SIGNAL => {
                    if shutdown.begin()? {
                        acceptor.close();
                    }
                }
                LISTENER => clients_wait = true,
                _ => {
                    let connection = connections.get_mut(token);
                    ready.extend(connection.and_then(|c| c.remember(edges).then_some(token)));
                }
            }
        }

        let mut freed = false;
        ready.retain(|&token| {
            let connection = connections.get_mut(token);
            let progress = connection.map_or(Progress::Closed, |c| c.drive(&mut scratch));
            if progress == Progress::Closed {
                freed |= connections.remove(token).is_some();
            }
            progress == Progress::Yielded
        });
        acceptor.resume_if(freed);
        if shutdown.is_time_to_look() {
            connections.retain(|connection| !connection.is_quiet());
        }
        if clients_wait {
            clients_wait = accept(&mut acceptor, &selector, &mut connections)?;
        }
    }
    Ok(())
}

/// Lets clients in until nobody waits. Gives whether somebody may wait still, be it that the budget
/// was spent, or that descriptors have run out: no second edge would come for them.
fn accept(
    acceptor: &mut Acceptor,
    selector: &Selector,
    connections: &mut Slab<Driven>,
) -> io::Result<bool> {
    for _ in 0..ACCEPT_BUDGET {
        let Some((stream, address)) = acceptor.accept()? else {
            return Ok(acceptor.watched().is_none());
        };
        let admitted = connections.insert_with(|token| {
            let connection = Driven::new(Connection::new(stream)?);
            selector.register(&connection, token, EDGES)?;
            Ok(connection)
        });
        if let Err(error) = admitted {
            report(format_args!("{address} turned away: {error}"));
        }
    }
    Ok(true)
}
