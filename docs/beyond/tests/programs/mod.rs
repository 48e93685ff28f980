//! The programs of this package, as the suite's table of profiles has them.

use std::ffi::OsString;

use suite::Subject;
use suite::profile::BEYOND;

/// Returns the program `name`, built as `path` or as [`suite::PROGRAMS`] says, with `options` besides those of its row.
pub(crate) fn program(name: &str, path: &str, options: &[&str]) -> Subject {
    let row = BEYOND.iter().find(|(row, ..)| *row == name);
    let (_, command, profile) = row.unwrap_or_else(|| panic!("there is no row for {name}"));
    let options = command[1..].iter().chain(options);
    Subject {
        command: [OsString::from(suite::program(path))]
            .into_iter()
            .chain(options.map(OsString::from))
            .collect(),
        announces: true,
        profile: *profile,
    }
}
