//! The server on io_uring under the eyes of the suite. What is expected of it is its row in
//! `tests/suite/src/profile.rs`.
//!
//! Of the cases for event loops, `e12_spurious_readiness` is missing: it has a server read in vain, and this one never
//! reads because it was told to. `e11_accept_always_fails` makes accept(2) fail, which this server calls only when it
//! ends or when the kernel has failed to accept; the shortage itself is in `e11_out_of_descriptors`.

mod ring;

suite::judge! {
    match ring::subject() {
        Some(subject) => subject,
        None => return,
    },
    echo_tests, drain_tests, idle_tests
}

#[test]
fn e12_urgent_mark() {
    if let Some(subject) = ring::subject() {
        let case = suite::cases::e12_urgent_mark;
        suite::run_case("e12_urgent_mark", case, &subject);
    }
}
