//! `cargo lab task check --watch`: judges again at each save, until the task is solved.

use std::io::{self, BufRead, IsTerminal};
use std::os::fd::AsFd;
use std::path::Path;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use super::check::judge;
use super::hint::hint;
use crate::course::Course;
use crate::talk::{Talk, Tone};

/// How long nothing may happen before a save counts as complete: some editors write a file in several steps.
const QUIET: u8 = 50;

/// Judges the task that is under way now and after each save, until it is solved. A line `h` asks for a hint, `q` ends it.
///
/// # Errors
///
/// Returns the errors of inotify(7), and those of `check`.
pub fn watch(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let saves = Saves::of(course)?;
    loop {
        match judge(course, talk, || saves.are_there())? {
            Some(true) => return Ok(true),
            Some(false) => talk.toned(
                Tone::Plain,
                "(Waiting for a save. h and Enter: a hint. q and Enter: the end.)",
            ),
            None => {}
        }
        match saves.wait()? {
            Event::Save => talk.gap(),
            Event::Line(line) if line.trim() == "q" => return Ok(false),
            Event::Line(line) if line.trim() == "h" => drop(hint(course, talk)?),
            Event::Line(_) => {}
        }
        talk.begin_again();
    }
}

enum Event {
    Save,
    Line(String),
}

/// What the kernel reports of the folders with sources.
struct Saves {
    inotify: Inotify,
    is_terminal: bool,
}

impl Saves {
    fn of(course: &Course) -> anyhow::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        let saves = Self {
            inotify,
            is_terminal: io::stdin().is_terminal(),
        };
        for entry in std::fs::read_dir(&course.workspace)? {
            let sources = entry?.path().join("src");
            if sources.is_dir() {
                saves.add(&sources)?;
            }
        }
        Ok(saves)
    }

    /// Watches a folder, and those in it. Editors replace files, so files are not watched themselves.
    fn add(&self, folder: &Path) -> anyhow::Result<()> {
        let saves =
            AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_DELETE;
        self.inotify.add_watch(folder, saves)?;
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.add(&path)?;
            }
        }
        Ok(())
    }

    /// Returns whether something was saved that nobody has waited for.
    fn are_there(&self) -> bool {
        let mut fds = [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::ZERO) == Ok(1)
    }

    /// Sleeps until a source is saved, or a line is typed.
    fn wait(&self) -> anyhow::Result<Event> {
        loop {
            let stdin = io::stdin();
            let mut fds = vec![PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN)];
            if self.is_terminal {
                fds.push(PollFd::new(stdin.as_fd(), PollFlags::POLLIN));
            }
            match poll(&mut fds, PollTimeout::NONE) {
                Err(Errno::EINTR) => continue,
                answered => answered?,
            };
            let is_ready = |fd: &PollFd| fd.any() == Some(true);
            let (has_saved, has_typed) = (is_ready(&fds[0]), fds.get(1).is_some_and(is_ready));
            if has_saved && self.take_sources()? {
                return Ok(Event::Save);
            }
            if has_typed {
                let mut line = String::new();
                // The end of the input is a wish for the end.
                let length = stdin.lock().read_line(&mut line)?;
                return Ok(Event::Line(if length == 0 { "q".to_owned() } else { line }));
            }
        }
    }

    /// Takes all events, until nothing happens for a moment. Returns whether one of them was a source's.
    fn take_sources(&self) -> anyhow::Result<bool> {
        let mut is_source = false;
        loop {
            match self.inotify.read_events() {
                Ok(events) => {
                    is_source |= events.iter().any(|event| {
                        let name = event.name.as_ref().map(|name| name.to_string_lossy());
                        name.is_none_or(|name| name.ends_with(".rs") && !name.starts_with('.'))
                    });
                }
                Err(Errno::EAGAIN | Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
            let mut fds = [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN)];
            if poll(&mut fds, PollTimeout::from(QUIET)) != Ok(1) {
                return Ok(is_source);
            }
        }
    }
}
