//! What one more client costs a stage, from its arrival to its end.

use suite::{Call, Process, Server, eventually};

use super::footprint::{minor_faults, page_table_kib, private_kib};
use crate::world::attempt;
use crate::{Evidence, Expected, Lab};

/// What a stage did, and had, for a client.
#[derive(Debug)]
pub(crate) struct Cost {
    /// The system calls of all its processes and threads.
    calls: Vec<Call>,
    /// Page faults of all of them until the client was answered.
    pub(crate) faults: u64,
    /// KiB that are in no other process, for this client alone.
    pub(crate) private_kib: u64,
    /// KiB of page tables for this client alone.
    pub(crate) table_kib: u64,
}

impl Cost {
    /// How many of the calls have one of these names.
    pub(crate) fn calls(&self, names: &[&str]) -> u64 {
        let calls = self.calls.iter();
        calls.filter(|call| names.contains(&call.name())).count() as u64
    }
}

/// The calls that make a process or a thread. The C library chooses one of them.
pub(crate) const CREATE: [&str; 4] = ["clone", "clone3", "fork", "vfork"];

/// Has a client come to stage `number`, say five bytes, and leave, while another one is there.
pub(crate) fn of_a_client(lab: &Lab, number: u8) -> anyhow::Result<Cost> {
    let server = lab.start(number)?;
    let process = server.process();
    let tracer = lab.trace(process.pid().as_raw())?;
    attempt(|| {
        let other = server.connect();
        other.echo(b"first");
        // The server may still be on its way out of the call that has answered.
        let answered = tracer.wait_until(|calls| calls.iter().any(Call::is_write));
        answered.unwrap_or_else(|error| panic!("the answer is not in the trace: {error}"));
        let (tasks, waiting) = (tasks(process), waiting(&server));
        let (known, before) = (process.children(), Figures::of(process));
        let family = family_faults(process);
        tracer.clear();
        let client = server.connect();
        client.echo(b"hello");
        is_waiting(&server, waiting);
        let faults = family_faults(process) - family;
        let children = process.children();
        let figures = match children.iter().find(|child| !known.contains(child)) {
            Some(child) => Figures::of(*child),
            None => Figures::of(process).beyond(before),
        };
        drop(client);
        eventually("what served the client has ended", || {
            self::tasks(process) == tasks
        });
        is_waiting(&server, waiting);
        Cost {
            calls: tracer.finish(),
            faults,
            private_kib: figures.private_kib,
            table_kib: figures.table_kib,
        }
    })
}

/// C11's other half: stage 2, a client.
pub(super) fn of_stage_2(lab: &Lab) -> anyhow::Result<Evidence> {
    let cost = of_a_client(lab, 2)?;
    let mut evidence = Evidence::new();
    evidence.count("clone: the fork", cost.calls(&CREATE), 1);
    let what = "accept4: for it, and in vain after its end";
    evidence.count(what, cost.calls(&["accept4"]), 2);
    evidence.count("ppoll: it comes, its child ends", cost.calls(&["ppoll"]), 2);
    let what = "close: the parent's copy, the child's listener";
    evidence.count(what, cost.calls(&["close"]), 2);
    let what = "recvfrom and sendto: the bytes, the EOF";
    evidence.count(what, cost.calls(&["recvfrom", "sendto"]), 3);
    evidence.count(
        "wait4: twice in vain, once a child",
        cost.calls(&["wait4"]),
        3,
    );
    // How much memory either touches is up to the C library and to Rust's.
    evidence.count(
        "page faults of parent and child",
        cost.faults,
        Expected::Between(5, 500),
    );
    evidence.count(
        "KiB that are the child's own",
        cost.private_kib,
        Expected::Between(8, 1_000),
    );
    evidence.count(
        "KiB of page tables of its own",
        cost.table_kib,
        Expected::Between(8, 1_000),
    );
    Ok(evidence)
}

#[derive(Clone, Copy)]
struct Figures {
    private_kib: u64,
    table_kib: u64,
}

impl Figures {
    fn of(process: Process) -> Self {
        Self {
            private_kib: private_kib(process),
            table_kib: page_table_kib(process),
        }
    }

    fn beyond(self, before: Self) -> Self {
        Self {
            private_kib: self.private_kib.saturating_sub(before.private_kib),
            table_kib: self.table_kib.saturating_sub(before.table_kib),
        }
    }
}

fn family_faults(process: Process) -> u64 {
    let children = process.children().into_iter().map(minor_faults);
    minor_faults(process) + children.sum::<u64>()
}

/// Threads and children, the ones as the others tasks of the kernel.
fn tasks(process: Process) -> usize {
    process.threads().len() + process.children().len()
}

/// The call that the server sleeps in when it has nothing to do.
fn waiting(server: &Server) -> Option<u64> {
    let mut call = None;
    eventually("the server sleeps", || {
        call = server.process().blocked_in().map(|(number, _)| number);
        let name = |number: i64| Some(number as u64) == call;
        name(libc::SYS_ppoll) || name(libc::SYS_accept4)
    });
    call
}

fn is_waiting(server: &Server, call: Option<u64>) {
    eventually("the server sleeps again", || {
        server.process().blocked_in().map(|(number, _)| number) == call
    });
}
