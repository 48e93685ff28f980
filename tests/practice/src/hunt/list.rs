//! `cargo lab hunt`: the hunts by level.

use serde_json::{Value, json};

use super::{Hunt, all};
use crate::course::Course;
use crate::progress::{Progress, State};
use crate::talk::{Talk, Tone};

const LEVELS: [&str; 4] = [
    "Level 1: wrong bytes, or none",
    "Level 2: counts: leaks, spins, zombies",
    "Level 3: limits, signals, stale readiness",
    "Level 4: the fault is shown, and you write the case that catches it",
];

/// Lists the hunts, with minutes and state.
///
/// # Errors
///
/// Returns the errors of reading the hunts, and the progress.
pub fn list(course: &Course, talk: &mut Talk) -> anyhow::Result<bool> {
    let hunts = all(course)?;
    let progress = Progress::read(&course.store)?;
    let state = |hunt: &Hunt| {
        progress
            .hunts
            .get(&hunt.number)
            .map_or(State::New, |entry| entry.state)
    };
    talk.toned(Tone::Strong, format!("{} hunts", hunts.len()));
    talk.text(
        "Somebody has broken a stage. You get what a user saw, and a copy of the stages in which it happens: find out \
         why, and mend it.",
    );
    let mut level = 0;
    for hunt in &hunts {
        if hunt.level != level {
            level = hunt.level;
            talk.gap();
            talk.toned(Tone::Strong, LEVELS[usize::from(level.clamp(1, 4)) - 1]);
        }
        let line = format!(
            "  {}  {:>3} min  stage {}  {:<44}  {}",
            hunt.number,
            hunt.minutes,
            hunt.stage,
            hunt.title,
            state(hunt).word()
        );
        let tone = match state(hunt) {
            State::Solved => Tone::Good,
            State::Open => Tone::Strong,
            _ => Tone::Plain,
        };
        talk.toned(tone, line.trim_end());
    }
    let facts: Vec<Value> = hunts
        .iter()
        .map(|hunt| {
            json!({
                "number": hunt.number, "title": hunt.title, "level": hunt.level, "minutes": hunt.minutes,
                "stage": hunt.stage, "state": state(hunt),
            })
        })
        .collect();
    talk.fact("hunts", facts);
    match next(&hunts, &progress) {
        Some(next) if progress.open_hunt() == Some(&next) => {
            talk.next(format!("cargo lab hunt start {next}"), "goes on with it")
        }
        Some(next) => talk.next(
            format!("cargo lab hunt start {next}"),
            "makes the copy, and shows the ticket",
        ),
        None => talk.next(
            "cargo lab check -- ./my-server {addr}",
            "every hunt is done: judge a server of yours",
        ),
    }
    Ok(true)
}

/// Returns the number of the hunt that is under way, or of the first that was not begun.
pub(super) fn next(hunts: &[Hunt], progress: &Progress) -> Option<String> {
    if let Some(open) = progress.open_hunt() {
        return Some(open.to_owned());
    }
    let is_new = |hunt: &&Hunt| !progress.hunts.contains_key(&hunt.number);
    hunts.iter().find(is_new).map(|hunt| hunt.number.clone())
}
