//! Stage 8 under the eyes of the suite. The cases are in `tests/suite/src/cases` and `lessons`; what is
//! expected of this stage is its row in `tests/suite/src/profile.rs`.

suite::judge! {
    suite::Subject::stage(8, env!("CARGO_BIN_EXE_stage-08")),
    echo_tests, command_line_tests, event_loop_tests, drain_tests, idle_tests
}
