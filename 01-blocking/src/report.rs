//! Lines on standard error.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

/// Writes one line, `stage-01: message`, to standard error.
///
/// Unlike `eprintln!` it does not panic when nobody reads standard error any more: a server outlives
/// its log. The line leaves in one write, so that those of several processes do not mix.
pub fn report(message: impl Display) {
    let line = format!("{}: {message}\n", program_name());
    let _ = io::stderr().write_all(line.as_bytes());
}

/// The last part of the path that the program was started by, as in glibc's
/// `program_invocation_short_name`.
fn program_name() -> String {
    let path = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&path).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
