//! The system calls of something that was done several times.

use serde::Serialize;
use suite::Call;

use crate::world::Wait;

/// The calls of a server when something was done to it, `times` over. All numbers are sums.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Scene {
    /// How often it was done.
    pub times: u64,
    /// The calls by name, in the order in which each task first made them.
    pub calls: Vec<CallCount>,
    /// Bytes that told the kernel what to watch: sets and entries, of each wait anew; a `struct epoll_event`
    /// of each epoll_ctl that adds or modifies.
    pub interest_bytes: u64,
    /// Descriptors that waits were handed, to be looked at.
    pub submitted: u64,
    /// Descriptors that waits found ready.
    pub events: u64,
    /// Bytes that the kernel wrote to say so.
    pub event_bytes: u64,
}

/// How often a call was made.
#[derive(Clone, Debug, Serialize)]
pub struct CallCount {
    /// Its name in syscalls(2).
    pub name: &'static str,
    /// How often.
    pub count: u64,
}

impl Scene {
    /// Adds what was recorded while it was done once.
    pub(super) fn add(&mut self, calls: &[Call]) {
        self.times += 1;
        let calls = &by_task(calls);
        let rest = (0..calls.len()).map(|place| &calls[place..]);
        rest.filter(|rest| is_whole(rest)).for_each(|rest| {
            let call = &rest[0];
            self.add_name(call.name());
            self.interest_bytes += registered_bytes(call);
            if let Some(wait) = Wait::of(call) {
                self.interest_bytes += wait.bytes_in;
                self.submitted += wait.submitted;
                self.events += wait.ready;
                self.event_bytes += wait.bytes_out;
            }
        });
    }

    fn add_name(&mut self, name: &'static str) {
        match self.calls.iter_mut().find(|call| call.name == name) {
            Some(call) => call.count += 1,
            None => self.calls.push(CallCount { name, count: 1 }),
        }
    }

    /// Returns how often the call `name` was made, over all times.
    pub fn count(&self, name: &str) -> u64 {
        let found = self.calls.iter().find(|call| call.name == name);
        found.map_or(0, |call| call.count)
    }

    /// Returns S/E, the descriptors submitted for each that was ready, over all waits. `None` if none was.
    pub fn submitted_per_event(&self) -> Option<f64> {
        (self.events > 0).then(|| self.submitted as f64 / self.events as f64)
    }
}

/// Returns the calls task by task, in the order in which the tasks began: which of two that run at the same time is
/// ahead is not the same each time.
fn by_task(calls: &[Call]) -> Vec<Call> {
    let began = |call: &Call| calls.iter().position(|other| other.tid == call.tid);
    let mut calls = calls.to_vec();
    calls.sort_by_key(began);
    calls
}

/// Returns whether the first of these calls was made to its end. One that a signal broke off is made again, and would
/// count twice; unless the program gets EINTR for it, which shows in the return from the signal's handler.
fn is_whole(calls: &[Call]) -> bool {
    let broken_off = |call: &Call| (-516..=-512).contains(&call.result);
    let is_eintr = |call: &Call| call.result == -i64::from(libc::EINTR);
    let [call, later @ ..] = calls else {
        return false;
    };
    let mut its_own = later.iter().filter(|other| other.tid == call.tid);
    let back = its_own.find(|other| other.name() == "rt_sigreturn");
    !broken_off(call) || back.is_some_and(is_eintr)
}

/// Bytes of interest that epoll_ctl is given; the kernel keeps them.
fn registered_bytes(call: &Call) -> u64 {
    match (call.name(), call.args[1] as i32) {
        ("epoll_ctl", libc::EPOLL_CTL_ADD | libc::EPOLL_CTL_MOD) => {
            size_of::<libc::epoll_event>() as u64
        }
        _ => 0,
    }
}
