//! Stage 4: select.

use super::waits_beside;
use crate::{Faults, Subject, eventually};

/// Checks that the descriptor's value decides, not the count: with all below 1,021 taken, two clients fit next to the
/// listener, and the third is turned away.
pub fn l04_the_value_decides(subject: &Subject) {
    let faults = Faults {
        lowest_descriptor: Some(1021),
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    let (first, second) = (server.connect(), server.connect());
    first.echo(b"1022");
    second.echo(b"1023");
    let third = server.connect();
    third.expect_turned_away();
    let line = format!("{} turned away: descriptor 1024", third.address());
    eventually("a line on standard error to name the descriptor", || {
        server.log().contains(&line)
    });
    server.connect().expect_turned_away();
    first.half_close();
    first.expect_eof();
    server.connect().echo(b"1022 again");
    second.echo(b"undisturbed");
}

/// Checks that at each wake-up the kernel receives all descriptors up to the highest, for the one that is ready.
pub fn l04_select_is_handed_every_descriptor(subject: &Subject) {
    let server = subject.start();
    let waits = waits_beside(&server, 100, 20);
    assert_eq!(waits.len(), 20, "one wait for each echo");
    for wait in waits {
        let name = wait.name();
        assert!(
            matches!(name, "select" | "pselect6"),
            "the server waits by {name}, not by select"
        );
        assert_eq!(wait.result, 1, "descriptors that a wait found ready");
        // 101 clients and the listener, behind standard input, output and error: the first argument
        // is the highest of them, plus one.
        assert_eq!(
            wait.args[0],
            3 + 1 + 101,
            "descriptors that select was handed"
        );
    }
}
