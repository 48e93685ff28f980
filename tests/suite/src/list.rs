//! Cases by name, and as tests.

use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::{process, thread};

use crate::{Subject, deadline};

/// A case: its name, and what it does.
pub type Case = (&'static str, fn(&Subject));

/// How many deadlines a test may take before it counts as hanging.
const DEADLINES: u32 = 8;

/// Runs the case `name`. A case that hangs ends the test process, and is named: whatever it waits for has
/// no deadline of its own.
pub fn run_case(name: &'static str, case: fn(&Subject), subject: &Subject) {
    let limit = deadline() * DEADLINES;
    let (_done, ended) = mpsc::channel::<()>();
    thread::spawn(move || {
        if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            let seconds = limit.as_secs();
            // Not by eprintln: the harness keeps what a test prints until it ends.
            let _ = writeln!(
                io::stderr(),
                "test {name} hangs: it has not ended in {seconds} s"
            );
            process::exit(101);
        }
    });
    case(subject);
}

/// Makes a list of cases, and a macro that makes a test of each, of the same name.
macro_rules! list {
    ($d:tt $list:ident, $macro:ident, $module:ident: $doc:literal $($name:ident)*) => {
        #[doc = $doc]
        pub const $list: &[$crate::Case] = &[$((stringify!($name), $name)),*];

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $macro {
            ($d subject:expr) => { $(
                #[test]
                fn $name() {
                    $crate::run_case(stringify!($name), $crate::$module::$name, &$d subject);
                }
            )* };
        }
    };
}

/// Judges a server: `suite::judge!(subject, echo_tests, command_line_tests)` makes a test of each case
/// of the lists that are named.
#[macro_export]
macro_rules! judge {
    ($subject:expr, $($list:ident),+) => { $( $crate::$list! { $subject } )+ };
}
