//! The machine that an experiment runs on, and its limits: without them a figure says little.

use std::time::SystemTime;

use anyhow::ensure;
use nix::sys::resource::{Resource, getrlimit};
use serde::Serialize;
use suite::{descriptor_limit, number, system};

/// The facts printed next to every figure. A fact that the kernel does not show is `None`.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The time of the measurement.
    pub date: String,
    /// The kernel, as uname(2) reports it.
    pub kernel: Option<String>,
    /// The architecture.
    pub architecture: &'static str,
    /// The processor's own name for itself.
    pub processor: Option<String>,
    /// CPU cores that this process may run on.
    pub processors: usize,
    /// Memory, in KiB (proc_meminfo(5)).
    pub memory_kib: Option<u64>,
    /// Descriptors a process may have open: the hard limit (getrlimit(2)).
    pub descriptors: u64,
    /// The congestion control of TCP (tcp(7)).
    pub congestion_control: Option<String>,
}

impl Machine {
    /// Returns the facts of this machine, as they are now.
    pub fn here() -> Self {
        let (_, descriptors) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or_default();
        Self {
            date: httpdate::fmt_http_date(SystemTime::now()),
            kernel: system::setting("kernel/osrelease"),
            architecture: std::env::consts::ARCH,
            processor: system::processor(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory_kib: system::memory_kib("MemTotal"),
            descriptors,
            congestion_control: system::setting("net/ipv4/tcp_congestion_control"),
        }
    }

    /// Returns the facts in a line.
    pub fn in_words(&self) -> String {
        format!(
            "{}, Linux {} {}, {} processors, {} MiB, {} descriptors, {}",
            self.date,
            or_unknown(self.kernel.as_ref()),
            self.architecture,
            self.processors,
            or_unknown(self.memory_kib.map(|kib| kib / 1024).as_ref()),
            self.descriptors,
            or_unknown(self.congestion_control.as_ref())
        )
    }
}

/// Returns a fact for a person, even if it is unknown.
fn or_unknown<T: ToString>(known: Option<&T>) -> String {
    known.map_or("unknown".to_owned(), T::to_string)
}

/// Fails, with advice, if a process may not have as many descriptors as an experiment needs at least.
pub(crate) fn ensure_descriptors(least: u64) -> anyhow::Result<()> {
    let limit = descriptor_limit();
    ensure!(
        limit >= least,
        "this needs more descriptors: {}, and the limit is {} (ulimit -Hn raises it)",
        number(least),
        number(limit)
    );
    Ok(())
}
