//! A file that is mapped, and how to tell that it has changed since.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::sys::stat::FileStat;
use stage_01::report;

use super::{Mapping, Root};

/// Which file, and in which state: a file that was written to, cut or replaced has another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The file system, and the inode on it.
    pub inode: (u64, u64),
    /// Bytes.
    pub size: u64,
    /// The time of the last write: seconds since 1970 (less than 0 before), and nanoseconds.
    pub modified: (i64, i64),
    /// The time of the last change of the inode, likewise. Each write(2) moves it, and nobody can set it
    /// back; who writes through a mapping moves it some time before the next msync (mmap(2), NOTES).
    pub changed: (i64, i64),
}

impl Version {
    /// What stat(2) tells.
    pub const fn of(stat: &FileStat) -> Self {
        Self {
            inode: (stat.st_dev, stat.st_ino),
            size: stat.st_size.cast_unsigned(),
            modified: (stat.st_mtime, stat.st_mtime_nsec),
            changed: (stat.st_ctime, stat.st_ctime_nsec),
        }
    }
}

/// A regular file beneath the root, mapped whole, as it was when it was opened.
#[derive(Debug)]
pub struct MappedFile {
    root: Rc<Root>,
    path: PathBuf,
    version: Version,
    mapping: Mapping,
    is_reported: Cell<bool>,
}

impl MappedFile {
    /// Opens and maps the file at `path` beneath `root`. `None`: there is a directory.
    ///
    /// It is closed again at once: a mapping needs no descriptor, and clients do.
    ///
    /// # Errors
    ///
    /// Those of [`Root::with_file`] and of [`Mapping::new`].
    pub fn open(root: &Rc<Root>, path: &Path) -> io::Result<Option<Self>> {
        root.with_file(path, |file, version| {
            let size = usize::try_from(version.size).map_err(|_| io::ErrorKind::FileTooLarge)?;
            Ok(Self {
                root: Rc::clone(root),
                path: path.to_owned(),
                version,
                mapping: Mapping::new(file, size)?,
                is_reported: Cell::new(false),
            })
        })
    }

    /// Its path, relative to the root.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it was when it was mapped.
    pub const fn version(&self) -> &Version {
        &self.version
    }

    /// Its pages.
    pub const fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Whether this very file, unchanged, is still what its path names.
    pub fn is_current(&self) -> bool {
        let now = self.root.version(&self.path);
        now.is_ok_and(|now| now == self.version)
    }

    /// Whether the file has become shorter than its mapping. One that was removed or replaced has not:
    /// its pages live as long as they are mapped. (Should somebody cut it after that, this does not
    /// tell: the path names another file by then.)
    pub fn is_cut(&self) -> bool {
        let now = self.root.version(&self.path);
        now.is_ok_and(|now| now.inode == self.version.inode && now.size < self.version.size)
    }

    /// The error of a transfer that cannot go on, as the file was cut under it. Its length was promised to
    /// the client, so that this is the end of the connection. The first time, a line says so.
    pub fn broken(&self) -> io::Error {
        if !self.is_reported.replace(true) {
            let path = &self.path;
            report(format_args!(
                "{path:?} was cut, or cannot be read, while it was sent"
            ));
        }
        ErrorKind::UnexpectedEof.into()
    }
}
