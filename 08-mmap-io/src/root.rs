//! The directory that is served, and what may be opened beneath it.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2};
use nix::sys::stat::Mode;

/// A directory, held open: renaming it, or what lies above it, changes nothing.
#[derive(Debug)]
pub struct Root {
    directory: OwnedFd,
    path: PathBuf,
}

impl Root {
    /// Opens the directory at `path`.
    ///
    /// # Errors
    ///
    /// Those of open(2); ENOTDIR if it is no directory.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let directory = open(path, flags, Mode::empty())?;
        let path = path.to_owned();
        Ok(Self { directory, path })
    }

    /// The directory's path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the regular file at `path`, which is relative, and gives its size in bytes too.
    ///
    /// The kernel itself refuses each step that would lead out of the directory, be it `..` or a
    /// symbolic link (openat2(2), RESOLVE_BENEATH). A check of the path before opening it would
    /// leave a moment in which a directory can be swapped for a link.
    ///
    /// # Errors
    ///
    /// Those of openat2(2); EISDIR and the like for what is no regular file is
    /// [`io::ErrorKind::NotFound`].
    pub fn open_file(&self, path: &Path) -> io::Result<(File, usize)> {
        // Opening a FIFO would wait for its writer, and a terminal could become the server's own.
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let beneath = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_MAGICLINKS;
        let how = OpenHow::new().flags(flags).resolve(beneath);
        let file = File::from(openat2(&self.directory, path, how)?);
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let size = usize::try_from(metadata.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        Ok((file, size))
    }
}
