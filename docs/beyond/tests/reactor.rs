//! The reactor under the eyes of the suite, as a stage and with the lessons of stage 7: its tasks must not show from
//! outside. What is expected of it is its row in `tests/suite/src/profile.rs`.

use suite::{Subject, cases, run_case};

fn reactor() -> Subject {
    Subject::beyond("reactor", env!("CARGO_BIN_EXE_reactor"))
}

suite::judge! {
    reactor(),
    echo_tests, event_loop_tests, drain_tests, idle_tests, stage_07_tests
}

/// Those cases of the command line that hold for every program, whatever its name.
#[test]
fn the_cases_of_the_command_line() {
    let cases: [suite::Case; 5] = [
        ("c5_ipv6", cases::c5_ipv6),
        (
            "c6_nobody_reads_standard_error",
            cases::c6_nobody_reads_standard_error,
        ),
        (
            "c7_standard_error_is_full",
            cases::c7_standard_error_is_full,
        ),
        (
            "c8_standard_error_is_a_full_disk",
            cases::c8_standard_error_is_a_full_disk,
        ),
        (
            "c9_standard_error_is_a_stopped_terminal",
            cases::c9_standard_error_is_a_stopped_terminal,
        ),
    ];
    cases
        .into_iter()
        .for_each(|(name, case)| run_case(name, case, &reactor()));
}
