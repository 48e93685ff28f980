//! What the book tells a reader to break is noticed, and as the kind of failure that it says: each change is made
//! in a copy of the workspace, and the whole suite of its stage is run.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use anyhow::ensure;
use book::blocks::{Kind, parse};
use book::{markdown_files, read};
use zoo::{Fault, Workbench, for_each};

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

/// How often a fault is made at most. What a broken server does may depend on who is faster.
const LOOKS: usize = 3;

/// What is wrong with a fault: cases that are named and did not fail in any look, and cases that are not, and failed in
/// each.
fn judge(workbench: &Workbench, fault: &Fault) -> anyhow::Result<Option<String>> {
    let mut missed = fault.red.clone();
    let mut others: Option<BTreeSet<String>> = None;
    for _ in 0..LOOKS {
        let failed = workbench.run_all(fault)?;
        missed.retain(|case| !failed.contains(case));
        let unnamed = failed.difference(&fault.red);
        let unnamed =
            unnamed.filter(|case| !fault.may_hit_any && !fault.may_be_red.contains(*case));
        let unnamed: BTreeSet<_> = unnamed.cloned().collect();
        let in_each = others.map_or(unnamed.clone(), |before| &before & &unnamed);
        if missed.is_empty() && in_each.is_empty() {
            return Ok(None);
        }
        others = Some(in_each);
    }
    let name = &fault.name;
    Ok(Some(format!(
        "{name}: not noticed by {missed:?}; failed as well: {others:?}"
    )))
}

#[test]
#[ignore = "runs a suite for each of some forty faults: minutes"]
fn every_break_is_noticed_as_what_it_is() -> anyhow::Result<()> {
    let complaints = Mutex::new(Vec::new());
    for_each(faults()?, |workbench, fault| {
        let complaint = judge(workbench, fault)?;
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
