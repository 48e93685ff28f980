//! Stage 6 on every core: a loop for each, in a thread of its own.
//!
//! *New*: several loops at one address, and [how they share it](Listening). A signal that all of them have to
//! learn of. An account of who was woken, and how often.
//! *Carried over*: the loop, the selector and the slab of stage 6, and so the rest; of stage 7, a listener
//! that is watched for edges.
//! *Cost*: a client stays with the loop that accepted it, however busy that one is.

mod listening;
mod stop;

use std::fmt;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread::{self, Scope, ScopedJoinHandle};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::EpollFlags;
use nix::sys::resource::{UsageWho, getrusage};
use stage_01::{BUFFER_SIZE, RateLimited, report, say};
use stage_04::{Acceptor, Connection, Interest, raise_fd_limit};
use stage_05::{Shutdown, is_quiet, sleep_limit};
use stage_06::{Events, Selector, Slab, Token, level_triggered};

pub use listening::Listening;
use stop::{Drain, Stop};

const STOP: Token = Token::reserved(0);
const LISTENER: Token = Token::reserved(1);

static TURNED_AWAY: RateLimited = RateLimited::new();

/// Starts a loop for each of `listeners`, announces their address, and waits for SIGTERM or SIGINT. Then every
/// loop drains, and the account of each is reported.
///
/// # Errors
///
/// Returns the errors of [`Shutdown`], eventfd(2), epoll_create1(2), epoll_ctl(2), poll(2),
/// pthread_create(3) and [`say`], and the first error that ends a loop.
pub fn run(listeners: Vec<TcpListener>, how: Listening) -> io::Result<()> {
    raise_fd_limit();
    let address = listeners[0].local_addr()?;
    // The loops' threads inherit that the signals are blocked. Otherwise one of them could die of the signal.
    let mut shutdown = Shutdown::on_signals()?;
    let stop = Stop::new()?;
    // All of these are opened before the first client comes: clients could take the last descriptors.
    let watch = |listener| Ok((selector_for(&listener, how, &stop)?, listener));
    let watched: Vec<_> = listeners
        .into_iter()
        .map(watch)
        .collect::<io::Result<_>>()?;
    thread::scope(|scope| {
        // An error in here has to end the loops, too: the scope waits for them.
        let raise = stop.when_dropped();
        let mut loops = Vec::new();
        for (selector, listener) in watched {
            loops.push(start(scope, loops.len() + 1, selector, listener, &stop)?);
        }
        say(format_args!("listening on {address}"))?;
        wait_for_end(&mut shutdown, &stop)?;
        drop(raise);
        for (number, running) in (1..).zip(loops) {
            let panicked = |_| Err(io::Error::other("a loop has panicked"));
            let account = running.join().unwrap_or_else(panicked)?;
            report(format_args!("loop {number}: {account}"));
        }
        Ok(())
    })
}

/// Returns a selector for a loop, with the end and the loop's listener on its list.
fn selector_for(listener: &TcpListener, how: Listening, stop: &Stop) -> io::Result<Selector> {
    let selector = Selector::new()?;
    // Nobody reads it, so it stays readable: an edge is reported once to each loop.
    selector.register(stop, STOP, EpollFlags::EPOLLIN | EpollFlags::EPOLLET)?;
    selector.register(listener, LISTENER, how.flags())?;
    Ok(selector)
}

/// Starts the thread of a loop.
fn start<'scope>(
    scope: &'scope Scope<'scope, '_>,
    number: usize,
    selector: Selector,
    listener: TcpListener,
    stop: &'scope Stop,
) -> io::Result<ScopedJoinHandle<'scope, io::Result<Account>>> {
    let builder = thread::Builder::new().name(format!("loop {number}"));
    let made = builder.spawn_scoped(scope, move || {
        let _raise = stop.when_dropped();
        serve(&selector, listener)
    });
    made.map_err(|error| {
        let what = format!("no thread for loop {number}: {error}");
        io::Error::new(error.kind(), what)
    })
}

/// Waits for the signal, or for a loop to end by an error.
fn wait_for_end(shutdown: &mut Shutdown, stop: &Stop) -> io::Result<()> {
    loop {
        let watched = [shutdown.as_fd(), stop.as_fd()];
        let mut entries = watched.map(|fd| PollFd::new(fd, PollFlags::POLLIN));
        match poll(&mut entries, PollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            outcome => outcome?,
        };
        let has_stopped = entries[1].any() == Some(true);
        if has_stopped || shutdown.begin()? {
            return Ok(());
        }
    }
}

/// What a loop has done.
#[derive(Debug)]
struct Account {
    /// Clients that it has accepted.
    clients: usize,
    /// How often its thread went to sleep, and so how often it was woken. That includes being woken for
    /// nothing, which the kernel notices before the wait returns.
    sleeps: i64,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clients, sleeps } = self;
        write!(f, "clients accepted: {clients}, sleeps: {sleeps}")
    }
}

/// Serves every client that this loop gets, until it is asked to stop, and returns its account. This is stage
/// 6's loop, with a listener that is watched for edges.
///
/// # Errors
///
/// Returns the errors of ioctl(2), epoll_wait(2) and getrusage(2), and the fatal ones of accept(2).
fn serve(selector: &Selector, listener: TcpListener) -> io::Result<Account> {
    let mut drain = Drain::default();
    let mut acceptor = Acceptor::new(listener)?;
    let mut connections: Slab<Connection> = Slab::new();
    let mut arrivals = Vec::new();
    let mut scratch = vec![0; BUFFER_SIZE];
    let mut events = Events::new();
    let mut clients_wait = false;
    let mut clients = 0;

    while !drain.is_over(connections.is_empty()) {
        let mut timeout = sleep_limit([drain.time_left(), acceptor.time_left()]);
        if clients_wait && acceptor.is_open() {
            timeout = Some(0); // There is work left: look for news, and do not sleep.
        }
        selector.wait(&mut events, timeout)?;

        let before = connections.len();
        for (token, _) in events.iter() {
            let Some(connection) = connections.get_mut(token) else {
                continue;
            };
            let old = connection.interest();
            let new = connection.on_ready(&mut scratch);
            if new.is_none() || selector.follow(&*connection, token, old, new).is_err() {
                connections.remove(token);
            }
        }
        acceptor.end_pause_if_due(connections.len() < before);
        clients_wait |= events.contains(LISTENER);
        if clients_wait && acceptor.is_open() {
            clients_wait = acceptor.accept_waiting(&mut arrivals)?;
        }
        if events.contains(STOP) {
            drain.begin();
            acceptor.close(&mut arrivals)?;
        }
        clients += arrivals.len();
        for (stream, address) in arrivals.drain(..) {
            if let Err(error) = admit(selector, &mut connections, stream) {
                TURNED_AWAY.report(format_args!("{address} turned away: {error}"));
            }
        }
        if drain.has_begun() {
            connections.retain(|connection| !is_quiet(connection));
        }
    }
    let sleeps = getrusage(UsageWho::RUSAGE_THREAD)?.voluntary_context_switches();
    Ok(Account { clients, sleeps })
}

/// Makes a connection of a client, and puts it on the list of this loop, where it stays.
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
