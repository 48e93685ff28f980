//! The directory that is served, and what may be opened beneath it.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, OpenHow, ResolveFlag, open, openat2};
use nix::sys::stat::{Mode, SFlag, fstat, fstatat};

use super::Version;

/// No step leads out of the directory, nor through a link that the kernel makes up, as those in /proc.
const BENEATH: ResolveFlag = ResolveFlag::RESOLVE_BENEATH.union(ResolveFlag::RESOLVE_NO_MAGICLINKS);

/// A directory, held open: renaming it, or what lies above it, changes nothing.
#[derive(Debug)]
pub struct Root {
    directory: OwnedFd,
    path: PathBuf,
    /// A descriptor that is given up when a file is to be opened and the process may have no other. Only
    /// the opening needs one. So clients that are in are served, however many wait outside.
    spare: Option<OwnedFd>,
}

impl Root {
    /// Opens the directory at `path`.
    ///
    /// # Errors
    ///
    /// Returns the errors of open(2), ENOTDIR if it is no directory, and those of openat2(2), by name: a
    /// kernel before 5.6 does not have it, and a container may forbid it. Better now than with each request.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let directory = open(path, flags, Mode::empty())?;
        let how = OpenHow::new().flags(flags).resolve(BENEATH);
        let spare = openat2(&directory, ".", how);
        let spare = spare.map_err(|error| io::Error::other(format!("openat2: {error}")))?;
        Ok(Self {
            directory,
            path: path.to_owned(),
            spare: Some(spare),
        })
    }

    /// Returns the directory's path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the regular file at `path`, which is relative, for as long as `look` looks at it. Returns
    /// `None` if there is a directory.
    ///
    /// The kernel itself refuses each step that would lead out of the root, a `..` or a symbolic
    /// link (openat2(2), RESOLVE_BENEATH). A check of the path before opening it would leave a moment
    /// in which a directory can be swapped for a link.
    ///
    /// # Errors
    ///
    /// Returns the errors of openat2(2), fstat(2) and `look`, and [`io::ErrorKind::NotFound`] for what is
    /// neither a regular file nor a directory.
    pub fn with_file<T>(
        &mut self,
        path: &Path,
        look: impl FnOnce(&File, Version) -> io::Result<T>,
    ) -> io::Result<Option<T>> {
        let file = match self.beneath(path) {
            Err(Errno::EMFILE) => {
                drop(self.spare.take());
                self.beneath(path)
            }
            opened => opened,
        };
        let found = file.map_err(io::Error::from).and_then(|file| {
            let stat = fstat(&file)?;
            match SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT {
                SFlag::S_IFREG => look(&file, Version::of(&stat)).map(Some),
                SFlag::S_IFDIR => Ok(None),
                _ => Err(io::ErrorKind::NotFound.into()),
            }
        });
        // The file is closed by now: if the spare descriptor was given up, it can be had again.
        let spare = self.spare.take();
        self.spare = spare.or_else(|| self.directory.try_clone().ok());
        found
    }

    /// Opens what is at `path`, in a few tries. A rename anywhere on the machine while the kernel takes a step
    /// `..`, as of a link, makes it say EAGAIN: it could not tell whether the step led out (openat2(2);
    /// handle_dots in fs/namei.c). The next try is most likely luckier.
    fn beneath(&self, path: &Path) -> nix::Result<File> {
        const TRIES: usize = 8;
        // Opening a FIFO would wait for its writer, and a terminal could become the server's own.
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let how = OpenHow::new().flags(flags).resolve(BENEATH);
        let mut tries = (0..TRIES).map(|_| openat2(&self.directory, path, how));
        let opened = tries.find(|opened| !matches!(opened, Err(Errno::EAGAIN)));
        opened.unwrap_or(Err(Errno::EAGAIN)).map(File::from)
    }

    /// Returns what is at `path` now, without opening it. It only serves to be compared with what was
    /// opened: this does not look whether it lies beneath the root.
    ///
    /// # Errors
    ///
    /// Returns the errors of fstatat(2).
    pub fn version(&self, path: &Path) -> io::Result<Version> {
        let stat = fstatat(&self.directory, path, AtFlags::empty())?;
        Ok(Version::of(&stat))
    }
}
