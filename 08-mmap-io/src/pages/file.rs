//! A file that is mapped, and how to tell that it has changed since.

use std::path::{Path, PathBuf};

use super::{Mapping, Root, Version};

/// A regular file beneath the root, mapped whole, as it was when it was opened.
#[derive(Debug)]
pub struct MappedFile {
    path: PathBuf,
    version: Version,
    mapping: Mapping,
}

impl MappedFile {
    /// Creates the file of that path and version, whose pages are `mapping`. It is closed by now, or soon is: a
    /// mapping needs no descriptor, and clients do.
    pub(crate) fn new(path: &Path, version: Version, mapping: Mapping) -> Self {
        Self {
            path: path.to_owned(),
            version,
            mapping,
        }
    }

    /// Returns its path, relative to the root.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what it was when it was mapped.
    pub const fn version(&self) -> &Version {
        &self.version
    }

    /// Returns its pages.
    pub const fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Returns whether this very file, unchanged, is still what its path names.
    pub fn is_current(&self, root: &Root) -> bool {
        let now = root.version(&self.path);
        now.is_ok_and(|now| now == self.version)
    }

    /// Returns whether the file has become shorter than its mapping. A file that was removed or replaced has
    /// not: its pages live as long as they are mapped. (Should somebody cut it after that, this does not
    /// tell: the path names another file by then.)
    pub fn is_cut(&self, root: &Root) -> bool {
        let now = root.version(&self.path);
        now.is_ok_and(|now| now.inode == self.version.inode && now.size < self.version.size)
    }
}
