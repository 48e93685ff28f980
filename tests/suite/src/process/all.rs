//! The processes of the machine, and the one that serves an address.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use super::Process;
use super::files::numbers;
use crate::net;

impl Process {
    /// Returns all processes that can be seen.
    pub fn all() -> impl Iterator<Item = Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        numbers(entries.collect()).map(Self::new)
    }

    /// Returns its words on the command line, with a space between them; nothing if it has ended.
    pub fn command_line(self) -> String {
        self.glance("cmdline").replace('\0', " ")
    }

    /// Returns the process that listens at `address`, or at that port of all addresses. Of several that share the socket
    /// it is the one that the others come from. `None` if there is none, or if it is one whose descriptors this user may
    /// not see.
    pub fn listening_at(address: SocketAddr) -> Option<Self> {
        let listener = net::listener_for(address)?;
        let socket = format!("socket:[{}]", listener.inode);
        let holders: Vec<Self> = Self::all().filter(|one| one.holds(&socket)).collect();
        let started: Vec<Self> = (holders.iter())
            .flat_map(|holder| holder.descendants())
            .collect();
        let mut oldest = holders.into_iter();
        oldest.find(|holder| !started.contains(holder))
    }

    /// Returns whether one of its descriptors names `target`; `false` if this user may not see them.
    fn holds(self, target: &str) -> bool {
        let entries = self.glance_at_folder("fd").into_iter();
        let mut links = entries.map(|entry| fs::read_link(entry.path()));
        links.any(|link| link.is_ok_and(|to| to == Path::new(target)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

    use super::*;

    #[test]
    fn the_listener_is_found_by_its_address() -> std::io::Result<()> {
        let own = Process::new(std::process::id().cast_signed());
        for address in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
            let listener = TcpListener::bind(address)?;
            let port = listener.local_addr()?.port();
            let client: SocketAddr = match address.starts_with('[') {
                true => (Ipv6Addr::LOCALHOST, port).into(),
                false => (Ipv4Addr::LOCALHOST, port).into(),
            };
            assert_eq!(Process::listening_at(client), Some(own), "{address}");
        }
        Ok(())
    }
}
