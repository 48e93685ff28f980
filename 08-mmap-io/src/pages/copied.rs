//! A file that cannot be mapped, and is read instead.
//!
//! Whether a file has pages to map is up to its file system. Where the bytes are made up as somebody reads
//! them (sysfs, /proc), or are not to be kept in the page cache (FUSE with direct_io, 9p), mmap(2) fails, as
//! a rule with ENODEV. Here such a file passes through a buffer after all, as at every server but this one.
//! Each client has its own, and only while its answer is under way; it holds [`BUFFER`] bytes at most.
//!
//! Nor does such a file have to be what stat(2) says: one of sysfs has "4,096" bytes, whatever is in it, and
//! one of /proc has "0". So the first buffer is read before the file's length is promised to anybody, and is
//! read for each request anew.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use stage_01::{RateLimited, retry};

use super::{Part, Version};

/// How many bytes of a file are in memory at a time.
const BUFFER: usize = 64 * 1024;

static BROKEN_OFF: RateLimited = RateLimited::new();

/// A file that is read, for one client.
#[derive(Debug)]
pub struct CopiedFile {
    path: PathBuf,
    version: Version,
    size: usize,
    /// `None` if all of it is in the buffer.
    file: Option<File>,
    buffer: Vec<u8>,
    /// Where the buffer begins in the file.
    start: usize,
}

impl CopiedFile {
    /// Reads the beginning of `file`. What ends in the buffer is as long as what was read. What does not is
    /// believed to be as long as its version says; its descriptor stays open.
    ///
    /// # Errors
    ///
    /// Returns the errors of pread(2) and fcntl(2), F_DUPFD_CLOEXEC, and [`ErrorKind::FileTooLarge`] for a
    /// file that is longer than the buffer, and than it says.
    pub fn new(path: &Path, file: &File, version: Version) -> io::Result<Self> {
        let buffer = read(file, 0)?;
        let promised = usize::try_from(version.size).map_err(|_| ErrorKind::FileTooLarge)?;
        let (size, rest) = match buffer.len() {
            BUFFER if promised < BUFFER => return Err(ErrorKind::FileTooLarge.into()),
            BUFFER => (promised, Some(file.try_clone()?)),
            length => (length, None),
        };
        Ok(Self {
            path: path.to_owned(),
            version,
            size,
            file: rest,
            buffer,
            start: 0,
        })
    }

    /// Returns its path, relative to the root.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what it was when it was opened. Only its inode is certain.
    pub const fn version(&self) -> &Version {
        &self.version
    }

    /// Returns how many bytes it has.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Returns the beginning of a part of it, as far as one buffer holds it. Reads it, if it is not there.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::UnexpectedEof`], and reports it, if the file ends before that, or cannot be read.
    pub fn part(&mut self, part: Range<usize>) -> io::Result<Part<'_>> {
        let held = self.start..self.start + self.buffer.len();
        if let Some(file) = &self.file
            && !held.contains(&part.start)
        {
            self.buffer = read(file, part.start).unwrap_or_default();
            self.start = part.start;
        }
        let rest = self.buffer.get(part.start - self.start..);
        match rest.unwrap_or_default() {
            [] if !part.is_empty() => {
                let path = &self.path;
                BROKEN_OFF.report(format_args!("{path:?} was cut, or cannot be read any more"));
                Err(ErrorKind::UnexpectedEof.into())
            }
            bytes => Ok(bytes[..bytes.len().min(part.len())].into()),
        }
    }
}

/// Reads a buffer full, or up to the end of the file.
fn read(file: &File, start: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; BUFFER];
    let mut length = 0;
    while length < BUFFER {
        let at = (start + length) as u64;
        match retry(|| file.read_at(&mut buffer[length..], at))? {
            0 => break,
            read => length += read,
        }
    }
    buffer.truncate(length);
    buffer.shrink_to_fit();
    Ok(buffer)
}
