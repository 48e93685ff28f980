//! Stage 5: poll.

use super::waits_beside;
use crate::Subject;

/// Checks that at each wake-up the kernel receives an 8-byte entry for each of the N descriptors.
pub fn l05_poll_is_handed_every_descriptor(subject: &Subject) {
    let server = subject.start();
    let waits = waits_beside(&server, 2_000, 20);
    assert_eq!(waits.len(), 20, "one wait for each echo");
    for wait in waits {
        let name = wait.name();
        assert!(
            matches!(name, "poll" | "ppoll"),
            "the server waits by {name}, not by poll"
        );
        assert_eq!(wait.result, 1, "descriptors that a wait found ready");
        // The clients, the listener and the signal.
        assert_eq!(wait.args[1], 2_001 + 2, "entries that poll was handed");
    }
}
