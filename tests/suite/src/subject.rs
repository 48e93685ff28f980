//! A server to be judged, before it runs.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::profile::{ANY, BEYOND, Profile, STAGES};
use crate::{Faults, Server};

/// A server to be judged: how to start it, and what to expect of it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The program and its arguments; `{addr}`, `{ip}` and `{port}` stand for where to listen.
    pub command: Vec<OsString>,
    /// Whether it prints `listening on ADDR` when it is ready, and takes port 0.
    pub announces: bool,
    /// What is expected of it.
    pub profile: Profile,
}

impl Subject {
    /// Stage `number` of the course, built as `program`, or as [`PROGRAMS`](crate::PROGRAMS) says.
    pub fn stage(number: u8, program: &str) -> Self {
        Self {
            command: vec![crate::program(program).into(), "{addr}".into()],
            announces: true,
            profile: STAGES[usize::from(number) - 1],
        }
    }

    /// Returns the server `name` of `docs/beyond`, built as `program` or as [`PROGRAMS`](crate::PROGRAMS) says.
    ///
    /// # Panics
    ///
    /// Panics if there is no row for it in [`BEYOND`].
    pub fn beyond(name: &str, program: &str) -> Self {
        let row = BEYOND.iter().find(|(row, ..)| *row == name);
        let (_, words, profile) = row.unwrap_or_else(|| panic!("there is no row for {name}"));
        let options = words[1..].iter().map(OsString::from);
        Self {
            command: [crate::program(program).into()]
                .into_iter()
                .chain(options)
                .collect(),
            announces: true,
            profile: *profile,
        }
    }

    /// Returns a server from elsewhere, about which nothing is known.
    pub const fn foreign(command: Vec<OsString>) -> Self {
        Self {
            command,
            announces: false,
            profile: ANY,
        }
    }

    /// Starts the server at an address of its own.
    pub fn start(&self) -> Server {
        self.start_with(&Faults::default())
    }

    /// Starts the server with faults made for it. One that is told a port only is looked for at 127.0.0.1.
    pub fn start_with(&self, faults: &Faults) -> Server {
        let address = match self.names("{addr}") || self.names("{ip}") {
            true => fresh_address(),
            false => (Ipv4Addr::LOCALHOST, 0).into(),
        };
        Server::start(self, address, faults)
    }

    /// Whether its command names `place`: `{addr}`, `{ip}` or `{port}`.
    pub fn names(&self, place: &str) -> bool {
        let arguments = self.command.iter();
        let mut arguments = arguments.filter_map(|argument| argument.to_str());
        arguments.any(|argument| argument.contains(place))
    }

    /// The command that starts it at `address`.
    pub(crate) fn command_at(&self, address: SocketAddr) -> Command {
        let mut command = Command::new(self.program());
        let arguments = self.command[1..].iter();
        command.args(arguments.map(|argument| fill_in(argument, address)));
        command
    }

    /// Where to start it: a server that does not say which port it got has to be given one.
    pub(crate) fn address_for(&self, address: SocketAddr) -> SocketAddr {
        match (self.announces, address.port()) {
            (false, 0) => free_port(address.ip()),
            _ => address,
        }
    }

    /// Returns the program alone, for other arguments.
    pub fn program(&self) -> &OsString {
        &self.command[0]
    }
}

/// A loopback address that nobody else uses: no other test's port can be in the way, nor the
/// connections that it left in TIME_WAIT.
pub fn fresh_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = (std::process::id() << 8) ^ NEXT.fetch_add(1, Ordering::Relaxed);
    let [_, b, c, d] = number.to_be_bytes();
    // 127.0.0.0 and 127.255.255.255 are not for hosts, 127.0.0.1 is for everybody.
    (Ipv4Addr::new(127, b.clamp(1, 254), c, d), 0).into()
}

fn free_port(ip: IpAddr) -> SocketAddr {
    let listener = TcpListener::bind((ip, 0)).and_then(|listener| listener.local_addr());
    listener.unwrap_or_else(|error| panic!("no free port at {ip}: {error}"))
}

fn fill_in(argument: &OsString, address: SocketAddr) -> OsString {
    let Some(argument) = argument.to_str() else {
        return argument.clone();
    };
    let argument = argument.replace("{addr}", &address.to_string());
    argument
        .replace("{port}", &address.port().to_string())
        .replace("{ip}", &address.ip().to_string())
        .into()
}
