//! The tests of the lab, in one program: most of them wait for something most of the time, so they share the cores well,
//! and the lab is linked once. Those that need what is not on every machine have a program of their own (`proxies.rs`).

use std::path::Path;
use std::process::Command;

use anyhow::ensure;

mod at_a_terminal;
#[path = "check/main.rs"]
mod check;
mod claims;
mod class;
mod cli;
#[path = "doctor/main.rs"]
mod doctor;
mod evidence;
mod floors;
mod hostile_proxy;
mod left_out;
mod lessons;
mod limit;
mod load;
mod matrix;
mod show;
mod watched;
mod xray;
mod xray_ring;

/// Copies a program, or a script, to where it can be executed.
///
/// Another process does it: what this one has open for writing, a process that another thread starts just then has open,
/// too, and until that runs its own program, the copy cannot be executed (`ETXTBSY`, execve(2)).
fn install(program: &Path, to: &Path) -> anyhow::Result<()> {
    let mut install = Command::new("install");
    let status = install.arg("-m755").arg(program).arg(to).status()?;
    ensure!(status.success(), "cannot copy {}", program.display());
    Ok(())
}
