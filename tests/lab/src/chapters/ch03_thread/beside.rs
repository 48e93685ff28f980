//! The same client at stage 2 and at stage 3, side by side.

use std::fmt::Display;

use crate::chapters::ch02_fork::cost::of_a_client;
use crate::{Evidence, Lab};

/// System calls by name, faults and memory, for one client more.
pub(super) fn stage_2_and_3(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let both = [of_a_client(lab, 2)?, of_a_client(lab, 3)?];
    evidence.aside("at stage", "2 · 3");
    for (label, expected) in [
        ("clone, clone3: a worker", "1 · 1"),
        ("accept4: the client", "1 · 1"),
        ("close: copies of descriptors, too", "2 · 1"),
        ("recvfrom, sendto: the bytes, the EOF", "3 · 3"),
        ("ppoll: clients, or ends of children", "2 · 0"),
        ("wait4: children that have ended", "3 · 0"),
    ] {
        let seen = side_by_side(&both, |cost| cost.calls(label));
        evidence.outcome(label, seen, expected);
    }
    let label = "mmap: a stack";
    let mapped = both.each_ref().map(|cost| cost.calls(label));
    let seen = side_by_side(&mapped, |calls| *calls);
    let holds = mapped[0] == 0 && mapped[1] > 0;
    evidence.shape(label, seen, "0 · 1 or more", holds);
    let [process, thread] = &both;
    let seen = side_by_side(&both, |cost| cost.faults);
    let holds = process.faults > thread.faults;
    evidence.shape("page faults", seen, "more · fewer", holds);
    let seen = side_by_side(&both, |cost| cost.table_kib);
    let holds = process.table_kib > thread.table_kib;
    evidence.shape("KiB of page tables", seen, "more · fewer", holds);
    let seen = side_by_side(&both, |cost| cost.private_kib);
    evidence.aside("KiB of memory of its own", seen);
    Ok(())
}

/// Returns a figure of a process, and the same of a thread.
pub(super) fn side_by_side<T, F: Display>(both: &[T; 2], figure: impl Fn(&T) -> F) -> String {
    let [process, thread] = both.each_ref().map(figure);
    format!("{process} · {thread}")
}
