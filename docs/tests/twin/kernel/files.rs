//! What makes descriptors, and what closes them.

use std::os::fd::{IntoRawFd, OwnedFd, RawFd};

use anyhow::ensure;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr};
use nix::sys::socket::{bind, connect, getpeername, socket, socketpair};
use nix::unistd::pipe2;

use super::words::several;
use super::{OFFSET, OTHERS, Outcome, Run, Unit, ok, page, sys, tcp};

const FLAGS: SockFlag = SockFlag::SOCK_NONBLOCK.union(SockFlag::SOCK_CLOEXEC);

/// Returns the value for SO_SNDBUF with which eight small messages fit: the kernel counts each by the memory that it takes.
pub(super) fn send_buffer() -> anyhow::Result<libc::c_int> {
    let (ours, _theirs) = socketpair(AddressFamily::Unix, SockType::Stream, None, FLAGS)?;
    let fd = ours.into_raw_fd();
    let mut sizes = [0; 2];
    for (size, length) in sizes.iter_mut().zip([1, 99]) {
        let before = sys::queued(fd, libc::TIOCOUTQ)?;
        sys::write(fd, &vec![0; length])?;
        *size = sys::queued(fd, libc::TIOCOUTQ)? - before;
    }
    sys::close(fd)?;
    ensure!(
        sizes[0] == sizes[1],
        "messages of 1 and of 99 bytes count as {sizes:?}"
    );
    // The kernel doubles the value.
    Ok(4 * sizes[0])
}

impl Run {
    /// Puts a descriptor among those of the program, at the lowest free number.
    fn install(&mut self, name: &str, fd: RawFd, unit: Unit) -> Outcome {
        let number = sys::duplicate(fd, OFFSET + 3)?;
        sys::close(fd)?;
        self.open.insert(number, unit);
        self.names.insert(name.to_owned(), number);
        Ok(Ok((number - OFFSET).to_string()))
    }

    /// Puts a descriptor among those of the other ends.
    fn put_aside(&mut self, name: &str, fd: RawFd) -> anyhow::Result<()> {
        let end = sys::duplicate(fd, OTHERS)?;
        sys::close(fd)?;
        self.last_end += 1;
        self.ends.insert(self.last_end, end);
        self.peers.insert(name.to_owned(), self.last_end);
        Ok(())
    }

    pub(super) fn epoll(&mut self, name: &str) -> Outcome {
        // SAFETY: the call takes a number.
        let fd = Errno::result(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        self.install(name, fd, Unit::Bytes)
    }

    pub(super) fn eventfd(&mut self, name: &str) -> Outcome {
        let flags = EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC;
        let fd = OwnedFd::from(EventFd::from_flags(flags)?);
        self.install(name, fd.into_raw_fd(), Unit::Count)
    }

    pub(super) fn pairs(&mut self, word: &str) -> Outcome {
        let mut last = Ok(String::new());
        for name in several(word)? {
            let (ours, theirs) = socketpair(AddressFamily::Unix, SockType::Stream, None, FLAGS)?;
            let (ours, theirs) = (ours.into_raw_fd(), theirs.into_raw_fd());
            for fd in [ours, theirs] {
                sys::set_option(fd, libc::SO_SNDBUF, &self.send_buffer)?;
            }
            self.put_aside(&name, theirs)?;
            last = self.install(&name, ours, Unit::Bytes)?;
        }
        Ok(last)
    }

    pub(super) fn tcp_pairs(&mut self, word: &str) -> Outcome {
        let mut last = Ok(String::new());
        for name in several(word)? {
            let [ours, theirs] = tcp::pair()?;
            self.put_aside(&name, theirs)?;
            last = self.install(&name, ours, Unit::Bytes)?;
        }
        Ok(last)
    }

    pub(super) fn pipe(&mut self, reader: &str, writer: &str) -> Outcome {
        let (r, w) = pipe2(OFlag::O_NONBLOCK | OFlag::O_CLOEXEC)?;
        let (r, w) = (r.into_raw_fd(), w.into_raw_fd());
        sys::set_pipe_size(w, 4 * i32::try_from(page()?)?)?;
        let r = self.install(reader, r, Unit::Pages)??;
        let w = self.install(writer, w, Unit::Pages)??;
        Ok(Ok(format!("{r} {w}")))
    }

    pub(super) fn listen(&mut self, name: &str, backlog: i32) -> Outcome {
        let socket = stream()?;
        self.last_end += 1;
        let address = format!("twin {} {}", std::process::id(), self.last_end).into_bytes();
        let fd = socket.into_raw_fd();
        bind(fd, &UnixAddr::new_abstract(&address)?)?;
        sys::listen(fd, backlog)?;
        self.addresses.insert(name.to_owned(), address);
        self.install(name, fd, Unit::Bytes)
    }

    pub(super) fn connect(&mut self, name: &str, client: &str) -> Outcome {
        let Some(address) = self.addresses.get(name) else {
            return Ok(Err(Errno::ECONNREFUSED));
        };
        let address = UnixAddr::new_abstract(address)?;
        let fd = stream()?.into_raw_fd();
        sys::set_option(fd, libc::SO_SNDBUF, &self.send_buffer)?;
        // The client's own address is the number by which `accept` knows whom it has accepted.
        let own = format!("end {} {}", std::process::id(), self.last_end + 1);
        bind(fd, &UnixAddr::new_abstract(own.as_bytes())?)?;
        match connect(fd, &address) {
            Ok(()) => self.put_aside(client, fd)?,
            Err(errno) => {
                sys::close(fd)?;
                return Ok(Err(errno));
            }
        }
        ok(Ok(()))
    }

    pub(super) fn accept(&mut self, name: &str, client: &str) -> Outcome {
        let fd = match sys::accept(self.fd(name)) {
            Ok(fd) => fd,
            Err(errno) => return Ok(Err(errno)),
        };
        sys::set_option(fd, libc::SO_SNDBUF, &self.send_buffer)?;
        let address = getpeername::<UnixAddr>(fd)?;
        let address =
            String::from_utf8_lossy(address.as_abstract().unwrap_or_default()).into_owned();
        let number = address.rsplit(' ').next().unwrap_or_default().parse()?;
        self.peers.insert(client.to_owned(), number);
        self.install(client, fd, Unit::Bytes)
    }

    pub(super) fn dup(&mut self, name: &str, copy: &str, least: Option<&str>) -> Outcome {
        let from = self.fd(name);
        let (least, offset) = match least {
            None => (OFFSET + 3, OFFSET),
            // High numbers are what they are: it is the point of them.
            Some(least) => (least.parse()?, 0),
        };
        Ok(sys::duplicate(from, least).map(|number| {
            self.open.insert(number, self.unit(from));
            self.names.insert(copy.to_owned(), number);
            (number - offset).to_string()
        }))
    }

    pub(super) fn close(&mut self, name: &str) -> Outcome {
        let fd = self.fd(name);
        self.open.remove(&fd);
        let is_tcp = tcp::is_tcp(fd);
        let outcome = sys::close(fd);
        if let (true, Ok(()), Some(end)) = (is_tcp, outcome, self.end_of(name)) {
            tcp::hears_the_end(end)?;
        }
        ok(outcome)
    }
}

fn stream() -> nix::Result<OwnedFd> {
    socket(AddressFamily::Unix, SockType::Stream, FLAGS, None)
}
