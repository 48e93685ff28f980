//! Faults in place of reads, page by page.

use std::fs::File;
use std::io::{Write, stdin};
use std::os::unix::fs::FileExt;
use std::path::Path;

use anyhow::{Context, bail};
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use suite::{eventually, page_size};

use crate::world::interrupt::Folder;
use crate::world::{Pages, Specimen, named};
use crate::{Evidence, Lab};

/// Pages of the file: fewer than a huge page has, because a single fault would map that.
const PAGES: usize = 256;

/// The most bytes that one fault maps if they are in the cache (fault_around_bytes in mm/memory.c).
const AROUND: usize = 64 * 1024;

/// Pages to read from the device one by one: fewer, because it may be slow.
const COLD_PAGES: usize = 64;

/// Reads a file, and touches it through a mapping: from the cache, a second time, next to a second process, and from
/// the device.
pub(super) fn page_by_page(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path().join("pages");
    write_pages(&path, PAGES)?;
    let mut reader = start_reader(lab, &path)?;
    cached(&mut reader, evidence)?;
    shared(lab, &path, &reader, evidence)?;
    drop(reader);
    let path = folder.path().join("cold");
    write_pages(&path, COLD_PAGES)?;
    from_the_device(lab, &path, evidence)
}

/// Compares system calls with faults while everything is in the cache.
fn cached(reader: &mut Specimen, evidence: &mut Evidence) -> anyhow::Result<()> {
    let tracer = reader.process().trace();
    let reads = || named(&tracer.calls(), "pread64");
    let (minor, major) = faults(reader, "read")?;
    let what = format!("read(2)s of {PAGES} pages, page by page");
    evidence.count(what, reads(), PAGES);
    evidence.count("faults during these", minor + major, 0);
    tracer.clear();
    faults(reader, "map")?;
    let (minor, _) = faults(reader, "touch")?;
    let what = "read(2)s when they are mapped, and touched";
    evidence.count(what, reads(), 0);
    // At least: each fault maps as many pages as it may. At most: each maps one.
    let each = PAGES * page_size() / AROUND..=PAGES;
    evidence.count("minor faults instead, all of it cached", minor, each);
    let (minor, major) = faults(reader, "touch")?;
    let what = "faults when they are touched again";
    evidence.count(what, minor + major, 0);
    Ok(())
}

/// The mapping's pages are the cache's: a second process that maps the file gets the same ones.
fn shared(lab: &Lab, path: &Path, first: &Specimen, evidence: &mut Evidence) -> anyhow::Result<()> {
    let kib = PAGES * page_size() / 1024;
    let what = "KiB of the mapping in memory (Rss)";
    evidence.count(what, memory(first, path, "Rss")?, kib);
    let mut second = start_reader(lab, path)?;
    faults(&mut second, "map")?;
    faults(&mut second, "touch")?;
    let what = "KiB that a second process has (Rss)";
    evidence.count(what, memory(&second, path, "Rss")?, kib);
    let what = "KiB of these that count for it alone (Pss)";
    evidence.count(what, memory(&second, path, "Pss")?, kib / 2);
    Ok(())
}

/// Pages outside the cache come from the device, during the fault.
fn from_the_device(lab: &Lab, path: &Path, evidence: &mut Evidence) -> anyhow::Result<()> {
    if statfs(path)?.filesystem_type() == TMPFS_MAGIC {
        evidence.aside("on tmpfs the cache is all there is", "no major faults");
        return Ok(());
    }
    drop_from_cache(path)?;
    let mut reader = start_reader(lab, path)?;
    faults(&mut reader, "map")?;
    faults(&mut reader, "expect random access")?;
    let (_, major) = faults(&mut reader, "touch")?;
    let what = format!("major faults for {COLD_PAGES} pages not in the cache");
    evidence.count(what, major, COLD_PAGES);
    Ok(())
}

