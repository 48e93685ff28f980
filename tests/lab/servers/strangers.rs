//! Servers that disturb others, or a judge of many: what a class may hand in. Each process ends by itself in the end.

use std::io::{self, Write};
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::thread::sleep;
use std::time::Duration;

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrIn, bind, listen, setsockopt, socket,
    sockopt,
};
use nix::unistd::setsid;
use suite::net::{State, table};

use crate::Run;
use crate::hostile::{LONGEST, announce, echo, rest, serve, spawn};

/// All of them, by their names.
pub(crate) const ALL: &[(&str, Run)] = &[
    ("bombs", |_| bombs(0)),
    ("steals", |_| steals()),
    ("daemon", daemon),
    ("late", late),
    ("greets", |address| serve(&announce(address)?, greet)),
];

/// Makes two processes that do the same, and tries again when it may not. Even without a limit it is 4,095 processes that
/// are made, for 2 minutes.
fn bombs(depth: u32) -> io::Result<()> {
    nix::unistd::alarm::set(LONGEST);
    let mut made = 0;
    while depth < 11 && made < 2 {
        match spawn(|| drop(setsid().map(|_| bombs(depth + 1)))) {
            Ok(()) => made += 1,
            Err(_) => sleep(Duration::from_millis(5)),
        }
    }
    rest()
}

/// Listens wherever somebody else does, and at that port of all addresses, instead of where it was told.
fn steals() -> io::Result<()> {
    nix::unistd::alarm::set(LONGEST);
    let mut stolen = Vec::new();
    loop {
        for row in table().iter().filter(|row| row.state == State::Listen) {
            let everywhere = SocketAddrV4::new([0, 0, 0, 0].into(), row.local.port());
            let there = row.local.to_string().parse().unwrap_or(everywhere);
            stolen.extend([there, everywhere].into_iter().flat_map(share));
        }
        for listener in &stolen {
            let listener: &TcpListener = listener;
            if let Ok((mut client, _)) = listener.accept() {
                let _ = client.write_all(b"stolen");
            }
        }
        sleep(Duration::from_millis(1));
    }
}

/// Listens at an address, even while somebody else does who allows it.
fn share(address: SocketAddrV4) -> io::Result<TcpListener> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(AddressFamily::Inet, SockType::Stream, flags, None)?;
    setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    setsockopt(&socket, sockopt::ReusePort, &true)?;
    bind(socket.as_raw_fd(), &SockaddrIn::from(address))?;
    listen(&socket, Backlog::MAXCONN)?;
    Ok(socket.into())
}

/// Leaves its session and its parent before it serves.
fn daemon(address: SocketAddrV4) -> io::Result<()> {
    spawn(|| {
        let second = || drop(announce(address).map(|listener| serve(&listener, echo)));
        drop(setsid().map(|_| spawn(second)));
    })
}

/// Serves after a second.
fn late(address: SocketAddrV4) -> io::Result<()> {
    sleep(Duration::from_secs(1));
    crate::echo::run::<crate::echo::Echo>(address)
}

/// Says what nobody has asked for, and then echoes.
fn greet(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"<script>alert(1)</script>\x1b[2J\r\n")?;
    echo(client)
}
