//! The files of a directory, and which of them a request is for.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Instant, SystemTime};

use http_rules::{Answer, File, Persistence, Request, Status, Storage, Target};

use crate::pages::{Cache, MappedFile, Root, Transfer};
use crate::refusal::refusal;
use crate::timeouts::{Timeouts, Timer};

/// The files of a directory, as all sessions share them.
#[derive(Debug)]
pub struct Site {
    cache: RefCell<Cache>,
    now: Cell<Instant>,
    time: Cell<SystemTime>,
    is_closing: Cell<bool>,
    /// How long its clients may take.
    pub timeouts: Timeouts,
    /// When to look whether one has taken too long, or a file has been mapped for too long.
    pub timer: Timer,
}

impl Site {
    /// The files beneath `root`.
    pub fn new(root: Root, timeouts: Timeouts) -> Self {
        Self {
            cache: RefCell::new(Cache::new(root)),
            now: Cell::new(Instant::now()),
            time: Cell::new(SystemTime::now()),
            is_closing: Cell::new(false),
            timeouts,
            timer: Timer::new(),
        }
    }

    /// The directory, by the path that it was given by.
    pub fn directory(&self) -> PathBuf {
        self.cache.borrow().root().path().to_owned()
    }

    /// Looks at the clocks: all that is done after one wake-up of the loop is done at one time.
    pub fn wake(&self) {
        self.now.set(Instant::now());
        self.time.set(SystemTime::now());
    }

    /// The time of this wake-up.
    pub const fn now(&self) -> Instant {
        self.now.get()
    }

    /// From now on each answer is the last one on its connection (RFC 9112, section 9.6).
    pub fn close(&self) {
        self.is_closing.set(true);
    }

    /// Returns what is sent for the request that `received` begins with, and where the next one begins;
    /// `None` there if the connection ends with it. Returns `None` while its head is incomplete.
    pub fn transfer(&self, received: &[u8]) -> Option<(Transfer, Option<usize>)> {
        let mut storage = Storage::new();
        let now = self.time.get();
        let (answer, file) = match Request::parse(received, &mut storage) {
            Ok(request) => self.answer(&mut request?),
            Err(status) => (Answer::refusal(None, status, now), None),
        };
        // What is mapped can be counted in a usize.
        let part = answer
            .part
            .map(|part| part.start as usize..part.end as usize);
        let transfer = match file.zip(part) {
            Some((file, part)) => Transfer::with_body(answer.head, file, part),
            None => Transfer::new(answer.head),
        };
        Some((transfer, answer.next))
    }

    fn answer(&self, request: &mut Request) -> (Answer, Option<Rc<MappedFile>>) {
        let now = self.time.get();
        if self.is_closing.get() {
            request.persistence = Persistence::Closed;
        }
        let target = match request.target() {
            Ok(target) => target,
            Err(status) => return (Answer::refusal(Some(request), status, now), None),
        };
        match self.find(&target) {
            Ok(Some(file)) => (Answer::file(request, &describe(&file), now), Some(file)),
            Ok(None) => (Answer::directory(request, &target, now), None),
            Err(status) => (Answer::refusal(Some(request), status, now), None),
        }
    }

    fn find(&self, target: &Target) -> Result<Option<Rc<MappedFile>>, Status> {
        self.timer.arm(self.now() + Cache::KEEP);
        let found = self.cache.borrow_mut().get(&target.file(), self.now());
        found.map_err(|error| refusal(&error))
    }

    /// Lets go of files that nobody asks for any more.
    pub fn sweep(&self) {
        if let Some(next) = self.cache.borrow_mut().sweep(self.now()) {
            self.timer.arm(next);
        }
    }
}

fn describe(file: &MappedFile) -> File<'_> {
    let version = file.version();
    File {
        path: file.path(),
        size: version.size,
        inode: version.inode.1,
        modified: version.modified.0,
        changed: version.changed,
    }
}
