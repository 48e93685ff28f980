//! The server on io_uring under the eyes of the suite. What is expected of it is its row in
//! `tests/suite/src/profile.rs`.
//!
//! Of the cases for event loops, `e12_spurious_readiness` is missing: it has a server read in vain, and this one never
//! reads because it was told to. `e11_accept_always_fails` makes accept(2) fail, which this server calls only when it
//! ends or when the kernel has failed to accept; the shortage itself is in `e11_out_of_descriptors`.

#[path = "ring/mod.rs"]
mod ring;

suite::judge! {
    match ring::subject() {
        Some(subject) => subject,
        None => return,
    },
    echo_tests, drain_tests, idle_tests
}

/// Makes tests of single cases of the suite.
macro_rules! also {
    ($($case:ident)*) => { $(
        #[test]
        fn $case() {
            if let Some(subject) = ring::subject() {
                suite::run_case(stringify!($case), suite::cases::$case, &subject);
            }
        }
    )* };
}

also! {
    e12_urgent_mark
    c5_ipv6
    c6_nobody_reads_standard_error
    c7_standard_error_is_full
    c8_standard_error_is_a_full_disk
    c9_standard_error_is_a_stopped_terminal
}
