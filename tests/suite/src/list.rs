//! Cases by name, and as tests.

use std::io::{self, Write};
use std::panic::resume_unwind;
use std::process;
use std::time::Duration;

use crate::{Subject, judge, kill_descendants};

/// A case: its name, and its function.
pub type Case = (&'static str, fn(&Subject));

/// Runs the case `name` as a test, and prints a failure in full. A case that hangs even without its servers ends the
/// test process.
pub fn run_case(name: &'static str, case: fn(&Subject), subject: &Subject) {
    let judged = judge((name, case), subject, |failure| {
        // Not by eprintln, because the harness holds back a test's output until the test ends.
        let _ = writeln!(io::stderr(), "\n{failure}");
        kill_descendants(Duration::from_secs(2));
        process::exit(101);
    });
    if let Some(failure) = judged {
        eprintln!("{failure}");
        // Everything is said; a panic message would repeat it.
        resume_unwind(Box::new(failure.seen));
    }
}

/// Makes a list of cases, and a macro of the same name that makes a test of each.
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

/// Judges a server: `suite::judge!(subject, echo_tests, command_line_tests)` makes a test of each case of the named
/// lists.
#[macro_export]
macro_rules! judge {
    ($subject:expr, $($list:ident),+) => { $( $crate::$list! { $subject } )+ };
}
