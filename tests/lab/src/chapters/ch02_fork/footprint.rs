//! What a process has of memory that is its own, from /proc.

use std::fs;

use suite::Process;

/// Page faults of a process, all its threads included, that needed no disk (proc_pid_stat(5), minflt).
pub(crate) fn minor_faults(process: Process) -> u64 {
    // Behind the name, which may hold anything, state is the first field and minflt the eighth.
    let stat = read(process, "stat");
    let fields = stat.rsplit_once(") ").map(|(_, fields)| fields);
    let faults = fields.and_then(|fields| fields.split(' ').nth(7)?.parse().ok());
    faults.unwrap_or(u64::MAX)
}

/// KiB of memory that no other process has (proc_pid_smaps(5), Private_Dirty): what a fork has copied since.
pub(crate) fn private_kib(process: Process) -> u64 {
    kib(&read(process, "smaps_rollup"), "Private_Dirty:")
}

/// KiB of a process's page tables (proc_pid_status(5), VmPTE).
pub(crate) fn page_table_kib(process: Process) -> u64 {
    kib(&read(process, "status"), "VmPTE:")
}

/// The figure behind a name; not 0 where it is missing, which would be taken for one.
fn kib(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let figure = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    figure.unwrap_or(u64::MAX)
}

fn read(process: Process, file: &str) -> String {
    fs::read_to_string(format!("/proc/{}/{file}", process.pid())).unwrap_or_default()
}
