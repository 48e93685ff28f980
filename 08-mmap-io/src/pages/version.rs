//! What tells that a file has changed.

use nix::sys::stat::FileStat;

/// Which file, and in which state: a file that was written to, cut or replaced has another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The file system, and the inode on it.
    pub inode: (u64, u64),
    /// Bytes.
    pub size: u64,
    /// The time of the last write: seconds since 1970 (less than 0 before), and nanoseconds.
    pub modified: (i64, i64),
    /// The time of the last change of the inode, likewise. Each write(2) moves it, and nobody can set it
    /// back. A write through a mapping moves it some time before the next msync (mmap(2), NOTES).
    pub changed: (i64, i64),
}

impl Version {
    /// Returns the version that stat(2) reports.
    pub const fn of(stat: &FileStat) -> Self {
        Self {
            inode: (stat.st_dev, stat.st_ino),
            size: stat.st_size.cast_unsigned(),
            modified: (stat.st_mtime, stat.st_mtime_nsec),
            changed: (stat.st_ctime, stat.st_ctime_nsec),
        }
    }
}
