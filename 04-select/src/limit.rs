//! How many descriptors the process may have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the soft limit of open descriptors to the hard one, as a process may without privilege
/// (getrlimit(2)). The soft limit is often 1,024, for the sake of programs that use select.
///
/// If that fails, the limit stays as it is, and serves too: a hard limit above fs.nr_open, which some
/// containers set, is refused with EPERM.
pub fn raise_fd_limit() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}
