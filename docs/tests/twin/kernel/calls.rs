//! Each step of a scenario as a call.

use std::fs;
use std::os::fd::RawFd;

use anyhow::{Context, bail};
use nix::errno::Errno;

use super::words::{bits, name_of, several, token, words};
use super::{OFFSET, Outcome, Run, Unit, count, ok, sys};

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
            "epoll" => self.epoll(word(0)?),
            "pair" => self.pairs(word(0)?),
            "tcp" => self.tcp_pairs(word(0)?),
            "pipe" => self.pipe(word(0)?, word(1)?),
            "eventfd" => self.eventfd(word(0)?),
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
    pub(super) fn fd(&self, name: &str) -> RawFd {
        self.names.get(name).copied().unwrap_or(OFFSET)
    }

    pub(super) fn end_of(&self, name: &str) -> Option<RawFd> {
        self.ends.get(self.peers.get(name)?).copied()
    }

    pub(super) fn unit(&self, fd: RawFd) -> Unit {
        self.open.get(&fd).copied().unwrap_or(Unit::Bytes)
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

    /// Returns the interest list, as the kernel shows it, in the order of the numbers.
    fn interest(&self, name: &str) -> Outcome {
        let Ok(info) = fs::read_to_string(format!("/proc/self/fdinfo/{}", self.fd(name))) else {
            return Ok(Err(Errno::EBADF));
        };
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
}
