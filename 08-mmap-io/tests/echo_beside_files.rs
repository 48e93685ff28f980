//! The same suite as in `echo.rs`, on a server that has a directory to serve, too.

suite::judge! {
    beside_files(),
    echo_tests, event_loop_tests, drain_tests, idle_tests
}

fn beside_files() -> suite::Subject {
    let mut subject = suite::Subject::stage(8, env!("CARGO_BIN_EXE_stage-08"));
    let files = ["--http", "{ip}:0", "--root", env!("CARGO_MANIFEST_DIR")];
    subject.command.extend(files.map(Into::into));
    subject
}
