//! How many descriptors the process may have open.

use std::io;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the soft limit of open descriptors to the hard one, as a process may without privilege
/// (getrlimit(2)). The soft limit is often 1,024, for the sake of programs that use select.
///
/// # Errors
///
/// Those of getrlimit(2) and setrlimit(2).
pub fn raise_fd_limit() -> io::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?)
}
