//! Servers that mean ill cannot break the judge: each is ended in time, named in a sentence, costs the judge no more than
//! 64 MiB, and leaves nothing behind. (They are in `tests/lab/servers/hostile.rs`.)

mod judged;

use suite::profile::ANY;
use suite::{Subject, eventually_or, reason, with_last_words};

use crate::watched::processes;
use judged::judged;

const SERVERS: &str = env!("CARGO_BIN_EXE_servers");

/// The case that the server fails says so in a sentence with these words.
fn is_named(name: &str, case: &str, words: &str) {
    let sentence = judged(name, "05", case).sentence();
    assert!(sentence.contains(words), "{name}: {sentence}");
}

/// The judge does not even come to a case, and says why in a line with these words.
fn is_refused(name: &str, words: &str) {
    let said = judged(name, "05", "e01");
    assert_eq!(said.error.lines().count(), 1, "{}", said.error);
    assert!(said.error.contains(words), "{name}: {}", said.error);
    assert!(
        said.error.len() < 500,
        "{} bytes in a line",
        said.error.len()
    );
}

/// The suite itself leaves nothing of a server that it drops: the lab cleans up behind it once more.
fn leaves_nothing(name: &str, least: usize) {
    let token = format!("dropped-{name}-{}", std::process::id());
    let server = subject(name, &token, false).start();
    drop(server.connect());
    eventually_or(
        &format!("the server to make {least} processes"),
        || processes(&token).len() >= least,
        || format!("there are {}", processes(&token).len()),
    );
    drop(server);
    let left = processes(&token);
    assert!(left.is_empty(), "{left:?} are left");
}

fn subject(name: &str, token: &str, announces: bool) -> Subject {
    let words = [SERVERS, name, "{addr}", token];
    Subject {
        command: words.map(Into::into).to_vec(),
        announces,
        profile: ANY,
    }
}

/// What the suite says of a server that is trusted to announce itself, and does not start as it should.
fn start(name: &str) -> String {
    let subject = subject(name, "of-the-suite", true);
    let (outcome, _) = with_last_words(|| subject.start());
    reason(&*outcome.unwrap_err())
}

#[test]
fn one_that_talks_for_ever_after_eof() {
    is_named("talks", "e01", "the server is still talking");
}

#[test]
fn one_that_sends_a_byte_at_a_time() {
    is_named("trickles", "e01", "the server sent no more in");
}

#[test]
fn one_that_does_each_thing_just_in_time() {
    is_named("just-in-time", "e02_chopped", "has not ended in");
}

#[test]
fn one_that_forks_and_leaves_its_session() {
    leaves_nothing("forks", 20);
    is_named("forks", "e01", " processes");
}

#[test]
fn one_that_leaves_an_orphan_without_an_environment() {
    leaves_nothing("leaves", 1);
    is_named("leaves", "e01", "It exited with 1.");
}

#[test]
fn one_that_ignores_all_signals() {
    is_named("deaf", "e13_sigterm", "it has not ended");
}

#[test]
fn one_that_fills_standard_error() {
    is_named("fills", "e01", " MiB on standard error");
}

#[test]
fn one_whose_first_line_has_no_end() {
    is_refused("endless-line", "it has printed \"aaaaaaaaaa");
    let said = start("endless-line");
    assert!(said.contains("65,536 bytes without a line end"), "{said}");
}

#[test]
fn one_that_announces_what_is_not_its_own() {
    is_refused("liar", "it has printed \"listening on 127.");
    let said = start("liar");
    assert!(
        said.contains("no socket of its own listens there"),
        "{said}"
    );
}

#[test]
fn one_that_closes_all_that_it_has() {
    // It depends on the moment whether the listener is seen before it is closed.
    let said = judged("closes", "05", "e01");
    let sentence = format!("{} {}", said.error, said.sentence());
    let is_named = [
        "it accepts no connection",
        "Connection refused",
        "reset",
        "no socket of its own listens there",
    ];
    assert!(
        is_named.iter().any(|words| sentence.contains(words)),
        "{sentence}"
    );
}

#[test]
fn one_that_eats_memory() {
    is_named("eats", "e01", " MiB of memory");
}

#[test]
fn one_that_stops_itself() {
    is_named("stops", "e01", "stopped by a signal");
}

#[test]
fn one_that_never_answers() {
    is_named("silent", "e01", "nothing for");
}

#[test]
fn one_that_calls_the_kernel_without_end() {
    is_named("calls", "e12_spurious", "calls");
}
