//! Stage 8: a file's pages go to the socket without passing through a buffer of the program.
//!
//! *New*: a file is [mapped](pages::Mapping), and a [`Transfer`](pages::Transfer) hands the mapping itself
//! to `writev`.
//! *Carried over*: the loop, the selector and the slab of stage 6, the echo of stage 4.
//! *Cost*: a mapping for each file on its way, and a page fault where a read would have been; the file
//! may change while it is sent. The kernel still copies once, from the page cache to the socket.
//!
//! The loop is level-triggered. A client whose turn is over before its socket is full is reported writable
//! again, which is all that stage 7's list of its own would do.
//!
//! Where what is: [`pages`] is the lesson, from the path of a file to the socket; [`http_rules`] are
//! HTTP's, a table says which is where; [`Site`] finds the file that a request is for, and puts both
//! together; [`Session`] is the connection that requests come on, [`Timeouts`] how long it may take.

mod client;
pub mod pages;
mod refusal;
mod session;
mod site;
mod timeouts;

use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

use stage_01::{BUFFER_SIZE, RateLimited, announce, say};
use stage_04::{Acceptor, Arrival, Connection, Interest, raise_fd_limit};
use stage_05::{Shutdown, sleep_limit};
use stage_06::{Events, Selector, Slab, Token, level};

pub use client::Client;
pub use session::Session;
pub use site::Site;
pub use timeouts::{Timeouts, Timer};

const SIGNAL: Token = Token::reserved(0);
const ECHO: Token = Token::reserved(1);
const FILES: Token = Token::reserved(2);

/// Says where it listens, and serves echo to every client, until SIGTERM or SIGINT.
///
/// # Errors
///
/// When the listener is of no more use, or epoll itself fails.
pub fn run(listener: TcpListener) -> io::Result<()> {
    let (selector, shutdown) = prepare()?;
    announce(&listener)?;
    let echo = Listener::new(ECHO, listener, None)?;
    run_all(&selector, shutdown, vec![echo], None)
}

/// As [`run`], and serves the files of `site` over HTTP to the clients of `http`.
///
/// # Errors
///
/// When a listener is of no more use, or epoll itself fails.
pub fn run_with_files(listener: TcpListener, http: TcpListener, site: Site) -> io::Result<()> {
    let (selector, shutdown) = prepare()?;
    announce(&listener)?;
    let (directory, address) = (site.directory(), http.local_addr()?);
    let directory = directory.display();
    say(format_args!("serving {directory} on http://{address}/"))?;
    let site = Rc::new(site);
    let echo = Listener::new(ECHO, listener, None)?;
    let files = Listener::new(FILES, http, Some(Rc::clone(&site)))?;
    run_all(&selector, shutdown, vec![echo, files], Some(&site))
}

/// What the loop has beside its listeners and clients.
fn prepare() -> io::Result<(Selector, Shutdown)> {
    raise_fd_limit();
    let selector = Selector::new()?;
    let shutdown = Shutdown::on_signals()?;
    selector.register(&shutdown, SIGNAL, level(Interest::Read))?;
    Ok((selector, shutdown))
}

fn run_all(
    selector: &Selector,
    mut shutdown: Shutdown,
    mut listeners: Vec<Listener>,
    site: Option<&Site>,
) -> io::Result<()> {
    let mut clients: Slab<Client> = Slab::new();
    let mut events = Events::new();
    let mut scratch = vec![0; BUFFER_SIZE];

    for listener in &listeners {
        if let Some(fd) = listener.acceptor.listener() {
            selector.register(fd, listener.token, level(Interest::Read))?;
        }
    }
    let mut arrivals = Vec::new();
    while !shutdown.is_over(clients.is_empty()) {
        let pauses = listeners.iter().filter_map(Listener::time_left);
        let timer = site.and_then(|site| site.timer.time_left());
        let limit = sleep_limit([shutdown.time_left(), pauses.min(), timer]);
        selector.wait(&mut events, limit)?;
        if let Some(site) = site {
            site.wake();
        }
        let before = clients.len();
        for (token, _) in events.iter() {
            let Some(client) = clients.get_mut(token) else {
                continue;
            };
            let old = client.interest();
            let new = client.on_ready(&mut scratch);
            if new.is_none() || selector.follow(&*client, token, old, new).is_err() {
                clients.remove(token);
            }
        }
        if let Some(site) = site.filter(|site| site.timer.has_expired()) {
            clients.retain(|client| !client.is_overdue());
            site.sweep();
        }
        let freed = clients.len() < before;
        let stops = events.contain(SIGNAL) && shutdown.begin()?;
        for listener in &mut listeners {
            let old = listener.acceptor.interest();
            listener.acceptor.resume_if(freed);
            if events.contain(listener.token) {
                listener.acceptor.accept_waiting(&mut arrivals)?;
            }
            if stops {
                listener.close(&mut arrivals)?;
            }
            if let Some(fd) = listener.acceptor.listener() {
                selector.follow(fd, listener.token, old, listener.acceptor.interest())?;
            }
            for (stream, address) in arrivals.drain(..) {
                let admitted = listener.client(stream).and_then(|client| {
                    let interest = client.interest();
                    let token = clients.insert(client);
                    let registered = selector.register(&clients[token], token, level(interest));
                    if registered.is_err() {
                        clients.remove(token);
                    }
                    registered
                });
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

static TURNED_AWAY: RateLimited = RateLimited::new();

/// One of the server's two listeners, and what its clients get.
struct Listener {
    token: Token,
    acceptor: Acceptor,
    /// What its clients may have; those of the echo have none.
    site: Option<Rc<Site>>,
}

impl Listener {
    fn new(token: Token, listener: TcpListener, site: Option<Rc<Site>>) -> io::Result<Self> {
        Ok(Self {
            token,
            acceptor: Acceptor::new(listener)?,
            site,
        })
    }

    fn time_left(&self) -> Option<Duration> {
        self.acceptor.time_left()
    }

    /// Lets in nobody any more, and no client asks twice.
    fn close(&mut self, arrivals: &mut Vec<Arrival>) -> io::Result<()> {
        self.acceptor.close(arrivals)?;
        if let Some(site) = &self.site {
            site.close();
        }
        Ok(())
    }

    fn client(&self, stream: std::net::TcpStream) -> io::Result<Client> {
        Ok(match &self.site {
            None => Client::Echo(Connection::new(stream)?),
            Some(site) => Client::Files(Session::new(stream, Rc::clone(site))?),
        })
    }
}
