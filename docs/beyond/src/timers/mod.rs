//! Stage 6 that closes the clients that are idle.
//!
//! *New*: a deadline for each client, in a [heap](Deadlines). One [alarm](Alarm) for all of them, set to the
//! first. What a client does is only noted; its deadline moves when it is due.
//! *Carried over*: the loop, the selector and the slab of stage 6, and so the rest.
//! *Cost*: 16 bytes more for each client, an entry of 24 in the heap, and at most one wake-up for each
//! client in the time that it may be idle.

mod alarm;
mod deadlines;

use std::io;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use nix::sys::socket::{setsockopt, sockopt};
use stage_01::{BUFFER_SIZE, RateLimited, announce};
use stage_04::{Acceptor, Connection, Interest, raise_fd_limit};
use stage_05::{Shutdown, is_quiet, sleep_limit};
use stage_06::{Events, Selector, Slab, Token, level_triggered};

pub use alarm::Alarm;
pub use deadlines::Deadlines;

const SIGNAL: Token = Token::reserved(0);
const LISTENER: Token = Token::reserved(1);
const ALARM: Token = Token::reserved(2);

static TURNED_AWAY: RateLimited = RateLimited::new();

/// A connection, and when something was last heard of it.
#[derive(Debug)]
struct Client {
    connection: Connection,
    active: Instant,
}

/// Announces the listener's address, and serves every client, until SIGTERM or SIGINT. Closes each client
/// that has been idle for as long as `idle` says.
///
/// # Errors
///
/// Returns the errors of [`Shutdown`], [`announce`], ioctl(2), epoll_create1(2), epoll_ctl(2), epoll_wait(2),
/// timerfd_create(2) and timerfd_settime(2), and the fatal ones of accept(2).
pub fn run(listener: TcpListener, idle: Option<Duration>) -> io::Result<()> {
    raise_fd_limit();
    let mut shutdown = Shutdown::on_signals()?;
    let selector = Selector::new()?;
    let mut alarm = Alarm::new()?;
    selector.register(&shutdown, SIGNAL, level_triggered(Interest::Read))?;
    selector.register(&listener, LISTENER, level_triggered(Interest::Read))?;
    selector.register(&alarm, ALARM, level_triggered(Interest::Read))?;
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut clients: Slab<Client> = Slab::new();
    let mut deadlines: Deadlines<Instant> = Deadlines::new();
    let mut arrivals = Vec::new();
    let mut scratch = vec![0; BUFFER_SIZE];
    let mut events = Events::new();

    while !shutdown.is_over(clients.is_empty()) {
        let timeout = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
        selector.wait(&mut events, timeout)?;

        let before = clients.len();
        for (token, _) in events.iter() {
            let Some(client) = clients.get_mut(token) else {
                continue;
            };
            // That is all that activity costs: the heap and the alarm stay as they are. (To look at the
            // clock is no system call on most machines: vdso(7).)
            client.active = Instant::now();
            let connection = &mut client.connection;
            let old = connection.interest();
            let new = connection.on_ready(&mut scratch);
            if new.is_none() || selector.follow(&*connection, token, old, new).is_err() {
                clients.remove(token);
            }
        }
        if let Some(idle) = idle {
            close_idle(&mut clients, &mut deadlines, idle);
        }
        let watched = acceptor.interest();
        acceptor.end_pause_if_due(clients.len() < before);
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
            match admit(&selector, &mut clients, stream) {
                Ok(token) => {
                    if let Some(idle) = idle {
                        deadlines.push(Instant::now() + idle, token);
                    }
                }
                Err(error) => TURNED_AWAY.report(format_args!("{address} turned away: {error}")),
            }
        }
        if shutdown.has_begun() {
            clients.retain(|client| !is_quiet(&client.connection));
        }
        deadlines.forget_gone(clients.len(), |token| clients.get_mut(token).is_some());
        alarm.set(deadlines.first())?;
    }
    Ok(())
}

/// Closes the clients that have been idle for too long. One whose deadline has come, and that was active
/// meanwhile, gets its next deadline here.
fn close_idle(clients: &mut Slab<Client>, deadlines: &mut Deadlines<Instant>, idle: Duration) {
    let now = Instant::now();
    while let Some(token) = deadlines.pop_due(now) {
        // Not in the slab: this client left before its deadline, and its entry has outlived it.
        let Some(client) = clients.get_mut(token) else {
            continue;
        };
        let deadline = client.active + idle;
        if deadline > now {
            deadlines.push(deadline, token);
            continue;
        }
        if client.connection.interest() == Some(Interest::Write) {
            reset_on_close(&client.connection);
        }
        clients.remove(token);
    }
}

/// Has the close of `connection` reset it (socket(7), SO_LINGER with a time of 0). Its client did not take
/// what it is owed: an EOF would say that this was all, and the kernel would keep the bytes for minutes.
fn reset_on_close(connection: &Connection) {
    let at_once = nix::libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // Fails for no socket that is open.
    let _ = setsockopt(connection, sockopt::Linger, &at_once);
}

/// Makes a connection of a client, and puts it on the list.
fn admit(selector: &Selector, clients: &mut Slab<Client>, stream: TcpStream) -> io::Result<Token> {
    let token = clients.insert(Client {
        connection: Connection::new(stream)?,
        active: Instant::now(),
    });
    let connection = &clients[token].connection;
    let registered = selector.register(connection, token, level_triggered(Interest::Read));
    if registered.is_err() {
        clients.remove(token);
    }
    registered.map(|()| token)
}
