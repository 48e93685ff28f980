//! The calls that wait, by this thread or by one that sleeps.

use std::os::fd::RawFd;

use anyhow::Context;
use libc::{c_int, c_short};

use super::sleeper::Sleeper;
use super::sys::{self, Set};
use super::words::{bits, list, name_of, several};
use super::{Outcome, Run};

/// The timeouts of a wait, in milliseconds.
const AT_ONCE: c_int = 0;
const NONE: c_int = -1;

/// A wait, ready to be made.
enum Wait {
    Epoll { ep: RawFd, room: usize },
    Poll(Vec<(Named, u32)>),
    Select { read: Vec<Named>, write: Vec<Named> },
}

/// A descriptor, by its name and its number.
type Named = (String, RawFd);

impl Run {
    pub(super) fn wait(&mut self, op: &str, rest: &[&str], sleeps: Option<&str>) -> Outcome {
        let wait = self.prepare(op, rest)?;
        let Some(process) = sleeps else {
            return Ok(wait.make(AT_ONCE));
        };
        if self.sleepers.contains_key(process) {
            return Ok(Ok("asleep already".to_owned()));
        }
        let call = move || wait.make(NONE);
        let sleeper = Sleeper::start(move || call().unwrap_or_else(|errno| format!("{errno:?}")))?;
        self.sleepers.insert(process.to_owned(), sleeper);
        Ok(Ok("asleep".to_owned()))
    }

    pub(super) fn signal(&mut self, process: &str) -> Outcome {
        let Some(sleeper) = self.sleepers.remove(process) else {
            return Ok(Ok("not asleep".to_owned()));
        };
        Ok(Ok(format!("{process} {}", sleeper.interrupt()?)))
    }

    fn prepare(&self, op: &str, rest: &[&str]) -> anyhow::Result<Wait> {
        match op {
            "wait" => Ok(Wait::Epoll {
                ep: self.fd(rest.first().context("which epoll?")?),
                room: rest.get(1).context("room for how many?")?.parse()?,
            }),
            "poll" => self.entries(rest).map(Wait::Poll),
            _ => Ok(Wait::Select {
                read: self.set(rest, "r:")?,
                write: self.set(rest, "w:")?,
            }),
        }
    }

    fn named(&self, word: &str) -> anyhow::Result<Vec<Named>> {
        let names = several(word)?.into_iter();
        Ok(names.map(|name| (name.clone(), self.fd(&name))).collect())
    }

    /// Returns the array of a poll: `A:in B:in,out`.
    fn entries(&self, words: &[&str]) -> anyhow::Result<Vec<(Named, u32)>> {
        let mut entries = Vec::new();
        for word in words {
            let (who, events) = word.split_once(':').unwrap_or((word, ""));
            let mask = bits(events.split(',').filter(|event| !event.is_empty()))?;
            entries.extend(self.named(who)?.into_iter().map(|named| (named, mask)));
        }
        Ok(entries)
    }

    /// Returns a set of a select: `r:A,B`.
    fn set(&self, words: &[&str], letter: &str) -> anyhow::Result<Vec<Named>> {
        let words = words.iter().filter_map(|word| word.strip_prefix(letter));
        let names = words.flat_map(|names| names.split(','));
        let each: anyhow::Result<Vec<_>> = names.map(|name| self.named(name)).collect();
        Ok(each?.concat())
    }
}

impl Wait {
    /// Makes the call, and returns what was found, in words.
    fn make(&self, timeout: c_int) -> sys::Result<String> {
        let found = match self {
            Self::Epoll { ep, room } => {
                let found = sys::epoll_wait(*ep, *room, timeout)?;
                let found = found.into_iter();
                found.map(|(mask, data)| (name_of(data), mask)).collect()
            }
            Self::Poll(entries) => poll(entries, timeout)?,
            Self::Select { read, write } => {
                let mut numbers = read.iter().chain(write).map(|(_, fd)| *fd);
                if numbers.any(|fd| fd >= 0 && !sys::is_bit(fd)) {
                    return Ok("no such bit".to_owned());
                }
                select(read, write, timeout)?
            }
        };
        Ok(list(&found))
    }
}

type Found = Vec<(String, u32)>;

fn poll(entries: &[(Named, u32)], timeout: c_int) -> sys::Result<Found> {
    let array: Vec<_> = entries
        .iter()
        .map(|((_, fd), mask)| (*fd, *mask as c_short))
        .collect();
    let answers = sys::poll(&array, timeout)?;
    let found = entries.iter().zip(answers);
    let found = found.filter(|(_, answer)| *answer != 0);
    Ok(found
        .map(|(((name, _), _), answer)| (name.clone(), u32::from(answer.cast_unsigned())))
        .collect())
}

fn select(read: &[Named], write: &[Named], timeout: c_int) -> sys::Result<Found> {
    let mut all: Vec<_> = read.iter().chain(write).collect();
    all.sort_unstable_by_key(|(name, fd)| (*fd, name));
    all.dedup();
    let numbers = |set: &[Named]| set.iter().map(|(_, fd)| *fd).collect::<Vec<_>>();
    let (asked_read, asked_write) = (numbers(read), numbers(write));
    let (mut readable, mut writable) = (Set::of(&asked_read), Set::of(&asked_write));
    let bits = all.last().map_or(0, |(_, fd)| fd + 1);
    sys::select(bits, &mut readable, &mut writable, timeout < 0)?;
    let found = all.into_iter().map(|(name, fd)| {
        let mut mask = 0;
        if asked_read.contains(fd) && readable.has(*fd) {
            mask |= libc::EPOLLIN as u32;
        }
        if asked_write.contains(fd) && writable.has(*fd) {
            mask |= libc::EPOLLOUT as u32;
        }
        (name.clone(), mask)
    });
    Ok(found.filter(|(_, mask)| *mask != 0).collect())
}
