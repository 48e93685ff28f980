//! A process as /proc shows it, from outside (proc_pid(5)).

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use nix::unistd::Pid;

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
        let entries = fs::read_dir(self.path("fd"))
            .into_iter()
            .flatten()
            .flatten();
        entries
            .filter_map(|entry| {
                let number = entry.file_name().to_str()?.parse().ok()?;
                let target = fs::read_link(entry.path()).ok()?;
                Some((number, target.to_string_lossy().into_owned()))
            })
            .collect()
    }

    /// How many descriptors it has open.
    pub fn descriptor_count(self) -> usize {
        fs::read_dir(self.path("fd")).map_or(0, Iterator::count)
    }

    /// Those of its descriptors that are sockets.
    pub fn sockets(self) -> Vec<i32> {
        let descriptors = self.descriptors().into_iter();
        let sockets = descriptors.filter(|(_, target)| target.starts_with("socket:"));
        sockets.map(|(number, _)| number).collect()
    }

    /// Its threads.
    pub fn threads(self) -> Vec<Pid> {
        let entries = fs::read_dir(self.path("task"))
            .into_iter()
            .flatten()
            .flatten();
        entries
            .filter_map(|entry| Some(Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)))
            .collect()
    }

    /// Its children, those that have ended and were not reaped (zombies) among them.
    pub fn children(self) -> Vec<Self> {
        self.threads()
            .iter()
            .flat_map(|thread| {
                let list = self.read(&format!("task/{thread}/children"));
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

    /// Its state: `R`, `S`, `T` (stopped), `Z` (a zombie) and so on; `X` if there is no such process.
    pub fn state(self) -> char {
        let stat = self.read("stat");
        // The name, in parentheses, may hold anything.
        let state = stat
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.chars().next());
        state.unwrap_or('X')
    }

    /// Bytes of memory of its own: pages that are in use and not a file's.
    pub fn memory(self) -> u64 {
        self.status("RssAnon") * 1024
    }

    /// As [`memory`](Self::memory), its children's included.
    pub fn family_memory(self) -> u64 {
        self.memory()
            + self
                .children()
                .iter()
                .map(|child| child.memory())
                .sum::<u64>()
    }

    /// Processor time that it has spent, in all its threads.
    pub fn processor_time(self) -> Duration {
        self.schedstat(0)
    }

    /// Time that its threads wanted to run and could not, because others had the processors.
    pub fn held_up(self) -> Duration {
        self.schedstat(1)
    }

    /// The sum over its threads of a field of schedstat, one of those that are nanoseconds.
    fn schedstat(self, field: usize) -> Duration {
        let threads = self.threads();
        let time = |thread: &Pid| -> Option<u64> {
            let times = self.read(&format!("task/{thread}/schedstat"));
            times.split_whitespace().nth(field)?.parse().ok()
        };
        Duration::from_nanos(threads.iter().filter_map(time).sum())
    }

    /// How often its first thread has gone to sleep by itself.
    pub fn sleeps(self) -> u64 {
        self.status("voluntary_ctxt_switches")
    }

    /// The system call that its first thread is blocked in, and its six arguments.
    pub fn blocked_in(self) -> Option<(u64, [u64; 6])> {
        let line = self.read("syscall");
        let mut fields = line.split_whitespace();
        let number = fields.next()?.parse().ok()?;
        let mut arguments = [0; 6];
        for argument in &mut arguments {
            let field = fields.next()?.trim_start_matches("0x");
            *argument = u64::from_str_radix(field, 16).ok()?;
        }
        Some((number, arguments))
    }

    /// The entries of its epoll interest list: `tfd: 5 events: 19 data: 1 …`, for one.
    pub fn interest_list(self) -> Vec<String> {
        let is_epoll = |(_, target): &(i32, String)| target == "anon_inode:[eventpoll]";
        let epolls = self.descriptors().into_iter().filter(is_epoll);
        epolls
            .flat_map(|(number, _)| {
                let info = self.read(&format!("fdinfo/{number}"));
                let entries = info.lines().filter(|line| line.starts_with("tfd:"));
                entries.map(str::to_owned).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Its mappings, a line each.
    pub fn maps(self) -> String {
        self.read("maps")
    }

    /// A number out of its status, by name; 0 if it has none.
    fn status(self, name: &str) -> u64 {
        let status = self.read("status");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        number.unwrap_or(0)
    }

    fn read(self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_default()
    }

    fn path(self, file: &str) -> PathBuf {
        format!("/proc/{}/{file}", self.pid).into()
    }
}
