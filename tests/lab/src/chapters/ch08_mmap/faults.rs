//! Faults in place of reads, page by page.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use suite::{Call, Process, eventually, page_size};

use super::pages::Pages;
use super::reader::Reader;
use crate::world::interrupt::Folder;
use crate::{Evidence, Expected, Lab};

/// Pages of the file: less than a huge page, which a single fault would map.
const PAGES: usize = 256;

/// Bytes that one fault maps at most, if they are in the cache (fault_around_bytes in mm/memory.c).
const AROUND: usize = 64 * 1024;

/// Pages that are read from the device one by one: fewer, as it may be slow.
const COLD_PAGES: usize = 64;

/// A file is read, and touched through a mapping: from the cache, a second time, beside a second process, and from
/// the device.
pub(super) fn page_by_page(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path().join("pages");
    write_pages(&path, PAGES)?;
    let mut reader = Reader::start(lab, &path)?;
    cached(lab, &mut reader, evidence)?;
    shared(lab, &path, &reader, evidence)?;
    drop(reader);
    let path = folder.path().join("cold");
    write_pages(&path, COLD_PAGES)?;
    from_the_device(lab, &path, evidence)?;
    Ok(())
}

/// System calls against faults, while all is in the cache.
fn cached(lab: &Lab, reader: &mut Reader, evidence: &mut Evidence) -> anyhow::Result<()> {
    let tracer = lab.trace(reader.pid())?;
    let reads = |calls: &[Call]| {
        let reads = calls.iter().filter(|call| call.name() == "pread64");
        reads.count() as u64
    };
    let read = reader.faults("read")?;
    evidence.count(
        format!("read(2)s of {PAGES} pages, page by page"),
        reads(&tracer.calls()),
        PAGES as u64,
    );
    evidence.count("faults during these", read.0 + read.1, 0);
    tracer.clear();
    reader.faults("map")?;
    let (minor, _) = reader.faults("touch")?;
    evidence.count(
        "read(2)s when they are mapped, and touched",
        reads(&tracer.calls()),
        0,
    );
    // At least: as many pages as may be are mapped with each. At most: none is mapped with another.
    let each = Expected::Between((PAGES * page_size() / AROUND) as u64, PAGES as u64);
    evidence.count("minor faults instead, all of it cached", minor, each);
    let again = reader.faults("touch")?;
    evidence.count("faults when they are touched again", again.0 + again.1, 0);
    Ok(())
}

/// The mapping's pages are the cache's: a second process that maps them has the same ones.
fn shared(lab: &Lab, path: &Path, reader: &Reader, evidence: &mut Evidence) -> anyhow::Result<()> {
    let kib = (PAGES * page_size() / 1024) as u64;
    let first = reader.process();
    evidence.count(
        "KiB of the mapping in memory (Rss)",
        memory(first, path, "Rss")?,
        kib,
    );
    let mut second = Reader::start(lab, path)?;
    second.faults("map")?;
    second.faults("touch")?;
    let process = second.process();
    evidence.count(
        "KiB that a second process has (Rss)",
        memory(process, path, "Rss")?,
        kib,
    );
    evidence.count(
        "KiB of these that count for it alone (Pss)",
        memory(process, path, "Pss")?,
        kib / 2,
    );
    Ok(())
}

/// Pages that are not in the cache come from the device, during the fault.
fn from_the_device(lab: &Lab, path: &Path, evidence: &mut Evidence) -> anyhow::Result<()> {
    let system = statfs(path)?.filesystem_type();
    if system == TMPFS_MAGIC {
        evidence.aside("on tmpfs the cache is all there is", "no major faults");
        return Ok(());
    }
    drop_from_cache(path)?;
    let mut reader = Reader::start(lab, path)?;
    reader.faults("map")?;
    reader.faults("expect random access")?;
    let (_, major) = reader.faults("touch")?;
    let what = format!("major faults for {COLD_PAGES} pages not in the cache");
    evidence.count(what, major, COLD_PAGES as u64);
    Ok(())
}

/// Writes a file in pieces of a page, so that the cache has it in such pieces.
fn write_pages(path: &Path, number: usize) -> anyhow::Result<()> {
    let mut file = File::create(path)?;
    for _ in 0..number {
        file.write_all(&vec![b'p'; page_size()])?;
    }
    file.sync_all().context("cannot write a file to its device")
}

/// Throws a file's own pages out of the cache, and no others.
fn drop_from_cache(path: &Path) -> anyhow::Result<()> {
    let file = File::open(path)?;
    let pages = Pages::map(&file, COLD_PAGES)?;
    // A page that the kernel itself still holds stays at first.
    eventually("the pages to leave the cache", || {
        let dropped = posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
        dropped.is_ok() && pages.resident().is_ok_and(|number| number == 0)
    });
    Ok(())
}

/// Returns a figure of the mapping of a file, in KiB.
fn memory(process: Process, path: &Path, name: &str) -> anyhow::Result<u64> {
    let path = path.to_string_lossy();
    let mut mappings = process.mappings().into_iter();
    let mapping = mappings.find(|mapping| mapping.file.as_deref() == Some(&*path));
    let kib = mapping.and_then(|mapping| mapping.kib(name));
    kib.with_context(|| format!("cannot observe {name} of {path}"))
}
