//! C12: how many system calls it takes two workers to talk.

use std::collections::BTreeSet;
use std::fs::File;
use std::hint::spin_loop;
use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::ptr::null;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};

use anyhow::{Context, bail, ensure};
use nix::errno::Errno;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};
use nix::unistd::pipe;
use suite::Call;

use super::worker::{beside, end};
use crate::world::be_told;
use crate::{Evidence, Lab};

/// Processes and threads send messages over a pipe and through memory, and use a lock, in turns and at once.
pub(super) fn a_message(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    const PIPE: &str = "… send 1,000 messages: processes, a pipe";
    const FREE_LOCK: &str = "… take a free lock 1,000 times: processes";
    evidence.aside("system calls of two workers that …", "");
    for (what, who_and_how, expected) in [
        (PIPE, ["process", "pipe"], 2 * MESSAGES),
        (
            "… processes, memory that they share",
            ["process", "memory"],
            0,
        ),
        ("… threads, their memory", ["thread", "memory"], 0),
        (FREE_LOCK, ["process", "turns"], 0),
        ("… threads", ["thread", "turns"], 0),
        // One call to sleep, one to wake the sleeper, and one to wake any other that might sleep.
        (
            "… meet at a lock, once: processes",
            ["process", "meeting"],
            3,
        ),
        ("… threads", ["thread", "meeting"], 3),
    ] {
        evidence.count(what, conversation(lab, &who_and_how)?, expected);
    }
    Ok(())
}

/// Returns how many system calls two workers together make to talk.
fn conversation(lab: &Lab, who_and_how: &[&str]) -> anyhow::Result<usize> {
    let mut specimen = lab.specimen("talk", who_and_how)?;
    specimen.expect("ready")?;
    let tracer = specimen.process().trace();
    specimen.go_on("done")?;
    let calls = tracer.finish();
    end(&mut specimen)?;
    between_marks(&calls)
}

/// Returns how many calls each worker makes after its first mark and before its second.
fn between_marks(calls: &[Call]) -> anyhow::Result<usize> {
    let workers: BTreeSet<i32> = calls.iter().map(|call| call.tid).collect();
    ensure!(workers.len() == 2, "not two workers: {workers:?}");
    let mut between = 0;
    for worker in workers {
        let its_own: Vec<&Call> = calls.iter().filter(|call| call.tid == worker).collect();
        let parts: Vec<_> = its_own.split(|call| call.name() == "getppid").collect();
        let [_, inside, _] = parts[..] else {
            bail!("a worker without two marks: {its_own:?}");
        };
        between += inside.len();
    }
    Ok(between)
}

/// The number of messages, and of times that each worker takes the lock.
const MESSAGES: usize = 1_000;

/// Memory that both workers see, all zero at first.
#[derive(Debug)]
struct Board {
    lock: Lock,
    first_is_done: AtomicBool,
    messages: [AtomicU64; MESSAGES],
}

impl Board {
    /// Returns memory that threads and children share: a mapping that a fork does not copy (mmap(2), MAP_SHARED). It
    /// lives as long as the process.
    fn new() -> anyhow::Result<&'static Self> {
        let size = NonZeroUsize::new(size_of::<Self>()).context("cannot map shared memory")?;
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a mapping at a chosen address could replace another; here the kernel chooses.
        let start = unsafe { mmap_anonymous(None, size, access, MapFlags::MAP_SHARED) }?;
        // SAFETY: the mapping is large enough, aligned to a page, never unmapped, and zero, which all of the
        // fields may be; they are atomics, which several may change.
        Ok(unsafe { start.cast::<Self>().as_ref() })
    }
}

/// The specimen: two workers of the kind in its first argument talk in the way of its second.
pub(super) fn talk(arguments: &[String]) -> anyhow::Result<()> {
    let [kind, how] = arguments else {
        bail!("name the kind of worker, and how they talk");
    };
    let board = Board::new()?;
    println!("ready");
    be_told()?;
    match how.as_str() {
        "pipe" => over_a_pipe(kind),
        "memory" => over_memory(kind, board),
        "turns" => lock_in_turns(kind, board),
        "meeting" => lock_at_once(kind, &board.lock),
        _ => bail!("workers cannot talk over `{how}`"),
    }?;
    println!("done");
    be_told()
}

