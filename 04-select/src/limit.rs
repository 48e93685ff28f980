//! How many descriptors the process may have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the soft limit of open descriptors to the hard one, which needs no privilege (getrlimit(2)).
/// The soft limit is often 1,024, for the sake of programs that use select.
///
/// If that fails, the old limit stays, and is enough: the kernel refuses a hard limit above fs.nr_open,
/// which some containers set, with EPERM.
pub fn raise_fd_limit() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}
