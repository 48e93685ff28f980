//! The files that are mapped, to be shared by all requests for them.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{MappedFile, Root};

/// Files that stay mapped without being sent, at most. A process may have 65,530 mappings
/// (proc_sys_vm(5), max_map_count), and each client may have one of its own under way.
const MAX_IDLE_FILES: usize = 1024;

/// Bytes in them, at most. Pages that the kernel has once found through a mapping cost it 2 MiB of page
/// tables a GiB.
const MAX_IDLE_BYTES: u64 = 16 << 30;

/// The files that are mapped, by their paths.
#[derive(Debug)]
pub struct Cache {
    root: Rc<Root>,
    files: HashMap<PathBuf, Entry>,
}

#[derive(Debug)]
struct Entry {
    file: Rc<MappedFile>,
    /// When it was asked for last.
    used: Instant,
}

impl Entry {
    fn is_being_sent(&self) -> bool {
        Rc::strong_count(&self.file) > 1
    }
}

impl Cache {
    /// How long a file stays mapped that nobody asks for.
    pub const KEEP: Duration = Duration::from_secs(1);

    /// One of files beneath `root`, with none in it.
    pub fn new(root: Root) -> Self {
        Self {
            root: Rc::new(root),
            files: HashMap::new(),
        }
    }

    /// The directory that they are beneath.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The file at `path`, mapped. `None`: there is a directory.
    ///
    /// It is looked at each time: one that has changed since it was mapped is mapped anew. Transfers under
    /// way keep the mapping that they began with.
    ///
    /// # Errors
    ///
    /// Those of [`MappedFile::open`].
    pub fn get(&mut self, path: &Path, now: Instant) -> io::Result<Option<Rc<MappedFile>>> {
        if let Some(entry) = self.files.get_mut(path)
            && entry.file.is_current()
        {
            entry.used = now;
            return Ok(Some(Rc::clone(&entry.file)));
        }
        let Some(file) = self.open(path)?.map(Rc::new) else {
            return Ok(None);
        };
        self.make_room(file.version().size);
        let entry = Entry {
            file: Rc::clone(&file),
            used: now,
        };
        self.files.insert(path.to_owned(), entry);
        Ok(Some(file))
    }

    /// Maps a file; should there be no room for it, without those that are idle.
    fn open(&mut self, path: &Path) -> io::Result<Option<MappedFile>> {
        match MappedFile::open(&self.root, path) {
            Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => {
                self.files.retain(|_, entry| entry.is_being_sent());
                MappedFile::open(&self.root, path)
            }
            opened => opened,
        }
    }

    /// Lets go of all files that are idle, if one more of `size` bytes makes too many. What is asked for
    /// most is soon back.
    fn make_room(&mut self, size: u64) {
        let idle = self.files.values().filter(|entry| !entry.is_being_sent());
        let sizes = idle.map(|entry| entry.file.version().size);
        let (files, bytes) =
            sizes.fold((1, size), |(files, bytes), size| (files + 1, bytes + size));
        if files > MAX_IDLE_FILES || bytes > MAX_IDLE_BYTES {
            self.files.retain(|_, entry| entry.is_being_sent());
        }
    }

    /// Lets go of files that were not asked for lately, and gives when to look again: as long as there
    /// is one.
    pub fn sweep(&mut self, now: Instant) -> Option<Instant> {
        let is_used = |entry: &Entry| entry.is_being_sent() || now < entry.used + Self::KEEP;
        self.files.retain(|_, entry| is_used(entry));
        (!self.files.is_empty()).then(|| now + Self::KEEP)
    }
}
