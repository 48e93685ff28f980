//! Waiting for descriptors of the tests' own.

use nix::errno::Errno;
use nix::poll::{PollFd, PollTimeout, poll};

/// Waits until one of `fds` is ready, for `milliseconds` at most, and returns whether one is.
///
/// A signal does not end the wait: a library that waits for its own programs with a deadline may have
/// a handler for SIGCHLD, which then runs in any thread.
pub(crate) fn wait_ready(fds: &mut [PollFd], milliseconds: u16) -> bool {
    loop {
        match poll(fds, PollTimeout::from(milliseconds)) {
            Err(Errno::EINTR) => {}
            ready => return ready.is_ok_and(|ready| ready > 0),
        }
    }
}
