//! The same client at stage 2 and at stage 3, side by side.

use std::fmt::Display;

use crate::chapters::ch02_fork::cost::{CREATE, Cost, of_a_client};
use crate::{Evidence, Lab};

type Figure = fn(&Cost) -> u64;

/// System calls by name, faults and memory, for one client more.
pub(super) fn stage_2_and_3(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let both = [of_a_client(lab, 2)?, of_a_client(lab, 3)?];
    evidence.aside("at stage", "2 · 3");
    let calls: [(&str, &[&str], &str); 6] = [
        ("clone, clone3: a worker", &CREATE, "1 · 1"),
        ("accept4: the client", &["accept4"], "1 · 1"),
        ("close: copies of descriptors, too", &["close"], "2 · 1"),
        (
            "recvfrom, sendto: the bytes, the EOF",
            &["recvfrom", "sendto"],
            "3 · 3",
        ),
        ("ppoll: clients, or ends of children", &["ppoll"], "2 · 0"),
        ("wait4: children that have ended", &["wait4"], "3 · 0"),
    ];
    for (what, names, expected) in calls {
        let seen = both.each_ref().map(|cost| cost.calls(names));
        evidence.outcome(what, side_by_side(seen), expected);
    }
    let mapped = both.each_ref().map(|cost| cost.calls(&["mmap"]));
    let stack = mapped[0] == 0 && mapped[1] > 0;
    evidence.shape(
        "mmap: a stack",
        side_by_side(mapped),
        "0 · 1 or more",
        stack,
    );
    let figures: [(&str, Figure); 2] = [
        ("page faults", |cost| cost.faults),
        ("KiB of page tables", |cost| cost.table_kib),
    ];
    for (what, figure) in figures {
        let seen = both.each_ref().map(figure);
        evidence.shape(what, side_by_side(seen), "more · fewer", seen[0] > seen[1]);
    }
    let memory = both.each_ref().map(|cost| cost.private_kib);
    evidence.aside("KiB of memory of its own", side_by_side(memory));
    Ok(())
}

/// A figure of a process, and the same of a thread.
pub(super) fn side_by_side<T: Display>([process, thread]: [T; 2]) -> String {
    format!("{process} · {thread}")
}
