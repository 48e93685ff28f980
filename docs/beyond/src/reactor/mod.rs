//! An async runtime in its smallest form, and an echo on it: written as stage 1's, running as stage 7's.
//!
//! *New*: a client is a future, which the compiler makes of [`echo`]. The [`Executor`] polls it when it was woken, the
//! [`Driver`] wakes it, and a [budget](coop) ends its turn.
//! *Carried over*: the loop and the edges of stage 7, the selector and the slab of stage 6, and all that they carry over.
//! *Cost*: a task on the heap for each client, and a new waker for each of its turns.

mod coop;
mod driver;
mod executor;
mod net;

use std::io;
use std::net::TcpListener;

use stage_01::{RateLimited, announce};
use stage_04::{Acceptor, Interest, raise_fd_limit};
use stage_05::{Shutdown, sleep_limit};
use stage_06::{Events, Token, level_triggered};
use stage_07::EDGES;

pub use driver::{Driver, ScheduledIo};
pub use executor::{Executor, Task};
pub use net::TcpStream;

const SIGNAL: Token = Token::reserved(0);
const LISTENER: Token = Token::reserved(1);

static TURNED_AWAY: RateLimited = RateLimited::new();

/// Sends back what the client sends, until its EOF. It is stage 1's function, and each `await` is a place where that one
/// waits unseen.
///
/// # Errors
///
/// Returns the errors of read(2) and write(2), except would-block.
pub async fn echo(client: TcpStream) -> io::Result<()> {
    loop {
        match &client.read().await?[..] {
            [] => return Ok(()),
            received => client.write_all(received).await?,
        }
    }
}

/// Announces the listener's address, and serves every client, until SIGTERM or SIGINT.
///
/// # Errors
///
/// Returns the errors of [`Shutdown`], [`announce`], ioctl(2), epoll_create1(2), epoll_ctl(2) and
/// epoll_wait(2), and the fatal ones of accept(2).
pub fn run(listener: TcpListener) -> io::Result<()> {
    raise_fd_limit();
    let mut shutdown = Shutdown::on_signals()?;
    let driver = Driver::new()?;
    let selector = &driver.selector;
    selector.register(&shutdown, SIGNAL, level_triggered(Interest::Read))?;
    selector.register(&listener, LISTENER, EDGES)?;
    announce(&listener)?;
    let mut acceptor = Acceptor::new(listener)?;
    let mut executor = Executor::default();
    let mut arrivals = Vec::new();
    let mut events = Events::new();
    let mut clients_wait = false;

    while !shutdown.is_over(executor.tasks.is_empty()) {
        let mut timeout = sleep_limit([shutdown.time_left(), acceptor.time_left()]);
        if executor.has_work() || (clients_wait && acceptor.is_open()) {
            timeout = Some(0); // There is work left: look for news, and do not sleep.
        }
        driver.turn(&mut events, timeout)?;

        let before = executor.tasks.len();
        executor.poll_woken();
        acceptor.end_pause_if_due(executor.tasks.len() < before);
        clients_wait |= events.contains(LISTENER);
        if clients_wait && acceptor.is_open() {
            clients_wait = acceptor.accept_waiting(&mut arrivals)?;
        }
        if events.contains(SIGNAL) && shutdown.begin()? {
            acceptor.close(&mut arrivals)?;
        }
        for (stream, address) in arrivals.drain(..) {
            match TcpStream::new(&driver, stream) {
                Ok(client) => executor.spawn(echo(client)),
                Err(error) => TURNED_AWAY.report(format_args!("{address} turned away: {error}")),
            }
        }
        if shutdown.has_begun() {
            driver.shut_down_quiet();
        }
    }
    Ok(())
}
