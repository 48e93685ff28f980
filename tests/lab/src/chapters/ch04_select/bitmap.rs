//! The size of a set: what the kernel takes, and what glibc does.

use std::ffi::{c_long, c_ulong};
use std::io::{Write, stdout};
use std::os::fd::AsRawFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::ptr::null_mut;

use anyhow::{Context, ensure};
use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{dup2_stderr, pipe, write};

use super::value::{numbered, raise_limit};
use crate::world::ensure_descriptors;
use crate::{Evidence, Lab};

/// A descriptor that is far beyond a set of glibc's.
const NUMBER: i32 = 3_000;

/// The macro cannot be changed, glibc checks what it says, and the kernel wants none of that.
pub(super) fn a_set_of_ones_own(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    ensure_descriptors(NUMBER as u64 + 2)?;
    match redefined_macro() {
        Ok(size) => evidence.count("FD_SETSIZE, compiled with -DFD_SETSIZE=65536", size, 1024),
        Err(_) => evidence.aside("FD_SETSIZE, compiled anew", "no C compiler"),
    }
    if cfg!(target_env = "gnu") {
        let mut specimen = lab.specimen("fortified-macro", &[])?;
        evidence.outcome("1,023 in FD_SET, fortified: word", specimen.hear()?, "15");
        let status = specimen.end()?;
        let signal = status
            .signal()
            .and_then(|signal| Signal::try_from(signal).ok());
        let end = signal.map_or("goes on", Signal::as_str);
        evidence.outcome("3,000 in FD_SET, fortified", end, "SIGABRT");
    }
    let mut specimen = lab.specimen("own-bitmap", &[])?;
    evidence.outcome(
        "a bitmap of one's own: select returns",
        specimen.hear()?,
        "1",
    );
    evidence.outcome(
        "bits in it of 3,000 and 3,001, only one ready",
        specimen.hear()?,
        "1 0",
    );
    Ok(())
}

/// The set of a C program that redefines the macro and includes the header.
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
    raise_limit()?;
    let (full, empty) = (pipe()?, pipe()?);
    write(&full.1, b"x")?;
    let copies = [numbered(&full.0, NUMBER)?, numbered(&empty.0, NUMBER + 1)?];
    let numbers = copies.each_ref().map(|fd| fd.as_raw_fd() as usize);
    ensure!(
        numbers[0] == NUMBER as usize,
        "somebody has {NUMBER} already"
    );
    let mut set = Bitmap::of(&numbers);
    println!("{}", set.select()?);
    println!("{} {}", set.bit(numbers[0]), set.bit(numbers[1]));
    Ok(())
}

/// A set of any size, in the kernel's layout: an array of longs, the lowest descriptor in the lowest bit.
struct Bitmap(Vec<c_ulong>);

const WORD: usize = c_ulong::BITS as usize;

impl Bitmap {
    fn of(numbers: &[usize]) -> Self {
        let highest = numbers.iter().copied().max().unwrap_or(0);
        let mut words = vec![0; highest / WORD + 1];
        for number in numbers {
            words[number / WORD] |= 1 << (number % WORD);
        }
        Self(words)
    }

    fn bit(&self, number: usize) -> c_ulong {
        self.0[number / WORD] >> (number % WORD) & 1
    }

    /// Asks the kernel, without waiting, which of them are readable: the others' bits are cleared.
    fn select(&mut self) -> nix::Result<i64> {
        let mut at_once = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let none = null_mut::<c_ulong>();
        // SAFETY: the kernel reads and writes the set as far as the first argument says, in whole longs:
        // one that says more than there is would overwrite what is behind. It says as many bits as there are.
        let ready = unsafe {
            libc::syscall(
                libc::SYS_pselect6,
                self.0.len() * WORD,
                self.0.as_mut_ptr(),
                none,
                none,
                &raw mut at_once,
                none,
            )
        };
        Errno::result(ready)
    }
}
