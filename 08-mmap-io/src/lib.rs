//! Stage 8: a file's pages go to the socket without passing through a buffer of the program.
//!
//! *New*: a file is [mapped](pages::Mapping), and a [`Transfer`](pages::Transfer) hands the mapping itself
//! to `writev`.
//! *Carried over*: the loop, the selector and the slab of stage 6, the echo of stage 4.
//! *Cost*: a mapping for each file on its way, and a page fault where a read would have been; the file
//! may change while it is sent. The kernel still copies once, from the page cache to the socket.
//!
//! [`pages`] is the lesson, from the path of a file to the socket. HTTP's rules are in [`http_rules`],
//! which knows neither. Between the two, [`Site`] finds the file that a request is for, and a [`Session`]
//! is the connection that requests come on.

mod client;
mod listener;
pub mod pages;
mod session;
mod site;
mod status;
mod timeouts;
mod timer;

use std::io;
use std::net::{SocketAddr, TcpListener};

use stage_01::{BUFFER_SIZE, announce, report, say};
use stage_04::{Connection, Interest, Shutdown, raise_fd_limit, sleep_limit};
use stage_06::{Events, Selector, Slab, Token, level};

use client::Client;
use listener::{Listener, accept_waiting};
use pages::Root;

pub use session::Session;
pub use site::Site;
pub use timeouts::Timeouts;

const SIGNAL: Token = Token::reserved(0);
const ECHO: Token = Token::reserved(1);
const HTTP: Token = Token::reserved(2);

/// What is served over HTTP.
#[derive(Debug)]
pub struct Files {
    /// The directory that the files are beneath.
    pub root: Root,
    /// Where clients come that ask for them.
    pub listener: TcpListener,
    /// How long these clients may take.
    pub timeouts: Timeouts,
}

/// Announces the listener's address, and serves an echo to every client there, and `files` over HTTP,
/// until SIGTERM or SIGINT.
///
/// The loop is level-triggered. A client whose turn is over before its socket is full is reported writable
/// again, which is all that stage 7's list of its own would do.
///
/// # Errors
///
/// Returns the errors of epoll_wait(2), those of accept(2) that are fatal, and an error if a listener
/// cannot be announced.
pub fn run(listener: TcpListener, files: Option<Files>) -> io::Result<()> {
    raise_fd_limit()?;
    let mut shutdown = Shutdown::on_signals()?;
    let selector = Selector::new()?;
    selector.register(&shutdown, SIGNAL, level(Interest::Read))?;
    announce(&listener)?;
    let mut listeners = vec![Listener::new(ECHO, listener)?];
    let mut site = Site::default();
    if let Some(files) = files {
        let (directory, address) = (files.root.path().display(), files.listener.local_addr()?);
        say(format_args!("serving {directory} on http://{address}/"))?;
        listeners.push(Listener::new(HTTP, files.listener)?);
        site = Site::new(files.root, files.timeouts);
    }
    let mut clients = Slab::new();
    let mut events = Events::new();
    let mut scratch = vec![0; BUFFER_SIZE];

    while !shutdown.is_over(clients.is_empty()) {
        for listener in &mut listeners {
            listener.watch(&selector);
        }
        let pauses = listeners.iter().filter_map(|one| one.acceptor.time_left());
        let limit = sleep_limit([shutdown.time_left(), pauses.min(), site.timer.time_left()]);
        selector.wait(&mut events, limit)?;
        site.wake();
        let mut freed = false;
        for (token, _) in events.iter() {
            match token {
                SIGNAL => {
                    if shutdown.begin()? {
                        for listener in &mut listeners {
                            listener.acceptor.close();
                        }
                        site.close();
                    }
                }
                ECHO => {
                    for (stream, address) in accept_waiting(&mut listeners, ECHO)? {
                        let client = Connection::new(stream).map(Client::Echo);
                        admit(&selector, &mut clients, client, address);
                    }
                }
                HTTP => {
                    for (stream, address) in accept_waiting(&mut listeners, HTTP)? {
                        let client = Session::new(stream, &mut site).map(Client::Http);
                        admit(&selector, &mut clients, client, address);
                    }
                }
                _ => freed |= serve(&selector, &mut clients, token, &mut scratch, &mut site),
            }
        }
        if site.timer.has_expired() {
            freed |= dismiss_overdue(&mut clients, &mut site);
        }
        let freed = clients.len() < before;
        let stops = events.contain(SIGNAL) && shutdown.begin()?;
        for listener in &mut listeners {
            listener.acceptor.resume_if(freed);
        }
        if shutdown.has_begun() {
            clients.retain(|client| !client.is_quiet());
        }
    }
    Ok(())
}

/// Takes a client on, and puts it on the list.
fn admit(
    selector: &Selector,
    clients: &mut Slab<Client>,
    client: io::Result<Client>,
    address: SocketAddr,
) {
    let admitted = clients.insert_with(|token| {
        let client = client?;
        selector.register(&client, token, level(or_none(client.interest())))?;
        Ok(client)
    });
    if let Err(error) = admitted {
        report(format_args!("{address} turned away: {error}"));
    }
}

/// Lets a client do its step, and tells the kernel if it waits for something else from then on. Returns
/// whether it is finished: to drop it closes it, which takes it off the list.
fn serve(
    selector: &Selector,
    clients: &mut Slab<Client>,
    token: Token,
    scratch: &mut [u8],
    site: &mut Site,
) -> bool {
    let Some(client) = clients.get_mut(token) else {
        return false; // an event that has outlived its client
    };
    let before = client.interest();
    let after = client.on_ready(scratch, site);
    let kept = selector.follow(&*client, token, or_none(before), or_none(after));
    if !kept {
        clients.remove(token);
    }
    !kept
}

fn or_none(interest: Option<Interest>) -> Interest {
    interest.unwrap_or(Interest::None)
}

/// Drops the clients that have let their time pass, and arms the timer for the others. Unmaps files that
/// nobody asks for. Returns whether it dropped a client.
fn dismiss_overdue(clients: &mut Slab<Client>, site: &mut Site) -> bool {
    site.timer.disarm();
    let dropped = clients.retain(|client| {
        let Client::Http(session) = client else {
            return true;
        };
        let is_overdue = session.is_overdue(&site.timeouts);
        if !is_overdue {
            site.timer.arm(session.deadline(&site.timeouts));
        }
        !is_overdue
    });
    site.sweep();
    dropped
}
