//! Stage 6: the kernel keeps the list of what is watched, and gives the ready ones only.
//!
//! *New*: the [`Selector`], which is epoll, level-triggered; [tokens](Token) that outlive no
//! connection, and the [`Slab`] that finds a connection by its token.
//! *Carried over*: the connection, the acceptor and the shutdown from stage 4.
//! *Cost*: a wait costs what is ready, whatever is watched; instead there is a system call for each
//! client, and one for each change of what a connection waits for.

mod selector;
mod slab;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};

use stage_01::{BUFFER_SIZE, announce, report};
use stage_04::{Acceptor, Connection, Interest, Shutdown, raise_fd_limit, sleep_limit};

pub use selector::{Events, Selector, Token, level};
pub use slab::Slab;

const SIGNAL: Token = Token::reserved(0);
const LISTENER: Token = Token::reserved(1);

/// Says where it listens, and serves every client, until SIGTERM or SIGINT.
///
/// # Errors
///
/// When the listener is of no more use, or epoll itself fails.
pub fn run(listener: TcpListener) -> io::Result<()> {
    raise_fd_limit()?;
    let mut shutdown = Shutdown::on_signals()?;
    let selector = Selector::new()?;
    selector.register(&shutdown, SIGNAL, level(Interest::Read))?;
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut listening = false;
    let mut connections = Slab::new();
    let mut events = Events::new();
    let mut scratch = vec![0; BUFFER_SIZE];

    while !shutdown.is_over(connections.is_empty()) {
        listening = watch(&selector, LISTENER, &mut acceptor, listening);
        let limit = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
        selector.wait(&mut events, limit)?;
        let mut freed = false;
        for (token, _) in events.iter() {
            match token {
                SIGNAL => {
                    if shutdown.begin()? {
                        acceptor.close();
                    }
                }
                LISTENER => {
                    if let Some((stream, address)) = acceptor.accept()? {
                        admit(&selector, &mut connections, stream, address);
                    }
                }
                _ => freed |= serve(&selector, &mut connections, token, &mut scratch),
            }
        }
        acceptor.resume_if(freed);
        if shutdown.is_time_to_look() {
            connections.retain(|connection| !connection.is_quiet());
        }
    }
    Ok(())
}

/// Takes the listener off the list while the acceptor is paused, and puts it back after. Gives
/// whether it is on the list now.
pub fn watch(selector: &Selector, token: Token, acceptor: &mut Acceptor, listening: bool) -> bool {
    let changed = match (listening, acceptor.watched(), acceptor.listener()) {
        (false, Some(fd), _) => selector.register(fd, token, level(Interest::Read)),
        (true, None, Some(fd)) => selector.deregister(fd),
        _ => return listening,
    };
    if let Err(error) = &changed {
        acceptor.pause(error);
    }
    changed.is_ok() != listening
}

/// Takes a client on, and puts it on the list.
fn admit(
    selector: &Selector,
    connections: &mut Slab<Connection>,
    stream: TcpStream,
    address: SocketAddr,
) {
    let admitted = connections.insert_with(|token| {
        let connection = Connection::new(stream)?;
        selector.register(&connection, token, level(connection.interest()))?;
        Ok(connection)
    });
    if let Err(error) = admitted {
        report(format_args!("{address} turned away: {error}"));
    }
}

/// Lets a connection do its step, and tells the kernel if it waits for something else from then on.
/// Gives whether it is finished: dropping it closes it, which takes it off the list.
fn serve(
    selector: &Selector,
    connections: &mut Slab<Connection>,
    token: Token,
    scratch: &mut [u8],
) -> bool {
    let Some(connection) = connections.get_mut(token) else {
        return false; // an event that has outlived its connection
    };
    let before = connection.interest();
    let after = connection.on_ready(scratch);
    let kept = selector.follow(&*connection, token, before, after);
    if !kept {
        connections.remove(token);
    }
    !kept
}
