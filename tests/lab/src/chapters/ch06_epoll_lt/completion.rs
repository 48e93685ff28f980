//! Readiness next to completion: the calls needed when many clients speak at the same moment.

use suite::{Server, number};

use super::calls::for_one_connection;
use crate::world::attempt;
use crate::{Evidence, Lab};

/// How many clients speak.
const CROWDS: [u64; 2] = [64, 1_000];

/// One connection to the servers on poll and on epoll; then many clients at once to stage 7 and to the server on
/// io_uring, where kernel and container allow it (C3).
pub(super) fn best_for_what(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    for_one_connection(lab, evidence)?;
    let (stage, uring) = (lab.stage(7)?, lab.server("uring".parse()?)?);
    let stage = attempt(|| stage.start())?;
    let uring = attempt(|| uring.start());
    for crowd in CROWDS {
        let what = |name| format!("{name}: calls for {} clients at once", number(crowd));
        let calls = calls_for_all(&stage, crowd);
        // The last call may end after the last echo, unseen.
        let expected = format!("{} or so: two each", number(2 * crowd));
        evidence.shape(what("epoll"), calls, &expected, calls + 2 >= 2 * crowd);
        if let Ok(uring) = &uring {
            let calls = calls_for_all(uring, crowd);
            let most = crowd / 4;
            let expected = format!("{} or fewer", number(most));
            evidence.shape(what("io_uring"), calls, &expected, calls <= most);
        }
    }
    if uring.is_err() {
        evidence.aside(
            "io_uring is not available here",
            "`cargo run -p beyond --bin uring` says why",
        );
    }
    Ok(())
}

/// Returns how many calls a server makes to answer clients whose words have all arrived when it looks.
fn calls_for_all(server: &Server, crowd: u64) -> u64 {
    let clients = server.crowd(crowd as usize);
    server.stop();
    clients.iter().for_each(|client| client.send(b"a word"));
    let tracer = server.trace();
    server.go_on();
    clients.iter().for_each(|client| client.expect(b"a word"));
    let calls = tracer.finish();
    suite::leave(clients);
    calls.len() as u64
}
