//! Stage 8 with a folder of files: how it serves one, even while that file is truncated.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use nix::errno::Errno;
use suite::{Call, Client, Process, Server, page_size};

use crate::world::Pages;
use crate::world::interrupt::Folder;
use crate::world::{be_told, deadly_signal, value_or_error};
use crate::{Evidence, Lab};

/// A folder and its server.
struct Site {
    /// The server.
    server: Server,
    http: SocketAddr,
    folder: Folder,
}

impl Site {
    /// Serves an empty folder.
    fn start(lab: &Lab) -> anyhow::Result<Self> {
        let folder = Folder::new()?;
        let mut subject = lab.stage(8)?;
        let options = ["--http", "{ip}:0", "--root"];
        subject.command.extend(options.map(Into::into));
        subject.command.push(folder.path().into());
        let mut server = subject.start();
        let line = format!("serving {} on http://", folder.path().display());
        let http = server.announced(&line);
        Ok(Self {
            server,
            http,
            folder,
        })
    }

    /// Puts a file into it.
    fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// Returns a client that requests one file and nothing more.
    fn ask(&self, name: &str) -> Client {
        let client = Client::connect(self.http).with_small_buffers();
        let request = format!("GET /{name} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n");
        client.send(request.as_bytes());
        client
    }
}

/// Returns the rest of an answer: the promised length, and the bytes of the body that came before the connection ended.
fn receive(client: &Client) -> (u64, usize) {
    let (bytes, _) = client.receive_to_end();
    // Lossless, because the files are of ASCII.
    let answer = String::from_utf8_lossy(&bytes);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("Content-Length"));
    let length = length.and_then(|(_, length)| length.parse().ok());
    (length.unwrap_or(0), body.len())
}

/// Bytes of the file: few enough for a socket to take in one call.
const LENGTH: usize = 16 * 1024;

/// Calls that copy a file's bytes into a program, or move them past it.
const READS: [&str; 8] = [
    "read",
    "pread64",
    "readv",
    "preadv",
    "preadv2",
    "sendfile",
    "splice",
    "copy_file_range",
];

/// A client fetches a file from the traced stage 8.
pub(super) fn a_file_is_served(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let site = Site::start(lab)?;
    let path = site.write("file", &[b'x'; LENGTH])?;
    let process = site.server.process();
    // Look while the mapping is in use: stage 8 drops it a second later.
    let (tracer, looks) = process.watch_calls(move |call| {
        (call.name() == "writev").then(|| mappings_and_descriptors(process, &path))
    });
    let (_, came) = receive(&site.ask("file"));
    evidence.count("bytes of the file that came", came, LENGTH);
    let calls = tracer.finish();
    let reads = calls.iter().filter(|call| READS.contains(&call.name()));
    evidence.count("calls that read the file", reads.count(), 0);
    let is_sent = |call: &&Call| call.is_write() && call.result > 0;
    let what = "calls that send head and pages: a writev";
    evidence.count(what, calls.iter().filter(is_sent).count(), 1);
    let (mappings, descriptors) = looks.recv().context("stage 8 did not call writev")?;
    evidence.count("mappings of it in /proc/PID/maps", mappings, 1);
    evidence.count("descriptors of it that are open", descriptors, 0);
    Ok(())
}

/// Returns how many mappings and descriptors a process has of a file.
fn mappings_and_descriptors(process: Process, path: &Path) -> (usize, usize) {
    let path = &*path.to_string_lossy();
    let maps = process.maps();
    let mappings = maps.lines().filter(|line| line.ends_with(path)).count();
    let mut descriptors = process.descriptors();
    descriptors.retain(|(_, target)| target == path);
    (mappings, descriptors.len())
}

/// More than a socket's buffers hold.
const LARGE: u64 = 64 << 20;

/// A file is truncated while stage 8 sends it; and a program uses a page that is gone, in two ways.
pub(super) fn a_file_is_cut(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let site = Site::start(lab)?;
    site.write("other", b"as ever")?;
    // All zeros, which take no disk space.
    let path = site.write("large", b"")?;
    set_length(&path, LARGE)?;
    let client = site.ask("large");
    // The head has come, and with it as much as fits into the sockets.
    ensure!(client.has_bytes(), "stage 8 did not answer");
    set_length(&path, page_size() as u64)?;
    let (promised, came) = receive(&client);
    evidence.count("bytes promised", promised, LARGE);
    let what = "bytes that came before it was closed";
    evidence.count(what, came, ..=LARGE - 1);
    let (_, came) = receive(&site.ask("other"));
    evidence.count("bytes of another file, asked for next", came, 7);
    let seen = in_a_program(lab, "touch")?;
    evidence.outcome("a program touches a page that is gone", seen, "SIGBUS");
    let seen = in_a_program(lab, "write")?;
    evidence.outcome("a program hands it to write(2)", seen, "EFAULT");
    Ok(())
}

/// Truncates or extends a file.
fn set_length(path: &Path, length: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(length)
}

/// Returns what happens to a program that uses a mapped page after the file has been truncated below it: the signal
/// that kills it, or its own words.
fn in_a_program(lab: &Lab, deed: &str) -> anyhow::Result<String> {
    let folder = Folder::new()?;
    let path = folder.path().join("file");
    fs::write(&path, vec![b'x'; 2 * page_size()])?;
    let mut specimen = lab.specimen("beyond-the-end", &[&path.to_string_lossy(), deed])?;
    specimen.expect("ready")?;
    set_length(&path, page_size() as u64).context("cannot truncate a file")?;
    specimen.tell("go")?;
    let said = specimen.hear();
    let signal = deadly_signal(specimen.end()?).map(str::to_owned);
    signal.map_or(said, Ok)
}

/// The specimen: maps two pages, and uses the second when told to.
pub(super) fn beyond_the_end(arguments: &[String]) -> anyhow::Result<()> {
    let [path, deed] = arguments else {
        bail!("name a file, and what to do with it");
    };
    let pages = Pages::map(&File::open(path)?, 2)?;
    println!("ready");
    be_told()?;
    if deed == "touch" {
        println!("{}", pages.touch(1)?);
        return Ok(());
    }
    let second = pages.address().wrapping_byte_add(page_size());
    // SAFETY: the kernel reads from the address, which lies in the mapping. No page may be there any more: finding that
    // out is the kernel's job here.
    let written = unsafe { libc::write(libc::STDOUT_FILENO, second, 1) };
    println!("{}", value_or_error(Errno::result(written)));
    Ok(())
}
