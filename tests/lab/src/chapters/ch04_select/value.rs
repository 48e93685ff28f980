//! One socket under two numbers, and many descriptors beside it.

use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic;

use anyhow::Context;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};

use crate::world::{attempt, be_told, ensure_descriptors, outcome};
use crate::{Evidence, Lab};

/// Shows that the numbers which a set takes have nothing to do with how many descriptors a process opens.
pub(super) fn the_value_decides(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    ensure_descriptors(1_025)?;
    let mut specimen = lab.specimen("moved-socket", &[])?;
    let lines = [
        ("select, of a readable socket as 1,023", "ready"),
        ("select, of a readable socket as 1,024", "refused"),
    ];
    evidence.hear(&mut specimen, &lines)?;
    let open = specimen.process().descriptor_count();
    evidence.count("descriptors open meanwhile", open, ..=20);
    specimen.go_on("open")?;
    let open = specimen.process().descriptor_count();
    evidence.count("then opened beside them, in all", open, 1_025..);
    specimen.tell("lower the limit")?;
    let lines = [("one more, with RLIMIT_NOFILE at 64", "EMFILE")];
    evidence.hear(&mut specimen, &lines)
}

/// The specimen: says what select makes of a socket under either number, opens many descriptors, and then
/// lowers its own limit.
pub(super) fn moved_socket(_: &[String]) -> anyhow::Result<()> {
    // A set that refuses a number panics.
    panic::set_hook(Box::new(|_| ()));
    let hard = raise_limit()?;
    let (socket, mut peer) = UnixStream::pair()?;
    peer.write_all(b"x")?;
    // The last number that a set has a bit for, and the first that it has none for.
    for number in [1_023, 1_024] {
        let copy = numbered(&socket, number)?;
        println!("{}", select_says(copy.as_fd()));
    }
    be_told()?;
    let number = hard.saturating_sub(20).min(2_000);
    let copies: Result<Vec<_>, _> = (0..number).map(|_| socket.try_clone()).collect();
    let _copies = copies?;
    println!("open");
    be_told()?;
    setrlimit(Resource::RLIMIT_NOFILE, 64, hard)?;
    println!("{}", outcome(&nix::unistd::dup(&socket), "no error"));
    be_told()
}

/// Returns whether select finds a descriptor ready, without waiting; or that it does not come so far.
fn select_says(fd: BorrowedFd) -> &'static str {
    let mut set = FdSet::new();
    if attempt(|| set.insert(fd)).is_err() {
        return "refused";
    }
    match select(None, &mut set, None, None, &mut TimeVal::zero()) {
        Ok(1) => "ready",
        _ => "not ready",
    }
}

/// Lets this process open as many descriptors as it may, and returns how many that is.
pub(super) fn raise_limit() -> nix::Result<u64> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(hard)
}

/// Returns a copy of a descriptor that has the lowest free number from `least` on (F_DUPFD_CLOEXEC, fcntl(2)).
pub(super) fn numbered(fd: impl AsFd, least: i32) -> anyhow::Result<OwnedFd> {
    let copy = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(least));
    let copy = copy.with_context(|| format!("descriptor {least} is above the hard limit"))?;
    // SAFETY: a descriptor with two owners would be closed twice; this one is new.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}
