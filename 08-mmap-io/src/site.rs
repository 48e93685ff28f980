//! What all sessions share, and the way from a request to the transfer that answers it.

use std::time::{Duration, Instant, SystemTime};

use http_rules::{Answer, File, Persistence, Request, Status, Storage};
use stage_01::RateLimited;

use crate::Timeouts;
use crate::pages::{Cache, Root, Source, Transfer};
use crate::status::status_of;
use crate::timer::Timer;

static NOT_SERVED: RateLimited = RateLimited::new();

/// The files of a directory, and the time. The loop owns it, and lends it to a session for each step. The
/// default has no directory, and finds no file.
#[derive(Debug)]
pub struct Site {
    /// The files that are mapped.
    pub(crate) cache: Cache,
    /// How long clients may take.
    pub(crate) timeouts: Timeouts,
    /// When to look whether a client has taken too long, or a file has been mapped for too long.
    pub(crate) timer: Timer,
    /// The time of this wake-up.
    pub(crate) now: Instant,
    date: SystemTime,
    is_closing: bool,
}

impl Site {
    /// Creates a site of the files beneath `root`.
    pub fn new(root: Root, timeouts: Timeouts) -> Self {
        Self {
            cache: Cache::new(root),
            timeouts,
            ..Self::default()
        }
    }

    /// Looks at the clocks: whatever is done after one wake-up of the loop is done at one time.
    pub(crate) fn read_clocks(&mut self) {
        self.now = Instant::now();
        self.date = SystemTime::now();
    }

    /// Has each answer from now on be the last one on its connection (RFC 9112, section 9.6).
    pub(crate) fn close(&mut self) {
        self.is_closing = true;
    }

    /// Unmaps files that nobody asks for any more.
    pub(crate) fn sweep(&mut self) {
        if let Some(next) = self.cache.sweep(self.now) {
            self.timer.arm(next);
        }
    }

    /// Begins the transfer that answers the request at the start of `received`. Returns it, and where the
    /// next request begins, if another may follow. Returns `None` while the head is incomplete.
    pub(crate) fn begin_transfer(&mut self, received: &[u8]) -> Option<(Transfer, Option<usize>)> {
        // No two answers are made at the same time: the tag of a file that has just changed is made of it.
        self.date += Duration::from_nanos(1);
        let mut storage = Storage::new();
        let (answer, file) = match Request::parse(received, &mut storage) {
            Ok(request) => self.decide(request?),
            Err(status) => (Answer::malformed(received, status, self.date), None),
        };
        // What is sent can be counted in a usize.
        let part = answer
            .part
            .map(|part| (part.start as usize)..(part.end as usize));
        let transfer = Transfer::new(answer.head, file.zip(part));
        Some((transfer, answer.next))
    }

    /// Begins the transfer that takes the place of one whose file cannot be sent. It is the last one on its
    /// connection.
    pub(crate) fn begin_failure(&self) -> Transfer {
        Transfer::new(Answer::failure(self.date).head, None)
    }

    /// Decides what is sent for `request`, and from which file.
    fn decide(&mut self, mut request: Request) -> (Answer, Option<Source>) {
        if self.is_closing {
            request.persistence = Persistence::Closed;
        }
        let refuse = |status| Answer::refusal(&request, status, self.date);
        let target = match request.target() {
            Ok(target) => target,
            Err(status) => return (refuse(status), None),
        };
        self.timer.arm(self.now + Cache::KEEP);
        match self.cache.get(&target.file(), self.now) {
            Ok(Some(file)) => {
                let answer = Answer::file(&request, &describe(&file), self.date);
                (answer, Some(file))
            }
            Ok(None) => (Answer::directory(&request, &target, self.date), None),
            Err(error) => {
                let status = status_of(&error);
                if status == Status::InternalError {
                    NOT_SERVED.report(format_args!("{:?} is not served: {error}", target.file()));
                }
                (refuse(status), None)
            }
        }
    }
}

impl Default for Site {
    fn default() -> Self {
        Self {
            cache: Cache::default(),
            timeouts: Timeouts::default(),
            timer: Timer::new(),
            now: Instant::now(),
            date: SystemTime::now(),
            is_closing: false,
        }
    }
}

/// Describes a file to HTTP.
fn describe(file: &Source) -> File<'_> {
    let version = file.version();
    let (modified, changed) = match file {
        Source::Mapped(_) => (version.modified.0, version.changed),
        // It may be made up as it is read, and has been something else by now.
        Source::Copied(_) => (File::UNKNOWN.0, File::UNKNOWN),
    };
    File {
        path: file.path(),
        size: file.size() as u64,
        inode: version.inode.1,
        modified,
        changed,
    }
}
