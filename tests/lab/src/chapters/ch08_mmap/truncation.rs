//! A file that is cut while it is mapped.

use std::fs::{self, File, OpenOptions};
use std::io::stdin;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use suite::page_size;

use super::pages::Pages;
use super::site::{Site, receive};
use crate::world::interrupt::Folder;
use crate::{Evidence, Expected, Lab};

/// The specimen that has mapped pages which are no more.
pub(super) const BEYOND: &str = "beyond-the-end";

/// More than a socket's buffers hold.
const LENGTH: u64 = 64 << 20;

/// A file is cut while stage 8 sends it; and a program uses a page that was cut off, in two ways.
pub(super) fn a_file_is_cut(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let site = Site::start(lab)?;
    site.write("other", b"as ever")?;
    let path = site.write_sparse("large", LENGTH)?;
    let client = site.ask("large");
    // The head is there, and with it as much as fits into the sockets.
    ensure!(client.has_bytes(), "stage 8 does not answer");
    cut(&path)?;
    let (promised, came) = receive(&client);
    evidence.count("bytes promised", promised, LENGTH);
    let fewer = Expected::AtMost(LENGTH - 1);
    evidence.count("bytes that came before it was closed", came, fewer);
    let (_, came) = receive(&site.ask("other"));
    evidence.count("bytes of another file, asked for next", came, 7);
    let seen = in_a_program(lab, "touch")?;
    evidence.outcome("a program touches a page that is gone", seen, "SIGBUS");
    let seen = in_a_program(lab, "write")?;
    evidence.outcome("a program hands it to write(2)", seen, "EFAULT");
    Ok(())
}

/// Cuts a file to its first page.
fn cut(path: &Path) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(page_size() as u64)
        .context("cannot cut a file")
}

/// Returns what becomes of a program that does something with a mapped page when its file has been cut before it: the
/// signal that it dies of, or what it says.
fn in_a_program(lab: &Lab, deed: &str) -> anyhow::Result<String> {
    let folder = Folder::new()?;
    let path = folder.path().join("file");
    fs::write(&path, vec![b'x'; 2 * page_size()])?;
    let mut specimen = lab.specimen(BEYOND, &[&path.to_string_lossy(), deed])?;
    specimen.expect("ready")?;
    cut(&path)?;
    specimen.tell("go")?;
    let said = specimen.hear();
    match specimen.end()?.signal() {
        Some(signal) => Ok(Signal::try_from(signal)?.to_string()),
        None => said,
    }
}

/// The specimen: maps two pages, and uses the second when it is told to.
pub(super) fn beyond_the_end(arguments: &[String]) -> anyhow::Result<()> {
    let [path, deed] = arguments else {
        bail!("which file, and what to do?");
    };
    let pages = Pages::map(&File::open(path)?, 2)?;
    println!("ready");
    stdin().read_line(&mut String::new())?;
    match deed.as_str() {
        "touch" => println!("{}", pages.touch(1)?),
        _ => println!("{}", write_second(&pages)),
    }
    Ok(())
}

/// Returns what write(2) to standard output says of the second page.
fn write_second(pages: &Pages) -> String {
    let second = pages.address().wrapping_byte_add(page_size());
    // SAFETY: the kernel reads from the address, where the mapping is; that no page is there any more is what it is
    // to find out.
    let written = unsafe { libc::write(1, second, 1) };
    match Errno::result(written) {
        Ok(written) => format!("{written} bytes"),
        Err(error) => format!("{error:?}"),
    }
}
