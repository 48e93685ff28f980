//! What is watched of a judge, and of the servers that it judges.

use std::io::Read;

use suite::Process;

/// Returns the most memory that a process has had so far, in KiB; 0 if it has ended.
pub(crate) fn peak(pid: u32) -> u64 {
    let process = Process::new(pid.cast_signed());
    process.status("VmHWM").unwrap_or(0)
}

/// Returns the command lines that have `token` in them.
pub(crate) fn processes(token: &str) -> Vec<String> {
    let lines = Process::all().map(Process::command_line);
    lines.filter(|line| line.contains(token)).collect()
}

/// Returns all that comes through a pipe.
pub(crate) fn text(pipe: &mut impl Read) -> String {
    let mut text = String::new();
    pipe.read_to_string(&mut text)
        .unwrap_or_else(|error| panic!("not text: {error}"));
    text
}
