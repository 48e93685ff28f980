//! Decides whether a client waits by what the server does, not by the time it takes.

use std::thread;
use std::time::{Duration, Instant};

use suite::{Client, Process, Server, call_name, is_wait, net};

/// Returns whether `client`, which has sent something, is kept waiting: it is in the accept queue, and the server
/// sleeps in a call that is not about it. Counts it as waiting, too, if patience runs out before either that or an
/// answer is seen.
pub(crate) fn has_to_wait(server: &Server, client: &Client) -> bool {
    /// Looks, 5 ms apart. On a busy machine the kernel is late in telling the server that another client has left.
    const LOOKS: usize = 20;
    // Most are served by then, which saves a search in long tables.
    if client.is_readable(50) {
        return false;
    }
    let mut patience = Patience::with(server);
    let mut in_vain = 0;
    while !client.is_readable(5) {
        let queued = net::listener(server.address()).is_some_and(|row| row.unread > 0);
        let stuck = queued && !is_about_to_accept(server.process());
        in_vain = if stuck { in_vain + 1 } else { 0 };
        if in_vain == LOOKS || patience.ends() {
            // The answer may have come during the look.
            return !client.is_readable(0);
        }
    }
    false
}

/// Waits for something that `server` should do at once, and returns whether it does. The server may be faulty, so this
/// gives up when its patience runs out.
pub(crate) fn soon(server: &Server, mut condition: impl FnMut() -> bool) -> bool {
    let mut patience = Patience::with(server);
    while !condition() {
        if patience.ends() {
            return condition();
        }
        thread::sleep(Duration::from_millis(2));
    }
    true
}

/// The lab's patience with a server. It lasts at least a fixed time by the clock, but the clock alone would make the
/// verdict depend on what else the machine is doing. So it counts the time in which the server works, and the time in
/// which it sleeps although it could act. While one of its threads waits for a CPU core or for the disk, no time
/// counts.
struct Patience<'a> {
    server: &'a Server,
    began: Instant,
    looked: Instant,
    worked: Option<Duration>,
    had: Duration,
}

impl<'a> Patience<'a> {
    /// The time by the clock before the first look, which is expensive for a server with a thousand children.
    const AT_FIRST: Duration = Duration::from_millis(500);
    /// The time that a server must have had after that before the lab gives up.
    const GIVEN: Duration = Duration::from_millis(1500);
    /// The time from one look to the next. Finding the server asleep counts as this much and no more, because the lab
    /// itself may have been delayed.
    const A_LOOK: Duration = Duration::from_millis(50);
    /// The time by the clock after which there is no verdict.
    const TOO_LONG: Duration = Duration::from_secs(60);

    fn with(server: &'a Server) -> Self {
        let now = Instant::now();
        Self {
            server,
            began: now,
            looked: now,
            worked: None,
            had: Duration::ZERO,
        }
    }

    /// Looks at the server when it is time, and returns whether it has had its time.
    fn ends(&mut self) -> bool {
        if self.began.elapsed() < Self::AT_FIRST || self.looked.elapsed() < Self::A_LOOK {
            return false;
        }
        self.looked = Instant::now();
        let worked = worked(self.server.process());
        // Children that have ended take their CPU time with them.
        if let Some((before, now)) = self.worked.zip(worked) {
            self.had += now.saturating_sub(before);
        }
        self.worked = worked;
        let threads = self.server.process().family_threads();
        if threads.into_iter().all(rests) {
            self.had += Self::A_LOOK;
        }
        assert!(
            self.began.elapsed() < Self::TOO_LONG,
            "this machine is too busy: in {} s the server got only {:?} of CPU time",
            Self::TOO_LONG.as_secs(),
            self.had
        );
        self.had >= Self::GIVEN
    }
}

/// Returns the CPU time of a server and all its children, or `None` if it has ended or the kernel does not show it.
fn worked(process: Process) -> Option<Duration> {
    let own = process.processor_time()?;
    let others = process.descendants().into_iter();
    Some(own + others.filter_map(Process::processor_time).sum::<Duration>())
}

/// Returns whether a thread neither runs nor wants to (`R`), and does not wait for something that comes by itself
/// (`D`), such as a page from the disk.
fn rests(thread: Process) -> bool {
    !matches!(thread.state(), 'R' | 'D')
}

/// Returns whether one of the server's threads has something to do, or sleeps in a call that a new client ends.
fn is_about_to_accept(process: Process) -> bool {
    process.family_threads().into_iter().any(|thread| {
        let call = thread.blocked_in();
        !rests(thread) || call.is_none_or(|(number, _)| is_for_many(number))
    })
}

/// Returns whether a new client ends call `number`, in which the server sleeps.
fn is_for_many(number: u64) -> bool {
    is_wait(number) || matches!(call_name(number), "accept" | "accept4" | "io_uring_enter")
}
