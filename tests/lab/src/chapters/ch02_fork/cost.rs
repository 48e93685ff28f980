//! The cost of one more client to a stage, from its arrival to its end.

use suite::{Call, Process, Server, Tracer, eventually};

use super::footprint::{minor_faults, page_table_kib, private_kib};
use crate::{Evidence, Expected, Lab};

/// The calls and the memory of a stage for one client.
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
    let other = server.connect();
    other.echo(b"first");
    answer_is_in(&tracer);
    let (waiting, tasks) = (call_it_waits_in(&server), tasks(process));
    let before = Figures::of(process);
    let faults = family_faults(process);
    let known = process.children();
    tracer.clear();
    let client = server.connect();
    client.echo(b"hello");
    wait_until_in(&server, waiting);
    let faults = family_faults(process) - faults;
    let children = process.children();
    let figures = match children.iter().find(|child| !known.contains(child)) {
        Some(child) => Figures::of(*child),
        None => Figures::of(process).beyond(before),
    };
    drop(client);
    let ended = || self::tasks(process) == tasks;
    eventually("the process or thread of the client to end", ended);
    wait_until_in(&server, waiting);
    Ok(Cost {
        calls: tracer.finish(),
        faults,
        private_kib: figures.private_kib,
        table_kib: figures.table_kib,
    })
}

/// The lesson's step: what stage 2 does for a client.
pub(super) fn of_stage_2(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let cost = of_a_client(lab, 2)?;
    let calls: [(&str, &[&str], u64); 6] = [
        ("clone: the fork", &CREATE, 1),
        ("accept4: takes it in", &["accept4"], 1),
        ("ppoll: it comes, its child ends", &["ppoll"], 2),
        (
            "close: the parent's copy, the child's listener",
            &["close"],
            2,
        ),
        (
            "recvfrom, sendto: the bytes, the EOF",
            &["recvfrom", "sendto"],
            3,
        ),
        ("wait4: twice in vain, once a child", &["wait4"], 3),
    ];
    for (what, names, expected) in calls {
        evidence.count(what, cost.calls(names), expected);
    }
    // How much memory the two touch is up to the C library and to Rust's.
    for (what, seen, most) in [
        ("page faults of parent and child", cost.faults, 500),
        ("KiB that are the child's own", cost.private_kib, 1_000),
        ("KiB of page tables of its own", cost.table_kib, 1_000),
    ] {
        evidence.count(what, seen, Expected::Between(5, most));
    }
    Ok(())
}

/// The memory of a process at one moment.
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

/// Threads and children: to the kernel, both are tasks.
fn tasks(process: Process) -> usize {
    process.threads().len() + process.children().len()
}

/// Waits for the record of the first answer: the server may still be on its way out of the call.
fn answer_is_in(tracer: &Tracer) {
    let answered = tracer.wait_until(|calls| calls.iter().any(Call::is_write));
    answered.unwrap_or_else(|error| panic!("the answer is not in the trace: {error}"));
}

/// The call in which the server waits for clients.
fn call_it_waits_in(server: &Server) -> Option<u64> {
    let waits = [libc::SYS_ppoll, libc::SYS_accept4].map(|number| Some(number as u64));
    eventually("the server to wait", || waits.contains(&call_of(server)));
    call_of(server)
}

fn wait_until_in(server: &Server, call: Option<u64>) {
    eventually("the server to wait again", || call_of(server) == call);
}

fn call_of(server: &Server) -> Option<u64> {
    server.process().blocked_in().map(|(number, _)| number)
}
