//! Each step of a scenario as calls. The outer error is one of the test, the inner one what the call returned.

use std::fs;
use std::os::fd::{IntoRawFd, RawFd};

use anyhow::{Context, bail, ensure};
use nix::errno::Errno;
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr};
use nix::sys::socket::{bind, connect, getpeername, socket, socketpair};
use nix::unistd::{SysconfVar, pipe2, sysconf};

use super::sleeper::Sleeper;
use super::sys::{self, Set};
use super::words::{bits, words};
use super::{OFFSET, OTHERS, Run, Unit, tcp};

type Outcome = anyhow::Result<sys::Result<String>>;

fn ok(outcome: sys::Result<()>) -> Outcome {
    Ok(outcome.map(|()| "ok".to_owned()))
}

fn count(outcome: sys::Result<usize>) -> Outcome {
    Ok(outcome.map(|count| count.to_string()))
}

/// A name in a token: what epoll keeps with an entry.
fn token(name: &str) -> u64 {
    name.bytes()
        .fold(0, |token, byte| token << 8 | u64::from(byte))
}

fn name_of(token: u64) -> String {
    let bytes = token.to_be_bytes();
    let bytes = bytes.iter().filter(|byte| **byte != 0);
    bytes.map(|byte| char::from(*byte)).collect()
}

/// `C1..C3` as C1, C2, C3.
fn several(word: &str) -> anyhow::Result<Vec<String>> {
    let Some((first, last)) = word.split_once("..") else {
        return Ok(vec![word.to_owned()]);
    };
    let (prefix, from) = first.split_at(
        first
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(first.len()),
    );
    let (from, to): (u32, u32) = (from.parse()?, last[prefix.len()..].parse()?);
    Ok((from..=to)
        .map(|number| format!("{prefix}{number}"))
        .collect())
}

fn list(found: &[(String, u32)]) -> String {
    let each = found.iter().map(|(name, mask)| {
        format!(
            "{name} {}",
            if *mask == libc::POLLNVAL as u32 {
                "nval".to_owned()
            } else {
                words(*mask)
            }
        )
    });
    let each: Vec<_> = each.collect();
    let colon = if each.is_empty() { "" } else { ": " };
    format!("{}{colon}{}", found.len(), each.join(", "))
}

