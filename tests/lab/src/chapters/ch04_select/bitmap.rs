//! The size of a set: what the kernel takes, and what glibc does.

use std::ffi::{c_long, c_ulong};
use std::io::{Write, stdout};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};
use std::ptr::null_mut;

use anyhow::{Context, ensure};
use nix::errno::Errno;
use nix::sys::prctl;
use nix::unistd::{dup2_stderr, pipe, write};

use super::value::{numbered, raise_limit};
use crate::world::{deadly_signal, ensure_descriptors};
use crate::{Evidence, Lab};

/// A descriptor that is far beyond a set of glibc's.
const NUMBER: usize = 3_000;

/// The macro cannot be changed, glibc checks what it says, and the kernel wants none of that.
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
        ("a bitmap of one's own: select returns", "1"),
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
    Ok(last.context("the compiler says nothing")?.parse()?)
}

/// The specimen: what FD_SET calls in a C program that is compiled with _FORTIFY_SOURCE. It is
/// given the descriptor alone: the size that it compares it with is compiled into glibc.
#[cfg(target_env = "gnu")]
pub(super) fn fortified_macro(_: &[String]) -> anyhow::Result<()> {
    unsafe extern "C" {
        /// The index of the word that has the bit of descriptor `d` (glibc, debug/fdelt_chk.c).
        safe fn __fdelt_chk(d: c_long) -> c_long;
    }
    // Its end leaves no core file, and glibc's words go where they are not in the way.
    prctl::set_dumpable(false)?;
    dup2_stderr(stdout())?;
    println!("{}", __fdelt_chk(1023));
    println!("{}", __fdelt_chk(3000));
    Ok(())
}

/// There is no such thing in other C libraries.
#[cfg(not(target_env = "gnu"))]
pub(super) fn fortified_macro(_: &[String]) -> anyhow::Result<()> {
    anyhow::bail!("FD_SET is checked by glibc only")
}

/// The specimen: two pipes as 3,000 and 3,001, only the first of which has something to read.
pub(super) fn own_bitmap(_: &[String]) -> anyhow::Result<()> {
    const WORD: usize = c_ulong::BITS as usize;
    raise_limit()?;
    let (full, empty) = (pipe()?, pipe()?);
    write(&full.1, b"x")?;
    let first = numbered(&full.0, NUMBER as i32)?;
    let _second = numbered(&empty.0, NUMBER as i32 + 1)?;
    ensure!(
        first.as_raw_fd() == NUMBER as i32,
        "somebody has {NUMBER} already"
    );
    // In the kernel's layout: an array of longs, the lowest descriptor in the lowest bit.
    let mut set = vec![0; NUMBER / WORD + 1];
    set[NUMBER / WORD] = 0b11 << (NUMBER % WORD);
    println!("{}", select_at_once(&mut set)?);
    let bits = set[NUMBER / WORD] >> (NUMBER % WORD);
    println!("{} {}", bits & 1, bits >> 1 & 1);
    Ok(())
}

/// Asks the kernel, without waiting, which of a set's descriptors are readable: the others' bits are cleared.
fn select_at_once(set: &mut [c_ulong]) -> nix::Result<i64> {
    let mut at_once = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let (bits, none) = (set.len() * c_ulong::BITS as usize, null_mut::<c_ulong>());
    let (call, set, at_once) = (libc::SYS_pselect6, set.as_mut_ptr(), &raw mut at_once);
    // SAFETY: the kernel reads and writes the set as far as the first argument says, in whole longs:
    // one that says more than there is would overwrite what is behind. It says as many bits as there are.
    Errno::result(unsafe { libc::syscall(call, bits, set, none, none, at_once, none) })
}
