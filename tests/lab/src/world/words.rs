//! The results of calls and of processes, under the names that the manuals use.

use std::fmt::Display;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use suite::{Process, call_name};

/// The error of a call.
pub(crate) trait NamedError {
    /// Returns the error's name, such as `EAGAIN`.
    fn name(&self) -> String;
}

impl NamedError for Errno {
    fn name(&self) -> String {
        format!("{self:?}")
    }
}

impl NamedError for io::Error {
    fn name(&self) -> String {
        let number = self.raw_os_error();
        number.map_or(self.to_string(), |number| Errno::from_raw(number).name())
    }
}

/// Returns `done`, or the name of the error that a call failed with.
pub(crate) fn outcome<T, E: NamedError>(result: &Result<T, E>, done: &str) -> String {
    match result {
        Ok(_) => done.to_owned(),
        Err(error) => error.name(),
    }
}

/// Returns a call's result, or the name of its error.
pub(crate) fn value_or_error<T: Display, E: NamedError>(result: Result<T, E>) -> String {
    result.map_or_else(|error| error.name(), |value| value.to_string())
}

/// Returns the signal that ended a process, or `None` if it exited by itself.
pub(crate) fn deadly_signal(status: ExitStatus) -> Option<&'static str> {
    let signal = Signal::try_from(status.signal()?);
    signal.ok().map(Signal::as_str)
}

/// Returns the name of the call that a process or a thread sleeps in.
pub(crate) fn asleep_in(process: Process) -> &'static str {
    let call = process.blocked_in();
    call.map_or("no call", |(number, _)| call_name(number))
}

/// Returns `items`, separated by spaces.
pub(crate) fn in_a_row<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let words: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    words.join(" ")
}
