//! How the files of a process are read: firmly, or at a glance.

use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::Process;
use crate::mapping::number_behind;

impl Process {
    /// Its state: `R`, `S`, `T` (stopped), `Z` (a zombie) and so on; `X` if there is no such process.
    pub fn state(self) -> char {
        let state = self.stat(0).and_then(|state| state.chars().next());
        state.unwrap_or('X')
    }

    /// Returns whether there is no such process, or it is on its way out (PF_EXITING, include/linux/sched.h),
    /// when the kernel has taken away much of what it had.
    fn is_gone(self) -> bool {
        const EXITING: u32 = 4;
        let flags = self.stat(6).and_then(|flags| flags.parse().ok());
        flags.is_none_or(|flags: u32| flags & EXITING != 0)
    }

    /// Returns a field of its stat, from the state on; none if there is no such process.
    pub(super) fn stat(self, field: usize) -> Option<String> {
        let stat = match fs::read_to_string(self.path("stat")) {
            Err(error) if is_about_no_process(&error) => return None,
            Err(error) => panic!("{}: {error}", self.unseen("stat")),
            Ok(stat) => stat,
        };
        // The name, in parentheses, may hold anything.
        let field = stat
            .rsplit_once(") ")
            .and_then(|(_, fields)| fields.split_whitespace().nth(field));
        assert!(field.is_some(), "{}: {stat:?}", self.unseen("stat"));
        field.map(str::to_owned)
    }

    /// Returns a number out of its status, by name (proc_pid_status(5)).
    pub fn status(self, name: &str) -> Option<u64> {
        let number = number_behind(self.read("status").lines(), name);
        self.given(&format!("status, {name}"), number)
    }

    /// Returns the entries of one of its folders; none if there is no such process.
    pub(super) fn folder(self, name: &str) -> Vec<DirEntry> {
        let entries = fs::read_dir(self.path(name)).and_then(Iterator::collect);
        self.seen(name, entries).unwrap_or_default()
    }

    /// Returns the text of one of its files; nothing if there is no such process.
    pub(super) fn read(self, file: &str) -> String {
        let text = fs::read_to_string(self.path(file));
        self.seen(file, text).unwrap_or_default()
    }

    /// Returns what was read; none if there is no such process.
    ///
    /// # Panics
    ///
    /// If it could not be read, though the process is there.
    pub(super) fn seen<T>(self, what: &str, read: io::Result<T>) -> Option<T> {
        match read {
            Ok(read) => Some(read),
            Err(_) if self.is_gone() => None,
            Err(error) => panic!("{}: {error}", self.unseen(what)),
        }
    }

    /// Returns a value that was found in a file; none if there is no such process.
    ///
    /// # Panics
    ///
    /// If it was not found, though the process is there.
    pub(super) fn given<T>(self, what: &str, value: Option<T>) -> Option<T> {
        let value = value.ok_or_else(|| io::Error::other("there is no such value"));
        self.seen(what, value)
    }

    /// Returns the text of one of its files; nothing if it cannot be read, for whatever reason. This is for the time when
    /// something has failed already, and for the processes of other users.
    pub(crate) fn glance(self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_default()
    }

    /// Returns the entries of one of its folders; none if it cannot be read, as [`glance`](Self::glance).
    pub(super) fn glance_at_folder(self, name: &str) -> Vec<DirEntry> {
        let entries = fs::read_dir(self.path(name));
        entries.into_iter().flatten().flatten().collect()
    }

    fn unseen(self, what: &str) -> String {
        format!(
            "cannot observe process {}: /proc/{}/{what}",
            self.pid, self.pid
        )
    }

    pub(super) fn path(self, file: &str) -> PathBuf {
        format!("/proc/{}/{file}", self.pid).into()
    }
}

/// Returns those of the entries of a folder whose names are numbers.
pub(super) fn numbers(entries: Vec<DirEntry>) -> impl Iterator<Item = i32> {
    let names = entries.into_iter().map(|entry| entry.file_name());
    names.filter_map(|name| name.to_str()?.parse().ok())
}

/// Returns whether a file of /proc could not be read because its process has ended.
fn is_about_no_process(error: &io::Error) -> bool {
    error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(libc::ESRCH)
}
