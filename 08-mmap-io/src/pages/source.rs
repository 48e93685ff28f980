//! What a file is sent from.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::rc::Rc;

use super::{CopiedFile, MappedFile, Mapping, Root, Version};

/// A regular file beneath the root, as it is now.
#[derive(Debug)]
pub enum Source {
    /// Its pages, which all clients share.
    Mapped(Rc<MappedFile>),
    /// A copy of a part of it at a time, because it cannot be mapped.
    Copied(Box<CopiedFile>),
}

impl Source {
    /// Opens the file at `path` beneath `root`, and maps it if that is possible. Returns `None` if there is a
    /// directory.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Root::with_file`], ENOMEM of mmap(2), and the errors of [`CopiedFile::new`].
    pub fn open(root: &mut Root, path: &Path) -> io::Result<Option<Self>> {
        root.with_file(path, |file, version| {
            let size = usize::try_from(version.size).map_err(|_| ErrorKind::FileTooLarge)?;
            match Mapping::new(file, size) {
                Ok(mapping) => {
                    let mapped = MappedFile::new(path, version, mapping);
                    Ok(Self::Mapped(Rc::new(mapped)))
                }
                // Room can be made for it.
                Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => Err(error),
                Err(_) => {
                    let copied = CopiedFile::new(path, file, version)?;
                    Ok(Self::Copied(Box::new(copied)))
                }
            }
        })
    }

    /// Returns its path, relative to the root.
    pub fn path(&self) -> &Path {
        match self {
            Self::Mapped(file) => file.path(),
            Self::Copied(file) => file.path(),
        }
    }

    /// Returns what it was when it was opened.
    pub fn version(&self) -> &Version {
        match self {
            Self::Mapped(file) => file.version(),
            Self::Copied(file) => file.version(),
        }
    }

    /// Returns how many bytes it has.
    pub fn size(&self) -> usize {
        match self {
            Self::Mapped(file) => file.mapping().len(),
            Self::Copied(file) => file.size(),
        }
    }
}
