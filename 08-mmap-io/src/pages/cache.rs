//! The files that are mapped, to be shared by all requests for them.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use stage_01::report;

use super::{CopiedFile, MappedFile, Root, Source};

/// How many files stay mapped without being sent. A process may have 65,530 mappings
/// (proc_sys_vm(5), max_map_count), and each client may have one of its own under way.
const MAX_IDLE_FILES: usize = 1024;

/// How many bytes they may have. Pages that the kernel has once found through a mapping cost it 2 MiB of
/// page tables a GiB.
const MAX_IDLE_BYTES: u64 = 16 << 30;

/// The files beneath a root that are mapped, by their paths. The default has no root, and finds no file.
#[derive(Debug, Default)]
pub struct Cache {
    root: Option<Root>,
    files: HashMap<PathBuf, Entry>,
    /// Files whose transfers broke off, as long as there are such transfers.
    reported: Vec<Weak<MappedFile>>,
    /// File systems of which a file could not be mapped.
    unmapped: Vec<u64>,
}

#[derive(Debug)]
struct Entry {
    file: Rc<MappedFile>,
    /// When a client asked for it last.
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

    /// Creates an empty cache of files beneath `root`.
    pub fn new(root: Root) -> Self {
        Self {
            root: Some(root),
            ..Self::default()
        }
    }

    /// Returns the file at `path`, mapped if that is possible, or `None` if there is a directory.
    ///
    /// The cache looks at the file each time. If it has changed since it was mapped, it is mapped anew.
    /// Transfers under way keep the mapping that they began with.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Source::open`].
    pub fn get(&mut self, path: &Path, now: Instant) -> io::Result<Option<Source>> {
        let root = self.root.as_ref().ok_or(ErrorKind::NotFound)?;
        if let Some(entry) = self.files.get_mut(path)
            && entry.file.is_current(root)
        {
            entry.used = now;
            return Ok(Some(Source::Mapped(Rc::clone(&entry.file))));
        }
        let source = self.open(path)?;
        match &source {
            Some(Source::Mapped(file)) => self.keep(file, now),
            Some(Source::Copied(file)) => self.report_unmapped(file),
            None => {}
        }
        Ok(source)
    }

    /// Opens a file; if there is no room to map it, without those that are idle.
    fn open(&mut self, path: &Path) -> io::Result<Option<Source>> {
        let root = self.root.as_mut().ok_or(ErrorKind::NotFound)?;
        match Source::open(root, path) {
            Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => {
                self.files.retain(|_, entry| entry.is_being_sent());
                Source::open(root, path)
            }
            opened => opened,
        }
    }

    fn keep(&mut self, file: &Rc<MappedFile>, now: Instant) {
        self.make_room(file.version().size);
        let entry = Entry {
            file: Rc::clone(file),
            used: now,
        };
        self.files.insert(file.path().to_owned(), entry);
    }

    /// Says, once for each file system, that its files have to be read.
    fn report_unmapped(&mut self, file: &CopiedFile) {
        let (file_system, _) = file.version().inode;
        if !self.unmapped.contains(&file_system) {
            self.unmapped.push(file_system);
            let path = file.path();
            report(format_args!(
                "{path:?} cannot be mapped: files of its file system are read instead"
            ));
        }
    }

    /// Unmaps all files that are idle, if one more of `size` bytes makes too many. What clients ask for most
    /// is soon back.
    fn make_room(&mut self, size: u64) {
        let idle = self.files.values().filter(|entry| !entry.is_being_sent());
        let sizes = idle.map(|entry| entry.file.version().size);
        let (files, bytes) =
            sizes.fold((1, size), |(files, bytes), size| (files + 1, bytes + size));
        if files > MAX_IDLE_FILES || bytes > MAX_IDLE_BYTES {
            self.files.retain(|_, entry| entry.is_being_sent());
        }
    }

    /// Unmaps the files that nobody has asked for lately. Returns when to look again, as long as there is
    /// a file.
    pub fn sweep(&mut self, now: Instant) -> Option<Instant> {
        let is_used = |entry: &Entry| entry.is_being_sent() || now < entry.used + Self::KEEP;
        self.files.retain(|_, entry| is_used(entry));
        (!self.files.is_empty()).then(|| now + Self::KEEP)
    }

    /// Returns whether `file` has become shorter than its mapping.
    pub fn is_cut(&self, file: &MappedFile) -> bool {
        self.root.as_ref().is_some_and(|root| file.is_cut(root))
    }

    /// Returns the error of a transfer that cannot go on, because `file` was cut under it. The server has
    /// promised its length to the client, so this is the end of the connection. The first such transfer of
    /// `file` is reported, and no other.
    pub fn break_off(&mut self, file: &Rc<MappedFile>) -> io::Error {
        let weak = Rc::downgrade(file);
        self.reported.retain(|known| known.strong_count() > 0);
        if !self.reported.iter().any(|known| known.ptr_eq(&weak)) {
            let path = file.path();
            report(format_args!(
                "{path:?} was cut, or cannot be read, while it was sent"
            ));
            self.reported.push(weak);
        }
        ErrorKind::UnexpectedEof.into()
    }
}
