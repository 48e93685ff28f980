//! Cases that are run, and their outcomes.

use std::time::Instant;

use serde::{Serialize, Serializer};
use serde_json::json;
use suite::{Case, Failure, Pointer, Subject, judge as run_case};

use super::cases::not_judged;
use crate::world::{Receipt, in_parallel};

/// A case that was run.
#[derive(Debug, Serialize)]
pub(super) struct Judged {
    pub(super) case: &'static str,
    pub(super) outcome: Outcome,
    pub(super) seconds: f64,
}

/// The outcome of a case.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Passed,
    /// It says nothing of this server, and this is why.
    NotJudged(&'static str),
    Failed(#[serde(serialize_with = "for_programs")] Failure),
}

/// Serializes why a case failed: what a test of a stage says, too.
fn for_programs<S: Serializer>(failure: &Failure, serializer: S) -> Result<S::Ok, S::Error> {
    let server = failure.servers.first();
    let printed = server.iter().flat_map(|words| words.printed.lines());
    let pointer = failure.pointer.as_ref();
    let failure = json!({
        "rule": failure.rule,
        "seen": failure.seen,
        "ended": server.map_or("", |words| &words.end),
        "printed": printed.collect::<Vec<_>>(),
        "chapter": pointer.map_or(String::new(), Pointer::name),
        "source": pointer.map_or(String::new(), |to| to.source.to_string()),
    });
    failure.serialize(serializer)
}

/// The cases that wait for two seconds, or are long, and so begin first.
const LONG: [&str; 4] = [
    "drain_within_two_seconds",
    "e17_one_gibibyte",
    "p06_slow_to_connect",
    "p10_within_two_seconds",
];

/// Runs `cases`, `jobs` at a time, shows each to `done` when it has ended, and returns all. Begins no more when `done`
/// returns false. A case that hangs, even without its servers, is given up: its thread stays, and the next case begins.
pub(super) fn judge_all(
    subject: &Subject,
    cases: &[Case],
    jobs: usize,
    done: impl FnMut(&Judged) -> bool,
) -> Vec<Judged> {
    let mut due: Vec<Case> = cases.to_vec();
    due.sort_by_key(|(name, _)| !LONG.contains(name));
    let due = due.into_iter().map(|case| (subject.clone(), case));
    in_parallel(due.collect(), jobs, judge, done)
}

/// Why a case says nothing of a server.
const FORBIDDEN: &str =
    "this machine forbids what the case needs: `cargo lab doctor` says what helps";

/// Runs a case, and hands in its outcome.
fn judge((subject, case): (Subject, Case), receipt: Receipt<Judged>) {
    let began = Instant::now();
    let judged = move |outcome| Judged {
        case: case.0,
        outcome,
        seconds: began.elapsed().as_secs_f64(),
    };
    if let Some(why) = not_judged(&subject.profile, case.0) {
        return receipt(judged(Outcome::NotJudged(why)));
    }
    let given_up = receipt.clone();
    let failure = run_case(case, &subject, move |failure| {
        given_up(judged(Outcome::Failed(failure)));
    });
    receipt(judged(match failure {
        None => Outcome::Passed,
        Some(failure) if failure.is_the_machines() => Outcome::NotJudged(FORBIDDEN),
        Some(failure) => Outcome::Failed(failure),
    }));
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use suite::set_deadline;

    use super::*;

    /// Runs cases that need no server, and returns the names in the order in which they ended, and whether each passed.
    fn ended(cases: &[Case], jobs: usize) -> Vec<(&'static str, bool)> {
        let subject = Subject::foreign(vec!["nothing".into()]);
        let mut ended = Vec::new();
        judge_all(&subject, cases, jobs, |judged| {
            ended.push((judged.case, matches!(judged.outcome, Outcome::Passed)));
            true
        });
        ended
    }

    fn at_once(_: &Subject) {}

    fn later(_: &Subject) {
        thread::sleep(Duration::from_millis(200));
    }

    fn never(_: &Subject) {
        thread::sleep(Duration::from_secs(3_600));
    }

    /// No other test of this program waits for anything that a deadline is for.
    #[test]
    fn each_case_is_shown_when_it_ends_and_one_that_hangs_holds_up_no_other() {
        let cases: [Case; 3] = [("later", later), ("at_once", at_once), ("more", at_once)];
        let in_order = [("at_once", true), ("more", true), ("later", true)];
        assert_eq!(ended(&cases, 2), in_order);
        set_deadline(Duration::from_millis(50));
        let cases: [Case; 2] = [("never", never), ("at_once", at_once)];
        assert_eq!(ended(&cases, 1), [("never", false), ("at_once", true)]);
    }
}
