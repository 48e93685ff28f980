//! The server on io_uring, where there is io_uring.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use suite::Subject;

/// Returns the program.
pub(crate) fn program() -> PathBuf {
    suite::program(env!("CARGO_BIN_EXE_uring"))
}

/// Returns the server to be judged. Where it refuses to serve, because there is no io_uring, says on standard error that
/// the test is skipped, and why. That line is not captured: a test that is skipped looks like no test that has passed.
pub(crate) fn subject() -> Option<Subject> {
    static REFUSAL: OnceLock<Option<String>> = OnceLock::new();
    if let Some(why) = REFUSAL.get_or_init(refusal) {
        let test = std::thread::current();
        let test = test.name().unwrap_or("a test");
        let _ = writeln!(io::stderr(), "{test} is skipped: {}", why.trim_end());
        return None;
    }
    Some(Subject::beyond("uring", env!("CARGO_BIN_EXE_uring")))
}

/// Returns what the program says if it does not serve here for lack of io_uring. Anything else that keeps it from
/// serving is for the tests to find.
fn refusal() -> Option<String> {
    let mut command = Command::new(program());
    command.arg("127.0.0.1:0").stdin(Stdio::null());
    let server = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = server.spawn().ok()?;
    let mut announced = String::new();
    let _ = BufReader::new(server.stdout.take()?).read_line(&mut announced);
    let _ = server.kill();
    let mut said = String::new();
    let _ = server.stderr.take()?.read_to_string(&mut said);
    let _ = server.wait();
    (announced.is_empty() && said.contains("io_uring")).then_some(said)
}
