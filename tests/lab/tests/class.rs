//! A class of thirty, half of which has handed in something that is wrong or means ill: each gets the verdict that it would
//! get alone, and nothing is left of any.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;
mod pages;
mod users;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::watched::processes;
use fixture::Fixture;

/// The cases that the class is judged by.
const CASES: [&str; 9] = [
    "e01_bytes",
    "e04",
    "e05",
    "e07",
    "e09",
    "e11_out",
    "e13_sigterm",
    "e14",
    "e15",
];
/// How many processes a bomb may have, and how many the judge of it and the shells around it.
const MOST_PROCESSES: usize = 1_600;

/// What is certain of a submission.
enum Expected {
    /// It passes all cases.
    Passes,
    /// It fails these, and passes the other one.
    Fails(&'static [&'static str], &'static str),
    /// It is not judged, for a reason with these words.
    Refused(&'static str),
    /// Nothing: it depends on who is faster.
    Nothing,
}

use Expected::{Fails, Nothing, Passes, Refused};

/// The class: names, what each `run` does, and what is certain of it. BIN is the folder of the programs.
#[rustfmt::skip]
const CLASS: [(&str, &str, Expected); 30] = [
    ("01-anna", "exec BIN/stage-01 $1", Passes),
    ("02-ben", "exec BIN/stage-02 $1", Passes),
    ("03-carla", "exec BIN/stage-03 $1", Passes),
    ("04-dora", "exec BIN/stage-04 $1", Passes),
    ("05-emil", "exec BIN/stage-05 $1", Passes),
    ("06-fred", "exec BIN/stage-06 $1", Passes),
    ("07-gina", "exec BIN/stage-07 $1", Passes),
    ("08-hank", "exec BIN/stage-08 $1", Passes),
    ("09-ida", "exec BIN/servers echo $1", Passes),
    ("10-jo", "exec BIN/servers capped $1", Passes),
    ("11-kim", "exec BIN/servers own_manners $1", Passes),
    ("12-late", "exec BIN/servers late $1", Passes),
    ("13-short-writes", "exec BIN/servers short_write_ignored $1", Fails(&["e05_writes_all_then_reads"], "e09_second_client")),
    ("14-resets", "exec BIN/servers one_reset_ends_all $1", Fails(&["e07_resets"], "e01_bytes_come_back")),
    ("15-half-close", "exec BIN/servers rdhup_before_flush $1", Fails(&["e04_half_close"], "e01_bytes_come_back")),
    ("16-restart", "exec BIN/servers no_reuse_address $1", Fails(&["e14_restart"], "e01_bytes_come_back")),
    ("17-descriptors", "exec BIN/servers spin_on_emfile $1", Fails(&["e11_out_of_descriptors"], "e01_bytes_come_back")),
    ("18-leak", "exec BIN/servers leak_on_reset $1", Fails(&["e07_resets"], "e01_bytes_come_back")),
    ("19-silent", "exec BIN/servers silent $1", Fails(&["e01_bytes_come_back", "e04_half_close"], "")),
    ("20-greets", "exec BIN/servers greets $1", Fails(&["e01_bytes_come_back", "e04_half_close"], "")),
    ("21-forks", "exec BIN/servers forks $1 TOKEN", Fails(&["e01_bytes_come_back", "e04_half_close"], "")),
    ("22-fills", "exec BIN/servers fills $1", Fails(&["e01_bytes_come_back"], "")),
    ("23-bomb", "exec BIN/servers bombs $1 TOKEN", Refused(" processes")),
    ("24-thief", "exec BIN/servers steals $1 TOKEN", Refused("it accepts no connection")),
    ("25-daemon", "exec BIN/servers daemon $1 TOKEN", Nothing),
    ("26-fixed-port", "exec BIN/stage-06 127.0.0.1:7006", Refused("listening on 127.0.0.1:7006")),
    ("27-spins", "trap '' TERM; while :; do :; done", Refused("it accepts no connection")),
    ("28-vandal", "for f in ../*/run CLASS/*/run; do echo 'exit 1' > $f; done; rm -rf ../* *; exit 7", Refused("it exited with 7")),
    ("29-crash", "echo '<b>no way</b>' >&2; exit 3", Refused("it exited with 3")),
    ("30-hangs", "sleep 1000", Refused("it accepts no connection")),
];

#[test]
fn a_case_that_there_is_not_is_said_before_anything_is_judged() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("server"), "#!/bin/sh\n").unwrap();
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.arg("class").arg(folder.path()).args(["e01", "e99"]);
    let output = lab.output().unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said, "lab: no case has `e99` in its name\n");
}

#[test]
#[ignore = "thirty servers, some of which hang: takes minutes"]
fn thirty_submissions_get_the_verdicts_that_they_would_get_alone() {
    let fixture = Fixture::new();
    let (report, printed, most) = fixture.judged();
    eprintln!("{printed}");
    assert!(most > 1_000, "the bomb has made {most} processes only");
    assert!(most <= MOST_PROCESSES, "the bomb has made {most} processes");
    let left = processes(&fixture.token).len();
    assert_eq!(left, 0, "processes are left");
    let left = fs::read_dir(fixture.path("tmp")).unwrap().count();
    assert_eq!(left, 0, "temporary folders are left");
    let learners = report["results"][0]["result"]["learners"]
        .as_array()
        .unwrap()
        .clone();
    let mut wrong = Vec::new();
    for ((name, _, expected), learner) in CLASS.iter().zip(&learners) {
        if learner["name"] != *name || !is_as(expected, learner) {
            wrong.push(format!("{name}: {learner:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(learners.len(), CLASS.len());

    for (name, ..) in CLASS {
        let run = fs::read_to_string(fixture.path("class").join(name).join("run")).unwrap();
        assert_eq!(run, fixture.script(name), "somebody has changed {name}");
    }

    for line in printed.lines() {
        assert!(
            line.chars().count() <= 80 && !line.contains('\x1b'),
            "{line:?}"
        );
    }
    pages::are_there(&fixture.path("pages"), &learners);
}

/// Returns whether each case is as it has to be.
fn is_as(expected: &Expected, learner: &Value) -> bool {
    let cases = learner["judgement"]["cases"].as_array();
    let outcomes: BTreeMap<&str, &Value> = (cases.into_iter().flatten())
        .map(|case| (case["case"].as_str().unwrap(), &case["outcome"]))
        .collect();
    let failed = |case: &&str| {
        let outcome = outcomes.get(case);
        outcome.is_some_and(|outcome| !outcome["failed"].is_null())
    };
    match expected {
        Passes => {
            outcomes.len() >= CASES.len()
                && outcomes.values().all(|outcome| outcome["failed"].is_null())
                && outcomes
                    .values()
                    .filter(|outcome| **outcome == "passed")
                    .count()
                    >= 8
        }
        Fails(wrong, right) => {
            wrong.iter().all(failed)
                && (right.is_empty() || outcomes.contains_key(right) && !failed(right))
        }
        Nothing => true,
        Refused(words) => outcomes.is_empty() && learner["why"].as_str().unwrap().contains(words),
    }
}
