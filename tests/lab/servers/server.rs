//! The loop of a server.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Write};
use std::marker::PhantomData;
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

use nix::sys::epoll::EpollFlags;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::SigSet;
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::echo::{Connection, Manners};
use crate::selector::Selector;
use crate::sockets::{listen, unacknowledged};

/// Clients that may wait to be accepted.
const QUEUE: usize = 4_096;
/// How long clients that do not read may hold up the end.
const GRACE: Duration = Duration::from_secs(2);
/// The time between two looks for connections on which nothing is under way.
const LOOK: Duration = Duration::from_millis(10);
/// How long the listener is left alone when descriptors are short.
const PAUSE: Duration = Duration::from_millis(100);

/// A server that runs.
pub(crate) struct Server<M> {
    listener: Option<TcpListener>,
    selector: Box<dyn Selector>,
    signals: SignalFd,
    pub(crate) ends_by: SigSet,
    pub(crate) connections: HashMap<RawFd, Connection>,
    is_listening: bool,
    resume_at: Option<Instant>,
    /// When a server that ends waits no longer.
    pub(crate) drained_at: Option<Instant>,
    has_complained: bool,
    manners: PhantomData<M>,
}

/// Serves at `address` until a signal comes.
pub(crate) fn run<M: Manners>(address: SocketAddrV4) -> io::Result<()> {
    // Where the limit cannot be raised, fewer clients fit.
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
    let listener = listen(address, M::REUSES_ADDRESS, QUEUE)?;
    listener.set_nonblocking(true)?;
    let ends_by = M::ends_by()?;
    ends_by.thread_block()?;
    let mut server = Server::<M> {
        listener: Some(listener),
        selector: M::selector()?,
        signals: SignalFd::with_flags(&ends_by, SfdFlags::SFD_NONBLOCK)?,
        ends_by,
        connections: HashMap::new(),
        is_listening: false,
        resume_at: None,
        drained_at: None,
        has_complained: false,
        manners: PhantomData,
    };
    server.run()
}

impl<M: Manners> Server<M> {
    fn run(&mut self) -> io::Result<()> {
        let signals = self.signals.as_raw_fd();
        self.selector.set(signals, EpollFlags::EPOLLIN)?;
        self.listen()?;
        if let Some(listener) = &self.listener {
            println!("listening on {}", listener.local_addr()?);
        }
        while !self.drained_at.is_some_and(|at| M::is_over(self, at)) {
            for (number, events) in self.selector.wait(self.time_limit())? {
                if number == signals {
                    self.signals.read_signal()?;
                    M::on_signal(self)?;
                } else if self.connections.contains_key(&number) {
                    self.serve(number, events)?;
                } else {
                    self.accept()?;
                }
            }
            self.after_events()?;
        }
        Ok(())
    }

    fn after_events(&mut self) -> io::Result<()> {
        if self.resume_at.is_some_and(|at| Instant::now() >= at) {
            self.listen()?;
        }
        if self.drained_at.is_some() {
            let all = self.connections.iter();
            let quiet = all.filter(|(_, connection)| is_quiet::<M>(connection));
            let quiet: Vec<RawFd> = quiet.map(|(number, _)| *number).collect();
            quiet.into_iter().try_for_each(|number| self.drop(number))?;
        }
        Ok(())
    }

    fn listen(&mut self) -> io::Result<()> {
        self.resume_at = None;
        if let Some(listener) = &self.listener {
            self.selector.set(listener.as_raw_fd(), M::LISTENER)?;
            self.is_listening = true;
        }
        Ok(())
    }

    pub(crate) fn leave_listener_alone(&mut self) -> io::Result<()> {
        if let Some(listener) = &self.listener {
            self.selector.forget(listener.as_raw_fd())?;
        }
        self.is_listening = false;
        self.complain("cannot accept: clients have to wait");
        self.resume_at = Some(Instant::now() + PAUSE);
        Ok(())
    }

    /// Says something once, if somebody reads it.
    pub(crate) fn complain(&mut self, line: &str) {
        if !self.has_complained {
            let _ = writeln!(io::stderr(), "{line}");
        }
        self.has_complained = true;
    }

    /// Lets in one client, and returns whether more may wait.
    pub(crate) fn accept(&mut self) -> io::Result<bool> {
        let Some(listener) = self.listener.as_ref().filter(|_| self.is_listening) else {
            return Ok(false);
        };
        match listener.accept() {
            Ok((stream, _)) => M::admit(self, stream).map(|()| true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            // That client is gone, or descriptors are short: the next accept may fail as well.
            Err(_) => M::on_shortage(self).map(|()| false),
        }
    }

    /// Adds a client.
    pub(crate) fn add(&mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        let connection = Connection {
            stream,
            pending: Vec::new(),
            eof: false,
            is_done: false,
        };
        let number = connection.stream.as_raw_fd();
        self.selector.set(number, M::interest(&connection))?;
        self.connections.insert(number, connection);
        Ok(())
    }

    fn serve(&mut self, number: RawFd, events: EpollFlags) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(&number) else {
            return Ok(());
        };
        let before = M::interest(connection);
        match M::on_ready(connection, events) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => {
                return M::on_reset(self, number, error);
            }
            // Readiness is a hint.
            _ => {}
        }
        let after = M::interest(connection);
        if after.is_empty() {
            return self.drop(number);
        }
        if after != before {
            self.selector.set(number, after)?;
        }
        Ok(())
    }

    /// Closes a connection, which makes room for another.
    pub(crate) fn drop(&mut self, number: RawFd) -> io::Result<()> {
        self.forget(number)?;
        match self.resume_at {
            Some(_) => self.listen(),
            None => Ok(()),
        }
    }

    /// Takes a connection off the list.
    pub(crate) fn forget(&mut self, number: RawFd) -> io::Result<Option<Connection>> {
        self.selector.forget(number)?;
        Ok(self.connections.remove(&number))
    }

    /// Lets in those who wait and nobody else, and serves on until nothing is under way.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        M::empty_the_queue(self)?;
        self.drained_at = Some(Instant::now() + GRACE);
        self.resume_at = None;
        if let Some(listener) = self.listener.take().filter(|_| self.is_listening) {
            self.selector.forget(listener.as_raw_fd())?;
        }
        Ok(())
    }

    fn time_limit(&self) -> Option<Duration> {
        let until_resumed = |at: Instant| at.saturating_duration_since(Instant::now());
        match self.drained_at {
            Some(_) => Some(LOOK),
            None => self.resume_at.map(until_resumed).or(M::SLEEP),
        }
    }
}

/// Returns whether nothing is under way on a connection, in either direction.
fn is_quiet<M: Manners>(connection: &Connection) -> bool {
    connection.pending.is_empty()
        && !M::has_unread_bytes(connection)
        && unacknowledged(&connection.stream) == 0
}
