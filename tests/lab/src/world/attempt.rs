//! The suite panics when something is not as it should be; to the lab that is an error.

use std::io::{self, Write};
use std::process::exit;
use std::time::Duration;

use suite::{kill_descendants, reason, with_last_words, within_limit};

/// Does something with the suite's means, and makes an error of its panic. The error is one line: of what a server that
/// falls with it has printed on standard error, it has the last.
pub(crate) fn attempt<T>(action: impl FnOnce() -> T) -> anyhow::Result<T> {
    let (outcome, servers) = with_last_words(action);
    outcome.map_err(|panic| {
        let reason = reason(&*panic);
        let mut lines = servers
            .iter()
            .filter_map(|words| words.printed.lines().last());
        match lines.next() {
            Some(line) => anyhow::anyhow!("{reason}; its standard error: {line}"),
            None => anyhow::anyhow!(reason),
        }
    })
}

/// Does as [`attempt`] does, for a server that cannot be trusted: if it takes too long, the server is killed, and this fails. If
/// even that does not help, the program ends.
pub(crate) fn attempt_in_time<T>(action: impl FnOnce() -> T) -> anyhow::Result<T> {
    let ended = within_limit(action, |too_long| {
        let line = format!("lab: a look at the server {too_long}, not even when it was killed");
        let _ = writeln!(io::stderr(), "{line}");
        kill_descendants(Duration::from_secs(2));
        exit(1);
    });
    match (ended.outcome, ended.too_long) {
        (Ok(value), None) => Ok(value),
        (Err(reason), None) => Err(anyhow::anyhow!(reason)),
        (_, Some(too_long)) => Err(anyhow::anyhow!("a look at the server {too_long}")),
    }
}
