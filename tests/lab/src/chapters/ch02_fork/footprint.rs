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

/// KiB of memory of no file that no other process has (proc_pid_smaps(5), Private_Dirty): what was copied
/// since a fork, and what is new. (Pages of files do not count: they turn clean by themselves.)
pub(crate) fn private_kib(process: Process) -> u64 {
    let mut is_of_no_file = false;
    let mut sum = 0;
    for line in read(process, "smaps").lines() {
        match line.strip_prefix("Private_Dirty:") {
            Some(figure) if is_of_no_file => sum += first_number(figure),
            Some(_) => {}
            // A mapping begins with addresses, rights, offset, device and inode.
            None if !line
                .split(' ')
                .next()
                .is_some_and(|word| word.ends_with(':')) =>
            {
                is_of_no_file = line.split_whitespace().nth(4) == Some("0");
            }
            None => {}
        }
    }
    sum
}

/// KiB of a process's page tables (proc_pid_status(5), VmPTE).
pub(crate) fn page_table_kib(process: Process) -> u64 {
    kib(&read(process, "status"), "VmPTE:")
}

/// The figure behind a name; not 0 where it is missing, which would be taken for one.
fn kib(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(u64::MAX, first_number)
}

fn first_number(text: &str) -> u64 {
    let number = text.split_whitespace().next();
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(u64::MAX)
}

fn read(process: Process, file: &str) -> String {
    let file = format!("/proc/{}/{file}", process.pid());
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("cannot observe {file}: {error}"))
}
