//! How several loops share one address.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::str::FromStr;

use nix::sys::epoll::EpollFlags;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, bind, listen, setsockopt, socket,
    sockopt,
};

/// How several loops share one address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listening {
    /// A listener for each loop, all of them bound to the address (SO_REUSEPORT, socket(7)). The kernel
    /// picks one for each client, by a hash of the client's address.
    #[default]
    Reuseport,
    /// One listener, which all loops watch. Each arrival wakes all of them.
    Shared,
    /// One listener, which all loops watch. Each arrival wakes one that sleeps, or a few (EPOLLEXCLUSIVE,
    /// epoll_ctl(2)).
    Exclusive,
}

impl Listening {
    /// Listens on `address`, and returns a listener for each of `loops` loops.
    ///
    /// # Errors
    ///
    /// Returns the errors of socket(2), setsockopt(2), bind(2), listen(2) and fcntl(2), F_DUPFD_CLOEXEC.
    pub fn open(self, address: SocketAddr, loops: usize) -> io::Result<Vec<TcpListener>> {
        let first = match self {
            Self::Reuseport => listen_with_others(address)?,
            Self::Shared | Self::Exclusive => stage_01::listen(address)?,
        };
        // If port 0 was asked for, this is the one that the kernel has picked.
        let address = first.local_addr()?;
        let mut listeners = vec![first];
        while listeners.len() < loops {
            listeners.push(match self {
                Self::Reuseport => listen_with_others(address)?,
                // A second descriptor of the same open socket.
                Self::Shared | Self::Exclusive => listeners[0].try_clone()?,
            });
        }
        Ok(listeners)
    }

    /// Returns what a loop watches its listener for: edges, so that a loop that cannot accept has nothing
    /// to tell the kernel. An entry with EPOLLEXCLUSIVE could not be changed (epoll_ctl(2), EINVAL).
    pub(super) fn flags(self) -> EpollFlags {
        let edges = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
        match self {
            Self::Reuseport | Self::Shared => edges,
            Self::Exclusive => edges | EpollFlags::EPOLLEXCLUSIVE,
        }
    }
}

impl FromStr for Listening {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text {
            "reuseport" => Ok(Self::Reuseport),
            "shared" => Ok(Self::Shared),
            "exclusive" => Ok(Self::Exclusive),
            _ => anyhow::bail!("'{text}' is none of reuseport, shared and exclusive"),
        }
    }
}

/// Listens on `address`, to which other sockets of this user may be bound, if they allow it as well.
fn listen_with_others(address: SocketAddr) -> io::Result<TcpListener> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let socket = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    // The first one is what std sets, see stage 1. Both have to be set before the bind.
    setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    setsockopt(&socket, sockopt::ReusePort, &true)?;
    bind(socket.as_raw_fd(), &SockaddrStorage::from(address))?;
    listen(&socket, Backlog::MAXALLOWABLE)?;
    Ok(socket.into())
}
