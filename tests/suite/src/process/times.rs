//! What a process has spent, and waited for (proc_pid_schedstat(5), proc_pid_stat(5)).

use std::fs;
use std::sync::LazyLock;
use std::time::Duration;

use nix::time::ClockId;

use super::Process;

/// Steps of the CPU times in /proc/PID/stat, a second (include/asm-generic/param.h).
const USER_HZ: u64 = 100;

impl Process {
    /// Returns the CPU time that it has spent, in all its threads, those that have ended included; none if it is gone, or
    /// the kernel does not say (clock_getcpuclockid(3)).
    pub fn processor_time(self) -> Option<Duration> {
        let clock = ClockId::pid_cpu_clock_id(self.pid()).ok()?;
        Some(clock.now().ok()?.into())
    }

    /// As [`processor_time`](Self::processor_time), with that of the processes that it has started, and with that of
    /// those of these that it has reaped. The kernel counts the last in steps of 10 ms (proc_pid_stat(5), cutime), the
    /// others to the nanosecond.
    pub fn family_processor_time(self) -> Option<Duration> {
        // A child that ends meanwhile takes its time with it, until it is reaped.
        let started = self
            .descendants()
            .into_iter()
            .filter_map(Self::processor_time);
        let started: Duration = started.sum();
        Some(self.processor_time()? + started + self.reaped_time()?)
    }

    fn reaped_time(self) -> Option<Duration> {
        let ticks = |field| self.given("stat, cutime", self.stat(field)?.parse::<u64>().ok());
        // Fields 16 and 17 of the line, whose third is the state.
        let ticks = ticks(13)? + ticks(14)?;
        Some(Duration::from_millis(ticks * 1000 / USER_HZ))
    }

    /// Returns the time that its threads wanted to run and could not, because others had the CPU cores. A thread that
    /// ended meanwhile is left out.
    pub fn held_up(self) -> Option<Duration> {
        let threads = self.threads();
        let is_kept = *TIMES_ARE_KEPT && !threads.is_empty();
        let waits = threads.into_iter().filter_map(Self::wait);
        is_kept.then(|| Duration::from_nanos(waits.sum()))
    }

    /// Returns the nanoseconds of a thread's own schedstat that it waited for a CPU core; none if the thread is gone.
    fn wait(self) -> Option<u64> {
        let times = self.read("schedstat");
        let wait = times.split_whitespace().nth(1);
        self.given("schedstat", wait.and_then(|wait| wait.parse().ok()))
    }

    /// Returns how often its first thread has gone to sleep by itself.
    pub fn sleeps(self) -> Option<u64> {
        self.status("voluntary_ctxt_switches")
    }

    /// Returns how often its first thread has lost its CPU core to others.
    pub fn interruptions(self) -> Option<u64> {
        self.status("nonvoluntary_ctxt_switches")
    }
}

/// Whether the kernel keeps the times of schedstat. One that does not has no such file, or only zeros in it; and
/// this very thread has run.
static TIMES_ARE_KEPT: LazyLock<bool> = LazyLock::new(|| {
    let own = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ran = own.split_whitespace().next();
    ran.is_some_and(|nanoseconds| nanoseconds != "0")
});
