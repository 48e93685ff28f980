//! Cases by name, and as tests.

use crate::Subject;

/// A case: its name, and what it does.
pub type Case = (&'static str, fn(&Subject));

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
                    $crate::$module::$name(&$d subject);
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
