//! The call that a process is blocked in (proc_pid_syscall(5)).

use super::Process;
use crate::mapping::from_hex;

impl Process {
    /// The system call that its first thread is blocked in, and its six arguments.
    pub fn blocked_in(self) -> Option<(u64, [u64; 6])> {
        let line = self.read("syscall");
        let mut fields = line.split_whitespace();
        let number = fields.next()?.parse().ok()?;
        let mut arguments = [0; 6];
        for argument in &mut arguments {
            *argument = from_hex(fields.next()?)?;
        }
        Some((number, arguments))
    }

    /// Returns the stack pointer of its first thread, if that is blocked (proc_pid_syscall(5)).
    pub fn stack_pointer(self) -> Option<u64> {
        from_hex(self.read("syscall").split_whitespace().nth(7)?)
    }
}
