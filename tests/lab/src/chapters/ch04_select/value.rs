//! The numbers that fit into a set: what the kernel accepts, and what glibc does.

use std::ffi::{c_long, c_ulong};
use std::io::{Write, stdout};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::panic;
use std::process::{Command, Stdio};
use std::ptr::null_mut;

use anyhow::{Context, ensure};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};
use nix::unistd::{dup2_stderr, pipe, write};
use suite::descriptor_limit;

use crate::world::{attempt, be_told, deadly_signal, ensure_descriptors, outcome};
use crate::{Evidence, Lab};

/// Shows that the numbers that fit into a set have nothing to do with how many descriptors a process may open.
pub(super) fn the_value_decides(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    ensure_descriptors(1_025)?;
    let mut specimen = lab.specimen("moved-socket", &[])?;
    let lines = [
        ("select, of a readable socket as 1,023", "ready"),
        ("select, of a readable socket as 1,024", "refused"),
    ];
    evidence.hear(&mut specimen, &lines)?;
    let open = specimen.process().descriptor_count();
    evidence.count("descriptors open at that moment", open, ..=20);
    specimen.go_on("open")?;
    let open = specimen.process().descriptor_count();
    evidence.count("it opens 2,000 more: open, in all", open, 1_025..);
    specimen.tell("lower the limit")?;
    let lines = [("one more, with RLIMIT_NOFILE at 64", "EMFILE")];
    evidence.hear(&mut specimen, &lines)
}

/// The specimen: reports what select does with a socket under either number, opens many descriptors, and then lowers
/// its own limit.
pub(super) fn moved_socket(_: &[String]) -> anyhow::Result<()> {
    // A set panics when it refuses a number.
    panic::set_hook(Box::new(|_| ()));
    let hard = descriptor_limit();
    let (socket, mut peer) = UnixStream::pair()?;
    peer.write_all(b"x")?;
    // The last number that a set has a bit for, and the first without one.
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

/// Returns whether select finds a descriptor ready, without waiting, or that the set refuses it.
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

/// Returns a copy of a descriptor under the lowest free number from `least` on (F_DUPFD_CLOEXEC, fcntl(2)).
fn numbered(fd: impl AsFd, least: i32) -> anyhow::Result<OwnedFd> {
    let copy = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(least));
    let copy = copy.with_context(|| format!("descriptor {least} is above the hard limit"))?;
    // SAFETY: a descriptor with two owners would be closed twice; this one is new.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// A descriptor far beyond glibc's set.
const NUMBER: usize = 3_000;

/// The macro cannot be changed, glibc checks against it, and the kernel does not care.
pub(super) fn a_set_of_ones_own(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    ensure_descriptors(NUMBER as u64 + 2)?;
    let what = "FD_SETSIZE, compiled with -DFD_SETSIZE=65536";
    match redefined_macro() {
        Ok(size) => evidence.count(what, size, 1024),
        Err(_) => evidence.aside("FD_SETSIZE, compiled anew", "no C compiler"),
    }
    if cfg!(target_env = "gnu") {
        let mut specimen = lab.specimen("fortified-macro", &[])?;
        evidence.outcome("1,023 in FD_SET, fortified: word", specimen.hear()?, "15");
        let end = deadly_signal(specimen.end()?).unwrap_or("goes on");
        evidence.outcome("3,000 in FD_SET, fortified", end, "SIGABRT");
    }
    let lines = [
        ("a bitmap of your own: select returns", "1"),
        ("bits in it of 3,000 and 3,001, only one ready", "1 0"),
    ];
    evidence.hear(&mut lab.specimen("own-bitmap", &[])?, &lines)
}

/// Returns the size of the set of a C program that redefines the macro and includes the header.
fn redefined_macro() -> anyhow::Result<u64> {
    let mut compiler = Command::new("cc")
        .args(["-E", "-P", "-w", "-x", "c", "-DFD_SETSIZE=65536", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = compiler.stdin.take() {
        stdin.write_all(b"#include <sys/select.h>\nFD_SETSIZE\n")?;
    }
    let output = compiler.wait_with_output()?;
    let text = String::from_utf8(output.stdout)?;
    let last = text.split_whitespace().last();
    Ok(last.context("the compiler printed nothing")?.parse()?)
}

/// The specimen: calls what FD_SET calls in a C program compiled with _FORTIFY_SOURCE. It receives only the descriptor,
/// because the limit is compiled into glibc.
#[cfg(target_env = "gnu")]
pub(super) fn fortified_macro(_: &[String]) -> anyhow::Result<()> {
    unsafe extern "C" {
        /// The index of the word with the bit of descriptor `d` (glibc, debug/fdelt_chk.c).
        safe fn __fdelt_chk(d: c_long) -> c_long;
    }
    // Its end leaves no core file, and glibc's message goes out of the way.
    prctl::set_dumpable(false)?;
    dup2_stderr(stdout())?;
    println!("{}", __fdelt_chk(1023));
    println!("{}", __fdelt_chk(3000));
    Ok(())
}

/// Other C libraries do not have it.
#[cfg(not(target_env = "gnu"))]
pub(super) fn fortified_macro(_: &[String]) -> anyhow::Result<()> {
    anyhow::bail!("only glibc checks FD_SET")
}

/// The specimen: two pipes as 3,000 and 3,001, of which only the first has input.
pub(super) fn own_bitmap(_: &[String]) -> anyhow::Result<()> {
    descriptor_limit(); // raises it
    let (full, empty) = (pipe()?, pipe()?);
    write(&full.1, b"x")?;
    let first = numbered(&full.0, NUMBER as i32)?;
    let _second = numbered(&empty.0, NUMBER as i32 + 1)?;
    ensure!(
        first.as_raw_fd() == NUMBER as i32,
        "descriptor {NUMBER} is already in use"
    );
    let mut set = set_of(&[NUMBER as i32, NUMBER as i32 + 1]);
    println!("{}", select_at_once(&mut set)?);
    let bits = set[NUMBER / WORD] >> (NUMBER % WORD);
    println!("{} {}", bits & 1, bits >> 1 & 1);
    Ok(())
}

/// The bits of a long.
const WORD: usize = c_ulong::BITS as usize;

/// Returns a set of descriptors in the kernel's layout: an array of longs, the lowest descriptor in the lowest bit.
pub(in crate::chapters) fn set_of(descriptors: &[RawFd]) -> Vec<c_ulong> {
    let mut set = Vec::new();
    for fd in descriptors {
        let place = *fd as usize / WORD;
        set.resize(set.len().max(place + 1), 0);
        set[place] |= 1 << (*fd as usize % WORD);
    }
    set
}

/// Asks the kernel, without waiting, which of a set's descriptors are readable. The kernel clears the other bits.
pub(in crate::chapters) fn select_at_once(set: &mut [c_ulong]) -> nix::Result<i64> {
    let mut at_once = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let (bits, none) = (set.len() * WORD, null_mut::<c_ulong>());
    let (call, set, at_once) = (libc::SYS_pselect6, set.as_mut_ptr(), &raw mut at_once);
    // SAFETY: the kernel reads and writes as much of the set as the first argument says, in whole longs. Too large a
    // number would overwrite what follows; this is the set's own number of bits.
    Errno::result(unsafe { libc::syscall(call, bits, set, none, none, at_once, none) })
}
