//! The machine that an experiment ran on: a figure without it says little.

use std::fs;
use std::time::SystemTime;

use nix::sys::resource::{Resource, getrlimit};
use serde::Serialize;

/// Facts to be printed beside every figure.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// When.
    pub date: String,
    /// The kernel, as uname(2) has it.
    pub kernel: String,
    /// The architecture.
    pub architecture: &'static str,
    /// The processor, as it calls itself.
    pub processor: String,
    /// Processors that this process may run on.
    pub processors: usize,
    /// Memory, in KiB (proc_meminfo(5)).
    pub memory_kib: u64,
    /// Descriptors a process may have open: the hard limit (getrlimit(2)).
    pub descriptors: u64,
    /// The congestion control of TCP (tcp(7)).
    pub congestion_control: String,
}

impl Machine {
    /// This one, now.
    pub fn here() -> Self {
        let (_, descriptors) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or_default();
        Self {
            date: httpdate::fmt_http_date(SystemTime::now()),
            kernel: first_line("/proc/sys/kernel/osrelease"),
            architecture: std::env::consts::ARCH,
            processor: field("/proc/cpuinfo", "model name"),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory_kib: leading_number(&field("/proc/meminfo", "MemTotal")),
            descriptors,
            congestion_control: first_line("/proc/sys/net/ipv4/tcp_congestion_control"),
        }
    }

    /// In a line.
    pub fn in_words(&self) -> String {
        format!(
            "{}, Linux {} {}, {} processors, {} MiB, {} descriptors, {}",
            self.date,
            self.kernel,
            self.architecture,
            self.processors,
            self.memory_kib / 1024,
            self.descriptors,
            self.congestion_control
        )
    }
}

/// The first line of a file of /proc; empty if there is none.
pub(crate) fn first_line(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}

/// The value in the first line `name : value` of a file of /proc.
pub(crate) fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|rest| rest.split_once(':'));
    value.map_or(String::new(), |(_, value)| value.trim().to_owned())
}

/// The number that a text begins with; 0 if there is none.
pub(crate) fn leading_number(text: &str) -> u64 {
    let digits = text.split(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
