//! A file that is cut while it is mapped.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use nix::errno::Errno;
use suite::page_size;

use super::pages::Pages;
use super::site::{Site, receive};
use crate::world::interrupt::Folder;
use crate::world::{be_told, deadly_signal, value_or_error};
use crate::{Evidence, Lab};

/// More than a socket's buffers hold.
const LENGTH: u64 = 64 << 20;

/// A file is cut while stage 8 sends it; and a program uses a page that was cut off, in two ways.
pub(super) fn a_file_is_cut(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let site = Site::start(lab)?;
    site.write("other", b"as ever")?;
    // Of zeros, which take no room.
    let path = site.write("large", b"")?;
    set_length(&path, LENGTH)?;
    let client = site.ask("large");
    // The head is there, and with it as much as fits into the sockets.
    ensure!(client.has_bytes(), "stage 8 does not answer");
    set_length(&path, page_size() as u64)?;
    let (promised, came) = receive(&client);
    evidence.count("bytes promised", promised, LENGTH);
    let what = "bytes that came before it was closed";
    evidence.count(what, came, ..=LENGTH - 1);
    let (_, came) = receive(&site.ask("other"));
    evidence.count("bytes of another file, asked for next", came, 7);
    let seen = in_a_program(lab, "touch")?;
    evidence.outcome("a program touches a page that is gone", seen, "SIGBUS");
    let seen = in_a_program(lab, "write")?;
    evidence.outcome("a program hands it to write(2)", seen, "EFAULT");
    Ok(())
}

/// Cuts a file, or makes it longer.
fn set_length(path: &Path, length: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(length)
}

/// Returns what happens to a program that does something with a mapped page when its file has been cut before it: the
/// signal that it dies of, or what it says.
fn in_a_program(lab: &Lab, deed: &str) -> anyhow::Result<String> {
    let folder = Folder::new()?;
    let path = folder.path().join("file");
    fs::write(&path, vec![b'x'; 2 * page_size()])?;
    let mut specimen = lab.specimen("beyond-the-end", &[&path.to_string_lossy(), deed])?;
    specimen.expect("ready")?;
    set_length(&path, page_size() as u64).context("cannot cut a file")?;
    specimen.tell("go")?;
    let said = specimen.hear();
    let signal = deadly_signal(specimen.end()?).map(str::to_owned);
    signal.map_or(said, Ok)
}

/// The specimen: maps two pages, and uses the second when it is told to.
pub(super) fn beyond_the_end(arguments: &[String]) -> anyhow::Result<()> {
    let [path, deed] = arguments else {
        bail!("which file, and what to do?");
    };
    let pages = Pages::map(&File::open(path)?, 2)?;
    println!("ready");
    be_told()?;
    if deed == "touch" {
        println!("{}", pages.touch(1)?);
        return Ok(());
    }
    let second = pages.address().wrapping_byte_add(page_size());
    // SAFETY: the kernel reads from the address, where the mapping is; that no page is there any more is what it is
    // to find out.
    let written = unsafe { libc::write(libc::STDOUT_FILENO, second, 1) };
    println!("{}", value_or_error(Errno::result(written)));
    Ok(())
}