/// Writes a file page by page, so that the cache holds it in pages.
fn write_pages(path: &Path, number: usize) -> anyhow::Result<()> {
    let mut file = File::create(path)?;
    for _ in 0..number {
        file.write_all(&vec![b'p'; page_size()])?;
    }
    file.sync_all().context("cannot write a file to its device")
}

/// Drops a file's own pages from the cache, and no others.
fn drop_from_cache(path: &Path) -> anyhow::Result<()> {
    let file = File::open(path)?;
    let pages = Pages::map(&file, COLD_PAGES)?;
    // A page that the kernel still uses stays at first.
    eventually("the pages to leave the cache", || {
        let dropped = posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
        dropped.is_ok() && pages.resident().is_ok_and(|number| number == 0)
    });
    Ok(())
}

/// Returns a figure of the mapping of a file, in KiB.
fn memory(specimen: &Specimen, path: &Path, name: &str) -> anyhow::Result<u64> {
    let path = path.to_string_lossy();
    let mut mappings = specimen.process().mappings().into_iter();
    let mapping = mappings.find(|mapping| mapping.file.as_deref() == Some(&*path));
    let kib = mapping.and_then(|mapping| mapping.kib(name));
    kib.with_context(|| format!("cannot observe {name} of {path}"))
}

/// Starts the specimen for the file at `path`.
fn start_reader(lab: &Lab, path: &Path) -> anyhow::Result<Specimen> {
    let mut specimen = lab.specimen("reader", &[&path.to_string_lossy()])?;
    specimen.expect("ready")?;
    Ok(specimen)
}

/// Has the specimen run `command`, and returns the minor and major faults of that.
fn faults(reader: &mut Specimen, command: &str) -> anyhow::Result<(u64, u64)> {
    reader.tell(command)?;
    let answer = reader.hear()?;
    let (minor, major) = answer.split_once(' ').context("not two numbers")?;
    Ok((minor.parse()?, major.parse()?))
}

/// The file, and its mapping once there is one.
struct Subject {
    file: File,
    number: usize,
    pages: Option<Pages>,
    buffer: Vec<u8>,
}

/// The specimen: runs a command per line, and prints its faults.
pub(super) fn reader(arguments: &[String]) -> anyhow::Result<()> {
    let path = arguments.first().context("which file?")?;
    // Everything runs once on a page of its own program, so that later counts exclude the faults of code and stack.
    let mut subject = Subject {
        file: File::open(std::env::current_exe()?)?,
        number: 1,
        pages: None,
        buffer: vec![0; page_size()],
    };
    for command in ["read", "map", "expect random access", "touch"] {
        subject.faults(command)?;
    }
    subject.file = File::open(path).with_context(|| format!("cannot open {path}"))?;
    subject.number = subject.file.metadata()?.len() as usize / page_size();
    println!("ready");
    for line in stdin().lines() {
        println!("{}", subject.faults(&line?)?);
    }
    Ok(())
}

impl Subject {
    /// Runs a command, and returns its minor and major faults.
    fn faults(&mut self, command: &str) -> anyhow::Result<String> {
        let before = getrusage(UsageWho::RUSAGE_SELF)?;
        self.execute(command)?;
        let after = getrusage(UsageWho::RUSAGE_SELF)?;
        let minor = after.minor_page_faults() - before.minor_page_faults();
        let major = after.major_page_faults() - before.major_page_faults();
        Ok(format!("{minor} {major}"))
    }

    fn execute(&mut self, command: &str) -> anyhow::Result<()> {
        match (command, &self.pages) {
            ("read", _) => {
                for page in 0..self.number {
                    let at = page * page_size();
                    self.file.read_exact_at(&mut self.buffer, at as u64)?;
                }
            }
            ("map", _) => self.pages = Some(Pages::map(&self.file, self.number)?),
            ("expect random access", Some(pages)) => pages.expect_random_access()?,
            ("touch", Some(pages)) => {
                for page in 0..self.number {
                    pages.touch(page)?;
                }
            }
            _ => bail!("unknown command `{command}`"),
        }
        Ok(())
    }
}
