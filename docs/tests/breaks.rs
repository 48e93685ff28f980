//! What the book tells a reader to break turns no other case red than the chapter says: each change is made in a copy of the
//! workspace, and all the other tests of its stage are run. That the cases which the chapter names do turn red is judged by
//! the zoo (`cargo run -p zoo`), as of every fault.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use anyhow::ensure;
use book::blocks::{Kind, parse};
use book::{markdown_files, read};
use zoo::{Cases, Fault, Made, for_each};

/// The faults that the chapters make use of.
fn faults() -> anyhow::Result<Vec<Fault>> {
    let mut names = BTreeSet::new();
    for path in markdown_files()? {
        for block in parse(&read(&path)?)? {
            if let Kind::Red(patch) = block.kind {
                names.insert(patch.path());
            }
        }
    }
    names.iter().map(|path| Fault::read(path)).collect()
}

/// How often the cases are run at most. What a broken server does may depend on who is faster.
const LOOKS: usize = 3;

/// Says which cases failed in each look, although neither the fault nor chance is their reason.
fn judge(made: &Made, fault: &Fault) -> anyhow::Result<Option<String>> {
    let mut in_each = made.run_others(fault)?;
    for _ in 1..LOOKS {
        if !in_each.is_empty() {
            in_each = &in_each & &made.run_others(fault)?;
        }
    }
    let name = &fault.name;
    Ok((!in_each.is_empty()).then(|| format!("{name}: failed as well: {in_each:?}")))
}

#[test]
#[ignore = "runs a suite for each of some fifty faults: minutes"]
fn no_break_turns_another_case_red() -> anyhow::Result<()> {
    let complaints = Mutex::new(Vec::new());
    // Where chance decides which client is hit, no case is another one.
    let faults = faults()?.into_iter().filter(|fault| !fault.may_hit_any);
    for_each(faults.collect(), Cases::All, |made, fault| {
        let complaint = judge(made, fault)?;
        let mut complaints = complaints.lock().unwrap_or_else(PoisonError::into_inner);
        complaints.extend(complaint);
        Ok(())
    })?;
    let complaints = complaints
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}
