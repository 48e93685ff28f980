//! The programs of this package, as the suite's table of profiles has them.

use suite::Subject;

/// Returns the program `name`, built as `path` or as [`suite::PROGRAMS`] says, with `options` besides those of its row.
pub(crate) fn program(name: &str, path: &str, options: &[&str]) -> Subject {
    let mut subject = Subject::beyond(name, path);
    subject.command.extend(options.iter().map(Into::into));
    subject
}
