//! A system call, and its names.

use std::{fmt, io};

use nix::errno::Errno;

use super::read_memory;

/// One finished system call of a traced thread; see syscalls(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The thread that made it.
    pub tid: i32,
    /// The number of the call; see [`Call::name`].
    pub number: u64,
    /// All six argument registers: those that the call does not use hold leftovers.
    pub args: [u64; 6],
    /// `-errno` if the call failed. From -512 to -516, a signal broke the call off, and it is
    /// about to be started again (and recorded again), or to give `EINTR` to the program if the
    /// signal has a handler that was set without `SA_RESTART`; see signal(7).
    pub result: i64,
}

impl Call {
    /// The name that syscalls(2) lists the call under, or `"unknown"`.
    pub fn name(&self) -> &'static str {
        call_name(self.number)
    }

    /// Whether it reads from a descriptor.
    pub fn is_read(&self) -> bool {
        matches!(self.name(), "read" | "readv" | "recvfrom" | "recvmsg")
    }

    /// Whether it writes to a descriptor.
    pub fn is_write(&self) -> bool {
        matches!(self.name(), "write" | "writev" | "sendto" | "sendmsg")
    }

    /// Whether it waits for the readiness of several descriptors.
    pub fn is_wait(&self) -> bool {
        is_wait(self.number)
    }

    /// Returns whether the call asks for the status of a file: stat(2) under any of its names.
    pub fn is_stat(&self) -> bool {
        matches!(
            self.name(),
            "stat" | "lstat" | "fstat" | "newfstatat" | "fstatat" | "statx"
        )
    }

    /// Returns whether it was an accept(2) for which there was no descriptor.
    pub fn is_refused_accept(&self) -> bool {
        self.name().starts_with("accept") && self.result == -i64::from(libc::EMFILE)
    }

    /// Returns whether it is an epoll_wait(2) with a timeout of 0, its fourth argument.
    pub fn is_wait_without_sleep(&self) -> bool {
        self.is_wait() && self.args[3] as i32 == 0
    }

    /// Returns the flags of a call that makes a process or a thread (clone(2)), which fork and vfork do not have. The
    /// flags of clone3 are in memory, at the start of its argument, so the caller must be stopped.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`read_memory`].
    pub fn clone_flags(&self) -> io::Result<u64> {
        match self.name() {
            "clone" => Ok(self.args[0]),
            "clone3" => {
                let flags = read_memory(self.tid, self.args[0], size_of::<u64>())?;
                Ok(flags.try_into().map_or(0, u64::from_ne_bytes))
            }
            _ => Ok(0),
        }
    }

    /// Returns whether the call makes a new process or thread.
    pub fn is_new_task(&self) -> bool {
        matches!(self.name(), "clone" | "clone3" | "fork" | "vfork")
    }
}

/// Returns the name that syscalls(2) lists call `number` under on this machine, or `"unknown"`. Numbers differ
/// from one architecture to the next, and the older calls have no number at all on the newer ones: aarch64 has
/// `ppoll` and no `poll`.
pub fn call_name(number: u64) -> &'static str {
    syscalls::Sysno::new(number as usize).map_or("unknown", |call| call.name())
}

/// Returns the name of the older call that does the same as call `name`, or `name` itself. One architecture has both,
/// another only the newer one: comparisons across them use this name.
pub fn older_name(name: &str) -> &str {
    match name {
        "epoll_pwait" => "epoll_wait",
        "ppoll" => "poll",
        "pselect6" => "select",
        "newfstatat" | "fstatat" => "stat",
        "clone3" => "clone",
        _ => name,
    }
}

/// Returns whether call `number` waits for the readiness of several descriptors.
pub fn is_wait(number: u64) -> bool {
    matches!(
        call_name(number),
        "epoll_wait" | "epoll_pwait" | "epoll_pwait2" | "poll" | "ppoll" | "select" | "pselect6"
    )
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let args = self.args.map(readable).join(", ");
        write!(f, "[{}] {}({args}) = ", self.tid, self.name())?;
        match self.result {
            error @ -516..=-512 => write!(f, "{error} (broken off)"),
            error @ -511..0 => write!(f, "{error} ({:?})", Errno::from_raw(-error as i32)),
            result => f.write_str(&readable(result as u64)),
        }
    }
}

/// An argument as a person would write it: its type is unknown, but the small are numbers and
/// the large are addresses, and an `int` of -1 fills only half of its register.
fn readable(value: u64) -> String {
    match value as i64 {
        number @ -4095..0x1_0000 => number.to_string(),
        0xffff_f001..=0xffff_ffff => (value as i32).to_string(),
        _ => format!("{value:#x}"),
    }
}
