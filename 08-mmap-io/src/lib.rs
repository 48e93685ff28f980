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
pub mod pages;
mod session;
mod site;
mod status;
mod timeouts;
mod timer;

use std::io;
use std::net::TcpListener;

use stage_01::{BUFFER_SIZE, RateLimited, announce, say};
use stage_04::{Acceptor, Interest, raise_fd_limit};
use stage_05::{Shutdown, sleep_limit};
use stage_06::{Events, Selector, Slab, Token, level_triggered};

use client::Client;
use pages::Root;

pub use session::Session;
pub use site::Site;
pub use timeouts::Timeouts;

const SIGNAL: Token = Token::reserved(0);
const ECHO: Token = Token::reserved(1);
const HTTP: Token = Token::reserved(2);

static TURNED_AWAY: RateLimited = RateLimited::new();

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
/// Returns the errors of [`Shutdown`], [`announce`], ioctl(2), epoll_create1(2), epoll_ctl(2) and
/// epoll_wait(2), and the fatal ones of accept(2).
pub fn run(listener: TcpListener, files: Option<Files>) -> io::Result<()> {
    raise_fd_limit();
    let mut shutdown = Shutdown::on_signals()?;
    let selector = Selector::new()?;
    selector.register(&shutdown, SIGNAL, level_triggered(Interest::Read))?;
    selector.register(&listener, ECHO, level_triggered(Interest::Read))?;
    announce(&listener)?;
    let mut acceptors = vec![(ECHO, Acceptor::new(listener)?)];
    let mut site = Site::default();
    if let Some(files) = files {
        selector.register(&files.listener, HTTP, level_triggered(Interest::Read))?;
        let (directory, address) = (files.root.path().display(), files.listener.local_addr()?);
        say(format_args!("serving {directory} on http://{address}/"))?;
        acceptors.push((HTTP, Acceptor::new(files.listener)?));
        site = Site::new(files.root, files.timeouts);
    }
    let mut clients: Slab<Client> = Slab::new();
    let mut arrivals = Vec::new();
    let mut scratch = vec![0; BUFFER_SIZE];
    let mut events = Events::new();

    while !shutdown.is_over(clients.is_empty()) {
        let pauses = acceptors.iter().filter_map(|(_, one)| one.time_left());
        let timeout = sleep_limit([shutdown.time_left(), pauses.min(), site.timer.time_left()]);
        selector.wait(&mut events, timeout)?;
        site.read_clocks();

        let before = clients.len();
        for (token, _) in events.iter() {
            let Some(client) = clients.get_mut(token) else {
                continue;
            };
            let old = client.interest();
            let new = client.on_ready(&mut scratch, &mut site);
            if new.is_none() || selector.follow(&*client, token, old, new).is_err() {
                clients.remove(token);
            }
        }
        if site.timer.has_expired() {
            dismiss_overdue(&mut clients, &mut site);
        }
        let freed = clients.len() < before;
        let drain_begins = events.contains(SIGNAL) && shutdown.begin()?;
        if drain_begins {
            site.close();
        }
        for (token, acceptor) in &mut acceptors {
            let watched = acceptor.interest();
            acceptor.end_pause_if_due(freed);
            if events.contains(*token) {
                acceptor.accept_waiting(&mut arrivals)?;
            }
            if drain_begins {
                acceptor.close(&mut arrivals)?;
            }
            if let Some(listener) = acceptor.listener() {
                selector.follow(listener, *token, watched, acceptor.interest())?;
            }
            for (stream, address) in arrivals.drain(..) {
                let client = Client::new(*token, stream, &mut site);
                let admitted = client.and_then(|client| register(&selector, &mut clients, client));
                if let Err(error) = admitted {
                    TURNED_AWAY.report(format_args!("{address} turned away: {error}"));
                }
            }
        }
        if shutdown.has_begun() {
            clients.retain(|client| !client.is_quiet());
        }
    }
    Ok(())
}

/// Puts a client on the list.
fn register(selector: &Selector, clients: &mut Slab<Client>, client: Client) -> io::Result<()> {
    let token = clients.insert(client);
    let registered = selector.register(&clients[token], token, level_triggered(Interest::Read));
    if registered.is_err() {
        clients.remove(token);
    }
    registered
}

/// Drops the clients that have let their time pass, and arms the timer for the others. Unmaps files that
/// nobody asks for.
fn dismiss_overdue(clients: &mut Slab<Client>, site: &mut Site) {
    site.timer.disarm();
    clients.retain(|client| {
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
}
