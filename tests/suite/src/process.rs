//! A process as /proc shows it, from outside (proc_pid(5)).
//!
//! A process that is gone, or about to be, has no descriptors, threads or children any more; its numbers are `None`, as
//! are times that this kernel does not keep. What cannot be read of a process that is there is never taken for nothing:
//! each method panics instead, and names the file.

use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::iter;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::mapping::{Mapping, from_hex, number_behind};

/// The eyes on one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    pid: i32,
}

impl Process {
    /// The process `pid`, whether it exists or not.
    pub const fn new(pid: i32) -> Self {
        Self { pid }
    }

    /// Its id.
    pub const fn pid(self) -> Pid {
        Pid::from_raw(self.pid)
    }

    /// The targets of its open descriptors, by number: `socket:[1234]`, for one.
    pub fn descriptors(self) -> Vec<(i32, String)> {
        let entries = self.folder("fd").into_iter();
        entries
            .filter_map(|entry| {
                let number = entry.file_name().to_str()?.parse().ok()?;
                let target = match fs::read_link(entry.path()) {
                    // It was closed after the list was made.
                    Err(error) if error.kind() == ErrorKind::NotFound => return None,
                    target => self.seen(&format!("fd/{number}"), target)?,
                };
                Some((number, target.to_string_lossy().into_owned()))
            })
            .collect()
    }

    /// How many descriptors it has open.
    pub fn descriptor_count(self) -> usize {
        self.folder("fd").len()
    }

    /// Those of its descriptors that are sockets.
    pub fn sockets(self) -> Vec<i32> {
        let descriptors = self.descriptors().into_iter();
        let sockets = descriptors.filter(|(_, target)| target.starts_with("socket:"));
        sockets.map(|(number, _)| number).collect()
    }

