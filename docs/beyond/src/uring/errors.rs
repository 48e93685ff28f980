//! The errors of io_uring_enter(2) that pass, and those of io_uring_setup(2) in words.

use std::io;

use nix::errno::Errno;

/// Passes over an error after which the next call may succeed: a signal, the end of a time limit, too many
/// completions that nobody has taken out, or a moment without memory (io_uring_enter(2), ERRORS).
///
/// # Errors
///
/// Returns the other errors of io_uring_enter(2).
pub(super) fn except_passing(entered: io::Result<usize>) -> io::Result<()> {
    match entered.map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(0))) {
        Ok(_) | Err(Errno::EINTR | Errno::ETIME | Errno::EBUSY | Errno::EAGAIN) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Returns an error with a text that says why there is no io_uring (io_uring_setup(2), ERRORS).
pub(super) fn in_words(error: io::Error) -> io::Error {
    let why = match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOSYS) => {
            "this kernel has no io_uring (Linux 5.1 is the first), or a container hides it"
        }
        Some(Errno::EPERM | Errno::EACCES) => {
            "io_uring is forbidden here, by a container's seccomp filter or by kernel.io_uring_disabled"
        }
        Some(Errno::EINVAL) => {
            "this kernel is too old: Linux 6.1 is needed, for IORING_SETUP_DEFER_TASKRUN"
        }
        Some(Errno::ENOMEM) => "there is not enough memory for the queues (see ulimit -l)",
        _ => "io_uring cannot be set up",
    };
    io::Error::new(error.kind(), format!("{why}: {error}"))
}
