//! The memory that belongs to one process alone.

use suite::{Mapping, Process, seen};

/// Returns the KiB of memory of no file that no other process has (Private_Dirty): what was copied since a fork, and
/// what is new. (Pages of files do not count: they turn clean by themselves.)
pub(crate) fn private_kib(process: Process) -> u64 {
    let mappings = process.mappings().into_iter();
    let own = mappings.filter(|mapping| mapping.file.is_none());
    own.map(|mapping: Mapping| seen(mapping.kib("Private_Dirty")))
        .sum()
}

/// Returns the page faults of a process so far that needed no disk.
pub(crate) fn minor_faults(process: Process) -> u64 {
    seen(process.minor_faults())
}

/// Returns the KiB of a process's page tables.
pub(crate) fn page_table_kib(process: Process) -> u64 {
    seen(process.status("VmPTE"))
}
