//! One socket under two numbers, and many descriptors beside it.

use std::io::{Write, stdin};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic;

use anyhow::Context;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};

use crate::world::{attempt, ensure_descriptors};
use crate::{Evidence, Expected, Lab};

/// The last number that a set has a bit for, and the first that it has none for.
const NUMBERS: [i32; 2] = [1023, 1024];

/// Shows that the numbers which a set takes have nothing to do with how many descriptors a process opens.
pub(super) fn the_value_decides(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    ensure_descriptors(1_025)?;
    let mut specimen = lab.specimen("moved-socket", &[])?;
    for (number, expected) in NUMBERS.into_iter().zip(["ready", "refused"]) {
        let what = format!(
            "select, of a readable socket as {}",
            suite::number(number as u64)
        );
        evidence.outcome(what, specimen.hear()?, expected);
    }
    let open = specimen.process().descriptor_count() as u64;
    evidence.count("descriptors open meanwhile", open, Expected::AtMost(20));
    specimen.tell("open more")?;
    specimen.expect("open")?;
    let open = specimen.process().descriptor_count() as u64;
    evidence.count(
        "then opened beside them, in all",
        open,
        Expected::AtLeast(1_025),
    );
    specimen.tell("lower the limit")?;
    let error = specimen.hear()?;
    evidence.outcome("one more, with RLIMIT_NOFILE at 64", error, "EMFILE");
    Ok(())
}

/// The specimen: says what select makes of a socket under either number, opens many descriptors, and then
/// lowers its own limit.
pub(super) fn moved_socket(_: &[String]) -> anyhow::Result<()> {
    // A set that refuses a number panics.
    panic::set_hook(Box::new(|_| ()));
    raise_limit()?;
    let (socket, mut peer) = UnixStream::pair()?;
    peer.write_all(b"x")?;
    for number in NUMBERS {
        let copy = numbered(&socket, number)?;
        println!("{}", select_says(copy.as_fd()));
    }
    wait_for_line()?;
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let number = hard.saturating_sub(20).min(2_000);
    let copies: Result<Vec<_>, _> = (0..number).map(|_| socket.try_clone()).collect();
    let _copies = copies?;
    println!("open");
    wait_for_line()?;
    setrlimit(Resource::RLIMIT_NOFILE, 64, hard)?;
    match nix::unistd::dup(&socket) {
        Ok(_) => println!("no error"),
        Err(error) => println!("{error:?}"),
    }
    wait_for_line()
}

/// Whether select finds a descriptor ready, without waiting; or that it does not come so far.
fn select_says(fd: BorrowedFd) -> &'static str {
    let mut set = FdSet::new();
    if attempt(|| set.insert(fd)).is_err() {
        return "refused";
    }
    let mut at_once = TimeVal::zero();
    match select(None, &mut set, None, None, &mut at_once) {
        Ok(1) => "ready",
        _ => "not ready",
    }
}

/// Lets this process open as many descriptors as it may.
pub(super) fn raise_limit() -> nix::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
}

/// A copy of a descriptor that has the lowest free number from `least` on (F_DUPFD_CLOEXEC, fcntl(2)).
pub(super) fn numbered(fd: impl AsFd, least: i32) -> anyhow::Result<OwnedFd> {
    let copy = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(least));
    let copy = copy.with_context(|| format!("descriptor {least} is above the hard limit"))?;
    // SAFETY: a descriptor with two owners would be closed twice; this one is new.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// Waits until the experiment says that it has looked.
fn wait_for_line() -> anyhow::Result<()> {
    stdin().read_line(&mut String::new())?;
    Ok(())
}
