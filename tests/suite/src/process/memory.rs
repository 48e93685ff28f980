//! The memory of a process (proc_pid_status(5), proc_pid_smaps(5)).

use super::Process;
use crate::Mapping;

impl Process {
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
}
