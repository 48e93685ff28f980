//! The files that are mapped, to be shared by all requests for them.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{MappedFile, Root};

/// Files that stay mapped without being sent, at most. A process may have 65,530 mappings
/// (proc_sys_vm(5), max_map_count), and each client may have one of its own under way.
const MAX_FILES: usize = 1024;

/// Bytes in them, at most. Pages that the kernel has once found through a mapping cost it 2 MiB of page
/// tables a GiB.
const MAX_BYTES: u64 = 16 << 30;

/// The files that are mapped, by their paths.
#[derive(Debug)]
pub struct Cache {
    root: Rc<Root>,
    files: HashMap<PathBuf, Entry>,
    bytes: u64,
}

#[derive(Debug)]
struct Entry {
    file: Rc<MappedFile>,
    /// When it was asked for last; then it was looked whether it has changed, too.
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
            bytes: 0,
        }
    }

    /// The directory that they are beneath.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The file at `path`, mapped. `None`: there is a directory.
    ///
    /// A file that has changed since it was mapped is mapped anew: it is looked at each time, or once if
    /// `now` is the same time, which is that of a wake-up of the loop. Transfers under way keep the
    /// mapping that they began with.
    ///
    /// # Errors
    ///
    /// Those of [`MappedFile::open`].
    pub fn get(&mut self, path: &Path, now: Instant) -> io::Result<Option<Rc<MappedFile>>> {
        if let Some(entry) = self.files.get_mut(path)
            && (entry.used == now || entry.file.is_current())
        {
            entry.used = now;
            return Ok(Some(Rc::clone(&entry.file)));
        }
        let Some(file) = MappedFile::open(&self.root, path)?.map(Rc::new) else {
            return Ok(None);
        };
        self.make_room(file.version().size);
        let entry = Entry {
            file: Rc::clone(&file),
            used: now,
        };
        self.bytes += file.version().size;
        if let Some(old) = self.files.insert(path.to_owned(), entry) {
            self.bytes -= old.file.version().size;
        }
        Ok(Some(file))
    }

    /// Lets go of all files that are not being sent, if there are too many. What is asked for most is
    /// soon back.
    fn make_room(&mut self, bytes: u64) {
        if self.files.len() >= MAX_FILES || self.bytes + bytes > MAX_BYTES {
            self.keep(Entry::is_being_sent);
        }
    }

    /// Lets go of files that were not asked for lately, and gives when to look again: as long as there
    /// is one.
    pub fn sweep(&mut self, now: Instant) -> Option<Instant> {
        self.keep(|entry| entry.is_being_sent() || now < entry.used + Self::KEEP);
        (!self.files.is_empty()).then(|| now + Self::KEEP)
    }

    fn keep(&mut self, keep: impl Fn(&Entry) -> bool) {
        self.files.retain(|_, entry| keep(entry));
        let sizes = self.files.values().map(|entry| entry.file.version().size);
        self.bytes = sizes.sum();
    }
}
