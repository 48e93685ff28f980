//! What a client is told of an error with its file.

use std::io::{self, ErrorKind};

use http_rules::Status;

/// Returns the status that stands for an error of opening or mapping a file.
pub(crate) fn status_of(error: &io::Error) -> Status {
    use libc::{EACCES, EAGAIN, EMFILE, ENFILE, ENOMEM, EPERM};
    use libc::{ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, ENXIO, EXDEV};
    match error.raw_os_error() {
        Some(EACCES | EPERM) => Status::Forbidden,
        // Some will be free again. EAGAIN is a file with a lease (fcntl(2)), or that renames were in the way
        // each time that it was tried to be opened.
        Some(EMFILE | ENFILE | ENOMEM | EAGAIN) => Status::Unavailable,
        // EXDEV is a path that leads out of the root, ENXIO a socket.
        Some(ENOENT | ENOTDIR | ENAMETOOLONG | ELOOP | ENXIO | EXDEV) => Status::NotFound,
        _ if error.kind() == ErrorKind::NotFound => Status::NotFound,
        _ => Status::InternalError,
    }
}
