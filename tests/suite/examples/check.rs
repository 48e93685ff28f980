//! Judges any echo server by the cases of the contract:
//!
//! ```text
//! cargo run -p suite --example check -- [--as N] [CASE …] -- COMMAND {addr}
//! ```
//!
//! `{addr}`, `{ip}` and `{port}` in COMMAND stand for where it is to listen. `--as N` judges it as if
//! it were stage N, by that stage's row in `profile.rs`. A CASE is a part of a name.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::Instant;

use suite::cases::{ECHO, EVENT_LOOP, IDLE};
use suite::{Case, Subject, profile};

const USAGE: &str = "usage: check [--as N] [CASE …] -- COMMAND {addr}";

fn main() -> ExitCode {
    let Some((cases, subject)) = parse(std::env::args_os().skip(1).collect()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut failed = 0;
    for (name, case) in &cases {
        let began = Instant::now();
        let passed = catch_unwind(|| case(&subject)).is_ok();
        let verdict = if passed { "ok" } else { "FAILED" };
        println!(
            "{name:<32} {verdict} ({:.1} s)",
            began.elapsed().as_secs_f64()
        );
        failed += usize::from(!passed);
    }
    println!("{} passed, {failed} failed", cases.len() - failed);
    ExitCode::from(u8::from(failed > 0))
}

/// The cases to run, and the server to run them on.
fn parse(mut arguments: VecDeque<OsString>) -> Option<(Vec<Case>, Subject)> {
    let mut profile = profile::ANY;
    let mut names: Vec<String> = Vec::new();
    loop {
        match arguments.pop_front()?.to_str()? {
            "--" => break,
            "--as" => {
                let number: usize = arguments.pop_front()?.to_str()?.parse().ok()?;
                profile = *profile::STAGES.get(number.checked_sub(1)?)?;
            }
            name => names.push(name.to_owned()),
        }
    }
    if arguments.is_empty() {
        return None;
    }
    let lists = [(0, ECHO), (4, EVENT_LOOP), (5, IDLE)];
    let due = lists.iter().filter(|(from, _)| profile.stage >= *from);
    let wanted = |(name, _): &&Case| {
        names.is_empty() || names.iter().any(|part| name.contains(part.as_str()))
    };
    let cases = due
        .flat_map(|(_, list)| *list)
        .filter(wanted)
        .copied()
        .collect();
    let subject = Subject {
        command: arguments.into(),
        announces: false,
        profile,
    };
    Some((cases, subject))
}