/// A write and a read for each message.
fn over_a_pipe(kind: &str) -> anyhow::Result<()> {
    let (from, to) = pipe()?;
    let (mut from, mut to) = (File::from(from), File::from(to));
    let numbers = || (1..=MESSAGES as u64).map(u64::to_ne_bytes);
    let receive = || {
        numbers().try_for_each(|number| {
            let mut message = [0; 8];
            from.read_exact(&mut message)?;
            ensure!(message == number, "a message out of order");
            Ok(())
        })
    };
    let send = || Ok(numbers().try_for_each(|number| to.write_all(&number))?);
    beside(kind, receive, send)
}

/// A store for each message, and a loop that looks until it is there.
fn over_memory(kind: &str, board: &Board) -> anyhow::Result<()> {
    let numbered = || (1..).zip(&board.messages);
    let receive = || {
        numbered().for_each(|(number, message)| until(|| message.load(Acquire) == number));
        Ok(())
    };
    let send = || {
        numbered().for_each(|(number, message)| message.store(number, Release));
        Ok(())
    };
    beside(kind, receive, send)
}

/// Each takes the lock many times while the other does not want it.
fn lock_in_turns(kind: &str, board: &Board) -> anyhow::Result<()> {
    let many_times =
        || (0..MESSAGES).try_for_each(|_| board.lock.take().and_then(|()| board.lock.free()));
    let second = || {
        until(|| board.first_is_done.load(Acquire));
        Ok(many_times()?)
    };
    let first = || {
        many_times()?;
        board.first_is_done.store(true, Release);
        Ok(())
    };
    beside(kind, second, first)
}

/// One holds the lock when the other wants it.
fn lock_at_once(kind: &str, lock: &Lock) -> anyhow::Result<()> {
    lock.take()?;
    let second = || {
        lock.take()?;
        Ok(lock.free()?)
    };
    let first = || {
        until(|| lock.0.load(Acquire) == AWAITED);
        Ok(lock.free()?)
    };
    beside(kind, second, first)
}

/// Looks again and again until it is so: the price of waiting without the kernel.
fn until(condition: impl Fn() -> bool) {
    while !condition() {
        spin_loop();
    }
}

const FREE: u32 = 0;
const TAKEN: u32 = 1;
/// Somebody may be asleep, waiting for it.
const AWAITED: u32 = 2;

/// A lock for processes and threads alike: it lies where all its users see it, and zero means free.
#[derive(Debug, Default)]
struct Lock(AtomicU32);

impl Lock {
    /// Takes the lock, with a system call only to sleep.
    fn take(&self) -> nix::Result<()> {
        let taken = self.0.compare_exchange(FREE, TAKEN, Acquire, Acquire);
        while taken.is_err() && self.0.swap(AWAITED, Acquire) != FREE {
            self.futex(libc::FUTEX_WAIT, AWAITED)?;
        }
        Ok(())
    }

    /// Frees the lock, with a system call only if somebody may be asleep.
    fn free(&self) -> nix::Result<()> {
        match self.0.swap(FREE, Release) {
            AWAITED => self.futex(libc::FUTEX_WAKE, 1),
            _ => Ok(()),
        }
    }

    /// FUTEX_WAIT sleeps while the lock has `value`, FUTEX_WAKE wakes up to `value` sleepers.
    fn futex(&self, operation: libc::c_int, value: u32) -> nix::Result<()> {
        let (lock, forever) = (self.0.as_ptr(), null::<libc::timespec>());
        // SAFETY: the kernel reads the lock, which lives as long as `self`, and no timeout.
        let done = unsafe { libc::syscall(libc::SYS_futex, lock, operation, value, forever) };
        match Errno::result(done) {
            // The value had already changed, or a signal came: the caller looks again.
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(()),
            done => done.map(drop),
        }
    }
}
