//! Stage 6 under the eyes of the suite. The cases are in `tests/suite/src/cases` and `lessons`; what is
//! expected of this stage is its row in `tests/suite/src/profile.rs`.

suite::judge! {
    suite::Subject::stage(6, env!("CARGO_BIN_EXE_stage-06")),
    echo_tests, command_line_tests, event_loop_tests, drain_tests, idle_tests, stage_06_tests
}