    /// Its threads.
    pub fn threads(self) -> Vec<Pid> {
        let entries = self.folder("task").into_iter();
        entries
            .filter_map(|entry| Some(Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)))
            .collect()
    }

    /// Its children, those that have ended and were not reaped (zombies) among them.
    pub fn children(self) -> Vec<Self> {
        self.threads()
            .iter()
            .flat_map(|thread| {
                let list = Self::new(thread.as_raw()).read(&format!("task/{thread}/children"));
                list.split_whitespace()
                    .filter_map(|pid| pid.parse().ok())
                    .collect::<Vec<_>>()
            })
            .map(Self::new)
            .collect()
    }

    /// Its children, their children, and so on.
    pub fn descendants(self) -> Vec<Self> {
        let mut all = self.children();
        let mut next = 0;
        while let Some(process) = all.get(next).copied() {
            all.extend(process.children());
            next += 1;
        }
        all
    }

    /// Returns the process itself, and all its descendants.
    pub fn family(self) -> Vec<Self> {
        iter::once(self).chain(self.descendants()).collect()
    }

    /// Kills all processes that it has started. As this may be called in the midst of a panic, those that it cannot
    /// observe are left: a second panic would abort the tests.
    pub fn kill_descendants(self) {
        for process in catch_unwind(|| self.descendants()).unwrap_or_default() {
            let _ = kill(process.pid(), Signal::SIGKILL); // fails if it has ended
        }
    }

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
    fn stat(self, field: usize) -> Option<String> {
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

    /// Returns the bytes of memory of its own: pages that are in use and not a file's.
    pub fn memory(self) -> Option<u64> {
        Some(self.status("RssAnon")? * 1024)
    }

    /// As [`memory`](Self::memory), with that of its children that are still there.
    pub fn family_memory(self) -> Option<u64> {
        let children = self.children().into_iter().filter_map(Self::memory);
        Some(self.memory()? + children.sum::<u64>())
    }

    /// Returns the page faults of all its threads that needed no disk (proc_pid_stat(5), minflt).
    pub fn minor_faults(self) -> Option<u64> {
        let faults = self.stat(7)?.parse().ok();
        self.given("stat, minflt", faults)
    }

    /// Returns the CPU time that it has spent, in all its threads.
    pub fn processor_time(self) -> Option<Duration> {
        self.schedstat(0)
    }

    /// Returns the time that its threads wanted to run and could not, because others had the CPU cores.
    pub fn held_up(self) -> Option<Duration> {
        self.schedstat(1)
    }

    /// Returns the sum over its threads of a field of schedstat, one of those that are nanoseconds. A thread that ended
    /// meanwhile is left out.
    fn schedstat(self, field: usize) -> Option<Duration> {
        let threads = self.threads();
        let is_kept = *TIMES_ARE_KEPT && !threads.is_empty();
        let times = threads
            .into_iter()
            .filter_map(|thread| Self::new(thread.as_raw()).time(field));
        is_kept.then(|| Duration::from_nanos(times.sum()))
    }

    /// Returns a field of a thread's own schedstat; none if the thread is gone.
    fn time(self, field: usize) -> Option<u64> {
        let times = self.read("schedstat");
        let time = times.split_whitespace().nth(field);
        self.given("schedstat", time.and_then(|time| time.parse().ok()))
    }

    /// Returns how often its first thread has gone to sleep by itself.
    pub fn sleeps(self) -> Option<u64> {
        self.status("voluntary_ctxt_switches")
    }

    /// Returns how often its first thread has lost its CPU core to others.
    pub fn interruptions(self) -> Option<u64> {
        self.status("nonvoluntary_ctxt_switches")
    }

    /// The system call that its first thread is blocked in, and its six arguments.
    pub fn blocked_in(self) -> Option<(u64, [u64; 6])> {
        let line = self.read("syscall");
        let mut fields = line.split_whitespace();
        let number = fields.next()?.parse().ok()?;
        let mut arguments = [0; 6];
        for argument in &mut arguments {
            *argument = from_hex(fields.next()?)?;
        }
        Some((number, arguments))
    }

    /// Returns the stack pointer of its first thread, if that is blocked (proc_pid_syscall(5)).
    pub fn stack_pointer(self) -> Option<u64> {
        from_hex(self.read("syscall").split_whitespace().nth(7)?)
    }

    /// The entries of its epoll interest lists: `tfd: 5 events: 19 data: 1 …`, for one.
    pub fn interest_list(self) -> Vec<String> {
        let is_epoll = |(_, target): &(i32, String)| target == "anon_inode:[eventpoll]";
        let epolls = self.descriptors().into_iter().filter(is_epoll);
        epolls
            .flat_map(|(number, _)| self.interests(number))
            .collect()
    }

    /// Returns the entries of the interest list of one epoll, by its descriptor (proc_pid_fdinfo(5)).
    pub fn interests(self, epoll: i32) -> Vec<String> {
        let info = self.descriptor_info(epoll);
        let entries = info.lines().filter(|line| line.starts_with("tfd:"));
        entries.map(str::to_owned).collect()
    }

    /// Returns what the kernel says of a descriptor; nothing if it was closed meanwhile.
    fn descriptor_info(self, number: i32) -> String {
        let file = format!("fdinfo/{number}");
        match fs::read_to_string(self.path(&file)) {
            Err(_) if fs::read_link(self.path(&format!("fd/{number}"))).is_err() => String::new(),
            info => self.seen(&file, info).unwrap_or_default(),
        }
    }

    /// Its mappings, a line each.
    pub fn maps(self) -> String {
        self.read("maps")
    }

    /// Returns its mappings with their memory (proc_pid_smaps(5)).
    pub fn mappings(self) -> Vec<Mapping> {
        let mut all: Vec<Mapping> = Vec::new();
        for line in self.read("smaps").lines() {
            if let Some(mapping) = Mapping::parse(line) {
                all.push(mapping);
            } else if let Some(last) = all.last_mut() {
                last.figures.push(line.to_owned());
            }
        }
        all
    }

    /// Returns a number out of its status, by name (proc_pid_status(5)).
    pub fn status(self, name: &str) -> Option<u64> {
        let number = number_behind(self.read("status").lines(), name);
        self.given(&format!("status, {name}"), number)
    }

    /// Returns the entries of one of its folders; none if there is no such process.
    fn folder(self, name: &str) -> Vec<DirEntry> {
        let entries = fs::read_dir(self.path(name)).and_then(Iterator::collect);
        self.seen(name, entries).unwrap_or_default()
    }

    /// Returns the text of one of its files; nothing if there is no such process.
    fn read(self, file: &str) -> String {
        let text = fs::read_to_string(self.path(file));
        self.seen(file, text).unwrap_or_default()
    }

    /// Returns what was read; none if there is no such process.
    ///
    /// # Panics
    ///
    /// If it could not be read, though the process is there.
    fn seen<T>(self, what: &str, read: io::Result<T>) -> Option<T> {
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
    fn given<T>(self, what: &str, value: Option<T>) -> Option<T> {
        let value = value.ok_or_else(|| io::Error::other("there is no such value"));
        self.seen(what, value)
    }

    fn unseen(self, what: &str) -> String {
        format!(
            "cannot observe process {}: /proc/{}/{what}",
            self.pid, self.pid
        )
    }

    fn path(self, file: &str) -> PathBuf {
        format!("/proc/{}/{file}", self.pid).into()
    }
}

/// Returns whether a file of /proc could not be read because its process has ended.
fn is_about_no_process(error: &io::Error) -> bool {
    error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(libc::ESRCH)
}

/// Returns what was observed of a server.
///
/// # Panics
///
/// If it could not be observed: a server that has ended has no memory and no time, which is not 0 of either.
#[track_caller]
pub fn seen<T>(observed: Option<T>) -> T {
    let Some(value) = observed else {
        panic!("cannot observe the server: it has ended, or this kernel does not show it");
    };
    value
}

/// Whether the kernel keeps the times of schedstat. One that does not has no such file, or only zeros in it; and
/// this very thread has run.
static TIMES_ARE_KEPT: LazyLock<bool> = LazyLock::new(|| {
    let own = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ran = own.split_whitespace().next();
    ran.is_some_and(|nanoseconds| nanoseconds != "0")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_gone_has_nothing() {
        let mut child = std::process::Command::new("true").spawn();
        let child = child.as_mut().unwrap_or_else(|error| panic!("{error}"));
        let process = Process::new(child.id().cast_signed());
        crate::eventually("it is a zombie", || process.state() == 'Z');
        let has_nothing = || {
            process.descriptor_count() == 0
                && process.memory().is_none()
                && process.children().is_empty()
        };
        assert!(has_nothing(), "a zombie");
        assert!(child.wait().is_ok());
        assert!(has_nothing() && process.state() == 'X' && process.sleeps().is_none());
        assert!(
            process.processor_time().is_none(),
            "0 ns of a process that is gone"
        );
    }

    #[test]
    #[should_panic(expected = "/no-such-file")]
    fn of_one_that_is_there_a_missing_file_is_not_nothing() {
        Process::new(std::process::id().cast_signed()).read("no-such-file");
    }

    #[test]
    #[should_panic(expected = "status, NoSuchField")]
    fn nor_is_a_missing_field() {
        Process::new(std::process::id().cast_signed()).status("NoSuchField");
    }
}
