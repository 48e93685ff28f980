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
//! Where what is: [`pages`] is the lesson, from the path of a file to the socket; [`http`] are HTTP's
//! rules, a table says which is where; [`Site`] finds the file that a request is for, and `answer` puts
//! both together; [`Session`] is the connection that requests come on, [`Timeouts`] how long it may take.

mod answer;
mod client;
pub mod http;
pub mod pages;
mod session;
mod site;
mod timeouts;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::time::Duration;

use stage_01::{BUFFER_SIZE, announce, report, say};
use stage_04::{Acceptor, Connection, Interest, Shutdown, raise_fd_limit, sleep_limit};
use stage_06::{Events, Selector, Slab, Token, level, watch};

pub use answer::Answer;
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
    raise_fd_limit()?;
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

    while !shutdown.is_over(clients.is_empty()) {
        for listener in &mut listeners {
            listener.watch(selector);
        }
        let pauses = listeners.iter().filter_map(Listener::time_left);
        let timer = site.and_then(|site| site.timer.time_left());
        let limit = sleep_limit([shutdown.time_left(), pauses.min(), timer]);
        selector.wait(&mut events, limit)?;
        if let Some(site) = site {
            site.wake();
        }
        let mut freed = false;
        for (token, _) in events.iter() {
            let listener = listeners.iter_mut().find(|one| one.token == token);
            if token == SIGNAL && shutdown.begin()? {
                listeners.iter_mut().for_each(Listener::close);
            } else if let Some(listener) = listener {
                listener.admit_waiting(selector, &mut clients)?;
            } else if let Some(client) = clients.get_mut(token) {
                let before = client.interest();
                let after = client.on_ready(&mut scratch);
                if !selector.follow(&*client, token, before, after) {
                    freed |= clients.remove(token).is_some();
                }
            }
        }
        if let Some(site) = site.filter(|site| site.timer.has_expired()) {
            freed |= clients.retain(|client| !client.is_overdue());
            site.sweep();
        }
        for listener in &mut listeners {
            listener.acceptor.resume_if(freed);
        }
        if shutdown.is_time_to_look() {
            clients.retain(|client| !client.is_quiet());
        }
    }
    Ok(())
}

/// One of the server's two listeners, and what its clients get.
struct Listener {
    token: Token,
    acceptor: Acceptor,
    listening: bool,
    /// What its clients may have; those of the echo have none.
    site: Option<Rc<Site>>,
}

impl Listener {
    fn new(token: Token, listener: TcpListener, site: Option<Rc<Site>>) -> io::Result<Self> {
        Ok(Self {
            token,
            acceptor: Acceptor::new(listener)?,
            listening: false,
            site,
        })
    }

    fn watch(&mut self, selector: &Selector) {
        self.listening = watch(selector, self.token, &mut self.acceptor, self.listening);
    }

    fn time_left(&self) -> Option<Duration> {
        self.acceptor.time_left()
    }

    /// Lets in nobody any more, and no client asks twice.
    fn close(&mut self) {
        self.acceptor.close();
        if let Some(site) = &self.site {
            site.close();
        }
    }

    /// Takes on all who wait: a wake-up may send a lot, and the next one may be long in coming.
    fn admit_waiting(&mut self, selector: &Selector, clients: &mut Slab<Client>) -> io::Result<()> {
        for (stream, address) in self.acceptor.accept_waiting()? {
            self.admit(selector, clients, stream, address);
        }
        Ok(())
    }

    fn admit(
        &self,
        selector: &Selector,
        clients: &mut Slab<Client>,
        stream: TcpStream,
        address: SocketAddr,
    ) {
        let admitted = clients.insert_with(|token| {
            let client = match &self.site {
                None => Client::Echo(Connection::new(stream)?),
                Some(site) => Client::Files(Session::new(stream, Rc::clone(site))?),
            };
            selector.register(&client, token, level(client.interest()))?;
            Ok(client)
        });
        if let Err(error) = admitted {
            report(format_args!("{address} turned away: {error}"));
        }
    }
}