/// Returns the value for SO_SNDBUF with which eight small messages fit: the kernel counts each by the memory that it takes.
pub(super) fn send_buffer() -> anyhow::Result<libc::c_int> {
    let flags = SockFlag::SOCK_CLOEXEC;
    let (ours, _theirs) = socketpair(AddressFamily::Unix, SockType::Stream, None, flags)?;
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
    pub(super) fn step(&mut self, step: &str) -> Outcome {
        let mut all: Vec<&str> = step.split_whitespace().collect();
        let sleeps = all.first().and_then(|word| word.strip_suffix(':'));
        if sleeps.is_some() {
            all.remove(0);
        }
        let (&op, rest) = all.split_first().context("an empty step")?;
        let word = |place: usize| rest.get(place).copied().context("a word is missing");
        let n = || anyhow::Ok(word(1)?.parse::<usize>()?);
        match op {
            "epoll" => {
                // SAFETY: the call takes a number.
                let fd = Errno::result(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
                self.install(word(0)?, fd, Unit::Bytes)
            }
            "pair" | "tcp" => self.pair(word(0)?, op == "tcp"),
            "pipe" => self.pipe(word(0)?, word(1)?),
            "eventfd" => {
                let flags = EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC;
                let fd = std::os::fd::OwnedFd::from(EventFd::from_flags(flags)?);
                self.install(word(0)?, fd.into_raw_fd(), Unit::Count)
            }
            "listen" => self.listen(word(0)?, word(1)?.parse()?),
            "connect" => self.connect(word(0)?, word(1)?),
            "accept" => self.accept(word(0)?, word(1)?),
            "dup" => self.dup(word(0)?, word(1)?, rest.get(2).copied()),
            "close" => self.close(word(0)?),
            "add" | "mod" | "del" => self.control(op, word(0)?, word(1)?, &rest[2..]),
            "list" => self.interest(word(0)?),
            "read" => count(self.receive(self.fd(word(0)?), n()?)),
            "write" => self.send(self.fd(word(0)?), self.end_of(word(0)?), n()?),
            "shut" => self.shutdown(self.fd(word(0)?), self.end_of(word(0)?)),
            "wait" | "poll" | "select" => self.wait(op, rest, sleeps),
            "signal" => self.signal(word(0)?),
            _ => match self.end_of(word(0)?) {
                None => Ok(Ok("gone".to_owned())),
                Some(end) => match op {
                    "send" => self.send(end, Some(self.fd(word(0)?)), n()?),
                    "take" => count(self.receive(end, n()?)),
                    "end" => self.shutdown(end, Some(self.fd(word(0)?))),
                    "leave" => self.leave(word(0)?, end),
                    "reset" => self.reset(word(0)?, end),
                    _ => bail!("no such step"),
                },
            },
        }
    }

    /// Returns the number behind a name; one that is never open if there is none.
    fn fd(&self, name: &str) -> RawFd {
        self.names.get(name).copied().unwrap_or(OFFSET)
    }

    fn end_of(&self, name: &str) -> Option<RawFd> {
        self.ends.get(self.peers.get(name)?).copied()
    }

    fn unit(&self, fd: RawFd) -> Unit {
        self.open.get(&fd).copied().unwrap_or(Unit::Bytes)
    }

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

    fn pair(&mut self, word: &str, by_tcp: bool) -> Outcome {
        let mut last = Ok(String::new());
        for name in several(word)? {
            let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
            let [ours, theirs] = match by_tcp {
                true => tcp::pair()?,
                false => {
                    let (ours, theirs) =
                        socketpair(AddressFamily::Unix, SockType::Stream, None, flags)?;
                    [ours.into_raw_fd(), theirs.into_raw_fd()]
                }
            };
            for fd in [ours, theirs].into_iter().filter(|_| !by_tcp) {
                sys::set_option(fd, libc::SO_SNDBUF, &self.send_buffer)?;
            }
            self.put_aside(&name, theirs)?;
            last = self.install(&name, ours, Unit::Bytes)?;
        }
        Ok(last)
    }

    fn pipe(&mut self, reader: &str, writer: &str) -> Outcome {
        let (r, w) = pipe2(nix::fcntl::OFlag::O_NONBLOCK | nix::fcntl::OFlag::O_CLOEXEC)?;
        let (r, w) = (r.into_raw_fd(), w.into_raw_fd());
        sys::set_pipe_size(w, 4 * i32::try_from(page()?)?)?;
        let r = self.install(reader, r, Unit::Pages)??;
        let w = self.install(writer, w, Unit::Pages)??;
        Ok(Ok(format!("{r} {w}")))
    }

    fn listen(&mut self, name: &str, backlog: i32) -> Outcome {
        let socket = stream()?;
        self.last_end += 1;
        let address = format!("twin {} {}", std::process::id(), self.last_end).into_bytes();
        let fd = socket.into_raw_fd();
        bind(fd, &UnixAddr::new_abstract(&address)?)?;
        sys::listen(fd, backlog)?;
        self.addresses.insert(name.to_owned(), address);
        self.install(name, fd, Unit::Bytes)
    }

    fn connect(&mut self, name: &str, client: &str) -> Outcome {
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

    fn accept(&mut self, name: &str, client: &str) -> Outcome {
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

    fn dup(&mut self, name: &str, copy: &str, least: Option<&str>) -> Outcome {
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

    fn close(&mut self, name: &str) -> Outcome {
        let fd = self.fd(name);
        self.open.remove(&fd);
        let at = self
            .end_of(name)
            .filter(|&end| tcp::is_tcp(fd) && tcp::is_tcp(end));
        let outcome = sys::close(fd);
        if let (Ok(()), Some(end)) = (outcome, at) {
            tcp::end(None, end)?;
        }
        ok(outcome)
    }

    fn control(&self, op: &str, ep: &str, word: &str, flags: &[&str]) -> Outcome {
        let op = match op {
            "add" => libc::EPOLL_CTL_ADD,
            "mod" => libc::EPOLL_CTL_MOD,
            _ => libc::EPOLL_CTL_DEL,
        };
        let mask = bits(flags.iter().copied())?;
        let mut each = several(word)?.into_iter();
        ok(each.try_for_each(|name| {
            sys::epoll_ctl(self.fd(ep), op, self.fd(&name), mask, token(&name))
        }))
    }

    /// The interest list, as the kernel shows it.
    fn interest(&self, name: &str) -> Outcome {
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", self.fd(name)))?;
        let mut entries = Vec::new();
        for line in info.lines().filter(|line| line.starts_with("tfd:")) {
            let mut fields = line.split_whitespace();
            let mut after = |label| {
                fields.find(|field| *field == label);
                fields.next().context("a line of fdinfo is cut short")
            };
            let fd: RawFd = after("tfd:")?.parse()?;
            let mask = u32::from_str_radix(after("events:")?, 16)?;
            let name = name_of(u64::from_str_radix(after("data:")?, 16)?);
            entries.push((fd, format!("{name} {}", words(mask))));
        }
        entries.sort();
        let entries: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
        Ok(Ok(if entries.is_empty() {
            "empty".to_owned()
        } else {
            entries.join(", ")
        }))
    }

    fn receive(&self, fd: RawFd, n: usize) -> sys::Result<usize> {
        let size = match self.unit(fd) {
            Unit::Bytes => 1,
            Unit::Pages => page()?,
            Unit::Count => {
                let mut number = [0; 8];
                sys::read(fd, &mut number)?;
                return Ok(u64::from_ne_bytes(number) as usize);
            }
        };
        Ok(sys::read(fd, &mut vec![0; n * size])? / size)
    }

    /// Sends, and waits until it has arrived where it does not at once.
    fn send(&self, fd: RawFd, to: Option<RawFd>, n: usize) -> Outcome {
        let size = match self.unit(fd) {
            Unit::Bytes => 1,
            Unit::Pages => page()?,
            Unit::Count => {
                let written = sys::write(fd, &(n as u64).to_ne_bytes());
                return count(written.map(|_| n));
            }
        };
        let to = to.filter(|&to| tcp::is_tcp(fd) && tcp::is_tcp(to));
        let before = to.map(|to| sys::queued(to, libc::FIONREAD)).transpose()?;
        let written = sys::write(fd, &vec![b'x'; n * size]);
        if let (Some(to), Some(before), Ok(written)) = (to, before, written) {
            tcp::arrival(to, before + i32::try_from(written)?)?;
        }
        count(written.map(|written| written / size))
    }

    fn shutdown(&self, fd: RawFd, at: Option<RawFd>) -> Outcome {
        let at = at.filter(|&at| tcp::is_tcp(fd) && tcp::is_tcp(at));
        let outcome = sys::shutdown(fd);
        if let (Ok(()), Some(at)) = (outcome, at) {
            tcp::end(Some(fd), at)?;
        }
        ok(outcome)
    }

    fn leave(&mut self, name: &str, end: RawFd) -> Outcome {
        let at = Some(self.fd(name)).filter(|&fd| tcp::is_tcp(fd) && tcp::is_tcp(end));
        let unread = sys::queued(end, libc::FIONREAD)?;
        let outcome = sys::close(end);
        self.ends.retain(|_, other| *other != end);
        match at {
            Some(fd) if unread > 0 => tcp::reset(fd)?,
            Some(fd) => tcp::end(None, fd)?,
            None => {}
        }
        ok(outcome)
    }

    fn reset(&mut self, name: &str, end: RawFd) -> Outcome {
        let at_once = libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        sys::set_option(end, libc::SO_LINGER, &at_once)?;
        let outcome = sys::close(end);
        self.ends.retain(|_, other| *other != end);
        tcp::reset(self.fd(name))?;
        ok(outcome)
    }

    fn wait(&mut self, op: &str, rest: &[&str], sleeps: Option<&str>) -> Outcome {
        if sleeps.is_some_and(|process| self.sleepers.contains_key(process)) {
            return Ok(Ok("asleep already".to_owned()));
        }
        let call = self.call(op, rest)?;
        let Some(process) = sleeps else {
            return Ok(call(false));
        };
        let sleeper =
            Sleeper::start(move || call(true).unwrap_or_else(|errno| format!("{errno:?}")))?;
        self.sleepers.insert(process.to_owned(), sleeper);
        Ok(Ok("asleep".to_owned()))
    }

    /// Returns a wait, ready to be made, by this thread or by another.
    fn call(
        &self,
        op: &str,
        rest: &[&str],
    ) -> anyhow::Result<impl FnOnce(bool) -> sys::Result<String> + Send + use<>> {
        let mut entries: Vec<(String, RawFd, u32)> = Vec::new();
        let mut sets = [Vec::new(), Vec::new()];
        let (ep, max) = match op {
            "wait" => (
                self.fd(rest[0]),
                rest.get(1).context("room for how many?")?.parse()?,
            ),
            _ => (-1, 0),
        };
        for word in rest.iter().filter(|_| op != "wait") {
            let (who, what) = word.split_once(':').unwrap_or((word, ""));
            match op {
                "poll" => {
                    let mask = bits(what.split(',').filter(|word| !word.is_empty()))?;
                    entries.extend(
                        several(who)?
                            .into_iter()
                            .map(|name| (name.clone(), self.fd(&name), mask)),
                    );
                }
                _ => {
                    for word in what.split(',') {
                        sets[usize::from(who == "w")].extend(
                            several(word)?
                                .into_iter()
                                .map(|name| (name.clone(), self.fd(&name))),
                        );
                    }
                }
            }
        }
        let op = op.to_owned();
        Ok(move |sleeps| match op.as_str() {
            "wait" => {
                let found = sys::epoll_wait(ep, max, if sleeps { -1 } else { 0 })?;
                let found: Vec<_> = found
                    .into_iter()
                    .map(|(mask, data)| (name_of(data), mask))
                    .collect();
                Ok(list(&found))
            }
            "poll" => {
                let mut array: Vec<_> = entries
                    .iter()
                    .map(|(_, fd, mask)| (*fd, *mask as i16))
                    .collect();
                let answers = sys::poll(&mut array, if sleeps { -1 } else { 0 })?;
                let found = entries
                    .into_iter()
                    .zip(answers)
                    .filter(|(_, answer)| *answer != 0);
                let found: Vec<_> = found
                    .map(|((name, ..), answer)| (name, u32::from(answer.cast_unsigned())))
                    .collect();
                Ok(list(&found))
            }
            _ => select(&sets, sleeps),
        })
    }

    fn signal(&mut self, process: &str) -> Outcome {
        let Some(sleeper) = self.sleepers.remove(process) else {
            return Ok(Ok("not asleep".to_owned()));
        };
        Ok(Ok(format!("{process} {}", sleeper.interrupt()?)))
    }
}

fn select([read, write]: &[Vec<(String, RawFd)>; 2], sleeps: bool) -> sys::Result<String> {
    let mut all: Vec<(RawFd, &str)> = read
        .iter()
        .chain(write)
        .map(|(name, fd)| (*fd, name.as_str()))
        .collect();
    all.sort_unstable();
    all.dedup();
    if all.iter().any(|(fd, _)| *fd >= 0 && !sys::is_bit(*fd)) {
        return Ok("no such bit".to_owned());
    }
    let numbers = |set: &[(String, RawFd)]| set.iter().map(|(_, fd)| *fd).collect::<Vec<_>>();
    let (mut readable, mut writable) = (Set::of(&numbers(read)), Set::of(&numbers(write)));
    let bits = all.last().map_or(0, |(fd, _)| fd + 1);
    sys::select(bits, &mut readable, &mut writable, sleeps)?;
    let has = |set: &[(String, RawFd)], found: &Set, fd, bit: i32| match set
        .iter()
        .any(|(_, other)| *other == fd)
        && found.has(fd)
    {
        true => bit as u32,
        false => 0,
    };
    let found = all.into_iter().map(|(fd, name)| {
        let mask =
            has(read, &readable, fd, libc::EPOLLIN) | has(write, &writable, fd, libc::EPOLLOUT);
        (name.to_owned(), mask)
    });
    let found: Vec<_> = found.filter(|(_, mask)| *mask != 0).collect();
    Ok(list(&found))
}

fn stream() -> nix::Result<std::os::fd::OwnedFd> {
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    socket(AddressFamily::Unix, SockType::Stream, flags, None)
}

fn page() -> sys::Result<usize> {
    let size = sysconf(SysconfVar::PAGE_SIZE)?.ok_or(Errno::EINVAL)?;
    usize::try_from(size).map_err(|_| Errno::EINVAL)
}
