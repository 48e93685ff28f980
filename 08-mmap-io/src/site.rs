//! The files of a directory, and which of them a request is for.

use std::cell::{Cell, RefCell};
use std::io;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Instant, SystemTime};

use crate::answer::{self, Answer};
use crate::http::{MAX_FIELDS, Method, Persistence, Request, Status, Target, location};
use crate::pages::{Cache, MappedFile, Root};
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

/// What a request's target turned out to be.
enum Found {
    File(Rc<MappedFile>),
    /// A directory, whose place is named with a `/` at the end: only then do the relative links of its
    /// index lead to where they should.
    Elsewhere(String),
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

    /// Answers the request that `bytes` begin with. `None`: it has not come to its end yet.
    pub fn answer(&self, bytes: &[u8]) -> Option<Answer> {
        let mut storage = [const { MaybeUninit::uninit() }; MAX_FIELDS];
        let now = self.time.get();
        let mut request = match Request::parse(bytes, &mut storage) {
            Ok(request) => request?,
            Err(status) => return Some(answer::refusal(status, None, now)),
        };
        if self.is_closing.get() {
            request.persistence = Persistence::Closed;
        }
        Some(match self.find(&request) {
            Ok(Found::File(found)) => answer::file(found, &request, now),
            Ok(Found::Elsewhere(location)) => answer::redirect(&location, &request, now),
            Err(status) => answer::refusal(status, Some(&request), now),
        })
    }

    fn find(&self, request: &Request) -> Result<Found, Status> {
        match request.method {
            Method::Get | Method::Head => {}
            Method::NotAllowed => return Err(Status::MethodNotAllowed),
            Method::Unknown => return Err(Status::NotImplemented),
        }
        let target = Target::parse(request.target)?;
        if target.is_directory {
            let index = self.file(&target.path.join("index.html"))?;
            return index.map(Found::File).ok_or(Status::NotFound);
        }
        match self.file(&target.path)? {
            Some(file) => Ok(Found::File(file)),
            None => Ok(Found::Elsewhere(location(&target))),
        }
    }

    fn file(&self, path: &Path) -> io::Result<Option<Rc<MappedFile>>> {
        self.timer.arm(self.now() + Cache::KEEP);
        self.cache.borrow_mut().get(path, self.now())
    }

    /// Lets go of files that nobody asks for any more.
    pub fn sweep(&self) {
        if let Some(next) = self.cache.borrow_mut().sweep(self.now()) {
            self.timer.arm(next);
        }
    }
}
