//! `cargo lab task check --watch`: judges again at each save, until the task is solved.

use std::cell::Cell;
use std::io::{self, BufRead, IsTerminal};
use std::os::fd::AsFd;
use std::path::Path;

use anyhow::Context;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent};

use super::check::judge;
use super::hint::hint;
use super::start::start;
use crate::course::Course;
use crate::talk::{Talk, Tone};

/// How long nothing may happen before a save counts as complete: some editors write a file in several steps.
const QUIET: u8 = 50;

/// Judges the task that is under way now and after each save, until it is solved. A line `h` asks for a hint, `q` ends it;
/// once the task is solved, `n` begins the next one. Without a terminal it ends when the task is solved.
///
/// # Errors
///
/// Returns the errors of inotify(7), and those of `check`.
pub fn watch(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let saves = Saves::of(course).context(
        "the kernel does not report saves here: `cargo lab task check` judges once. inotify",
    )?;
    loop {
        let verdict = judge(course, talk, || saves.are_there())?;
        let is_solved = verdict == Some(true);
        if is_solved && !saves.is_terminal {
            return Ok(true);
        }
        if verdict.is_some() {
            prompt(is_solved, talk);
        }
        loop {
            let line = match saves.wait()? {
                Event::Save => break,
                Event::Line(line) => line,
            };
            match line.trim() {
                "q" => return Ok(is_solved),
                "n" if is_solved => {
                    talk.begin_again();
                    talk.gap();
                    start(course, None, false, talk)?;
                    break;
                }
                "h" => {
                    talk.begin_again();
                    talk.gap();
                    hint(course, talk)?;
                }
                _ => {}
            }
            prompt(is_solved, talk);
        }
        saves.watch(course)?;
        talk.begin_again();
        talk.gap();
    }
}

fn prompt(is_solved: bool, talk: &mut Talk) {
    let keys = match is_solved {
        true => "n and Enter: the next task",
        false => "h and Enter: a hint",
    };
    talk.toned(
        Tone::Plain,
        format!("(Waiting for a save. {keys}. q and Enter: the end.)"),
    );
}

enum Event {
    Save,
    Line(String),
}

/// What the kernel reports of the folders with sources.
struct Saves {
    inotify: Inotify,
    is_terminal: bool,
    /// Whether a source was saved since the last [`Event::Save`].
    has_saved: Cell<bool>,
}

impl Saves {
    fn of(course: &Course) -> anyhow::Result<Self> {
        let saves = Self {
            inotify: Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?,
            is_terminal: io::stdin().is_terminal(),
            has_saved: Cell::new(false),
        };
        saves.watch(course)?;
        Ok(saves)
    }

    /// Watches all folders with sources. One that is watched already stays so, and one that was removed and is there
    /// again is watched again.
    fn watch(&self, course: &Course) -> anyhow::Result<()> {
        for entry in std::fs::read_dir(&course.workspace)? {
            let stage = entry?.path();
            if stage.join("Cargo.toml").is_file() {
                self.add(&stage)?;
                self.add_all(&stage.join("src"))?;
            }
        }
        Ok(())
    }

    /// Watches a folder, and those in it. It may be gone by now.
    fn add_all(&self, folder: &Path) -> anyhow::Result<()> {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Ok(());
        };
        self.add(folder)?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                self.add_all(&path)?;
            }
        }
        Ok(())
    }

    /// Watches a folder. Editors replace files, so files are not watched themselves.
    fn add(&self, folder: &Path) -> anyhow::Result<()> {
        let saves = AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_MOVED_TO
            | AddWatchFlags::IN_MOVED_FROM
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_CREATE;
        match self.inotify.add_watch(folder, saves) {
            Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(()),
            added => added.map(drop).map_err(Into::into),
        }
    }

    /// Returns whether a source was saved that nobody has waited for.
    fn are_there(&self) -> bool {
        self.has_saved.get() || self.take().is_ok_and(|()| self.has_saved.get())
    }

    /// Sleeps until a source is saved, or a line is typed.
    fn wait(&self) -> anyhow::Result<Event> {
        loop {
            if self.has_saved.get() {
                self.take_until_quiet()?;
                self.has_saved.set(false);
                return Ok(Event::Save);
            }
            let stdin = io::stdin();
            let mut fds = vec![PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN)];
            if self.is_terminal {
                fds.push(PollFd::new(stdin.as_fd(), PollFlags::POLLIN));
            }
            match poll(&mut fds, PollTimeout::NONE) {
                Err(Errno::EINTR) => continue,
                answered => answered?,
            };
            self.take()?;
            if fds.get(1).is_some_and(|fd| fd.any() == Some(true)) {
                let mut line = String::new();
                // The end of the input is a wish for the end.
                let length = stdin.lock().read_line(&mut line)?;
                return Ok(Event::Line(if length == 0 { "q".to_owned() } else { line }));
            }
        }
    }

    /// Takes all events, until nothing happens for a moment.
    fn take_until_quiet(&self) -> anyhow::Result<()> {
        loop {
            self.take()?;
            let mut fds = [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN)];
            if poll(&mut fds, PollTimeout::from(QUIET)) != Ok(1) {
                return Ok(());
            }
        }
    }

    /// Takes the events that are there, and notes whether one of them is about a source.
    fn take(&self) -> anyhow::Result<()> {
        match self.inotify.read_events() {
            Ok(events) => {
                let has_saved = events.iter().any(is_about_source);
                self.has_saved.set(self.has_saved.get() || has_saved);
            }
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        Ok(())
    }
}

/// Returns whether an event is about a source: not about a file that an editor keeps next to it.
fn is_about_source(event: &InotifyEvent) -> bool {
    // Events were lost, or a folder is gone.
    let Some(name) = &event.name else { return true };
    let name = name.to_string_lossy();
    match (
        event.mask.contains(AddWatchFlags::IN_ISDIR),
        event.mask.contains(AddWatchFlags::IN_CREATE),
    ) {
        (true, _) => true,
        // It will be written, and closed.
        (false, true) => false,
        (false, false) => name.ends_with(".rs") && !name.starts_with('.'),
    }
}
