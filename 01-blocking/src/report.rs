//! Lines on standard error. They never hold the server up, and no client can fill the log.

use std::fmt::Display;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use libc::PIPE_BUF;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How many lines were dropped since the last one that was written.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// Writes one line, `stage-01: message`, to standard error, if that takes it at once. Otherwise the
/// line is dropped, and the next one that gets through says how many were.
///
/// A server outlives its log. A reader that has stopped reading must not stop the server in write(2).
/// A full disk or a closed pipe must not end it. Returns whether the line was written.
pub fn report(message: impl Display) -> bool {
    let name = program_name();
    let dropped = DROPPED.load(Relaxed);
    let mut lines = Vec::new();
    // Writing to a vector cannot fail.
    if dropped > 0 {
        let _ = writeln!(lines, "{name}: {dropped} lines were dropped here");
    }
    let _ = write!(lines, "{name}: {message}");
    // Up to PIPE_BUF bytes go into a pipe as a whole (pipe(7)): they do not mix with another
    // process's lines, and a pipe with room takes them all.
    lines.truncate(PIPE_BUF - 1);
    lines.push(b'\n');
    let written = has_room() && io::stderr().write(&lines).is_ok();
    if written {
        DROPPED.fetch_sub(dropped, Relaxed);
    } else {
        DROPPED.fetch_add(1, Relaxed);
    }
    written
}

/// Returns whether standard error would take a line without making the writer wait.
fn has_room() -> bool {
    let stderr = io::stderr();
    let mut fds = [PollFd::new(stderr.as_fd(), PollFlags::POLLOUT)];
    poll(&mut fds, PollTimeout::ZERO) == Ok(1)
}

/// Returns the last part of the path that started the program, as glibc's
/// `program_invocation_short_name` does.
fn program_name() -> String {
    let path = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&path).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// How long after a line the next ones of its kind are held back.
const INTERVAL: Duration = Duration::from_secs(10);

/// A kind of line that clients can cause, as often as they like: at most one in 10 s is written.
#[derive(Debug)]
pub struct RateLimited {
    last: Mutex<Option<Last>>,
}

/// The last line that was written, and what came after it.
#[derive(Debug)]
struct Last {
    written: Instant,
    kept_back: u64,
}

impl RateLimited {
    /// Creates a kind of line of which none has been written.
    pub const fn new() -> Self {
        let last = Mutex::new(None);
        Self { last }
    }

    /// [Reports](report) a line of this kind, or counts it if one was written a moment ago. The next
    /// line that is written says how many were counted.
    pub fn report(&self, message: impl Display) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let written = match &mut *last {
            Some(last) if last.written.elapsed() < INTERVAL => {
                last.kept_back += 1;
                false
            }
            Some(Last {
                kept_back: n @ 1.., ..
            }) => report(format_args!("{message} (and {n} more of these before)")),
            _ => report(message),
        };
        if written {
            let written = Instant::now();
            let kept_back = 0;
            *last = Some(Last { written, kept_back });
        }
    }
}

impl Default for RateLimited {
    fn default() -> Self {
        Self::new()
    }
}
