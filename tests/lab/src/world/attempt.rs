//! The suite panics when an expectation fails; the lab makes an error of that.

use std::io::{self, Write};
use std::process::exit;
use std::time::Duration;

use anyhow::anyhow;
use suite::{kill_descendants, reason, with_last_words, within_limit};

/// Runs `action` with the suite's means, and turns its panic into an error of one line: of what a server that falls with
/// it has printed on standard error, it has the last line.
pub(crate) fn attempt<T>(action: impl FnOnce() -> T) -> anyhow::Result<T> {
    let (outcome, servers) = with_last_words(action);
    outcome.map_err(|panic| {
        let reason = reason(&*panic);
        match servers
            .iter()
            .find_map(|words| words.printed.lines().last())
        {
            Some(line) => anyhow!("{reason}; its standard error: {line}"),
            None => anyhow!(reason),
        }
    })
}

/// Works like [`attempt`], for a server that cannot be trusted: kills the server and fails if it takes too long. Ends
/// the program if even that does not help.
pub(crate) fn attempt_in_time<T>(action: impl FnOnce() -> T) -> anyhow::Result<T> {
    let ended = within_limit(action, |too_long| {
        let killed = "even after the server was killed";
        let _ = writeln!(
            io::stderr(),
            "lab: the look at the server {too_long}, {killed}"
        );
        kill_descendants(Duration::from_secs(2));
        exit(1);
    });
    match (ended.outcome, ended.too_long) {
        (Ok(value), None) => Ok(value),
        (Err(reason), None) => Err(anyhow!(reason)),
        (_, Some(too_long)) => Err(anyhow!("the look at the server {too_long}")),
    }
}
