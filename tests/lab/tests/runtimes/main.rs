//! The page on tokio and mio says what is so (docs/chapters/tokio.md): the same conversation makes the same system calls,
//! each name of its map is in the file that it links to, and each echo keeps the cases that the page says it keeps.
//!
//! Only `reactor` is built here in any case. What needs tokio and mio is run with `--include-ignored`.

mod built;
mod conversation;
mod names;

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, ensure};
use conversation::{Act, conversation, side_by_side};
use lab::Lab;
use serde_json::Value;
use suite::{Subject, crowd, profile, seen, workspace};

const PAGE: &str = "docs/chapters/tokio.md";

/// Returns the two servers of the course, ready to be started.
fn own() -> anyhow::Result<[Subject; 2]> {
    let lab = Lab::new(env!("CARGO_BIN_EXE_lab"));
    Ok([lab.server("07".parse()?)?, lab.server("reactor".parse()?)?])
}

fn page() -> anyhow::Result<String> {
    std::fs::read_to_string(workspace().join(PAGE)).context(PAGE)
}

/// A runtime costs not one system call.
#[test]
fn reactor_makes_the_calls_of_stage_7() -> anyhow::Result<()> {
    let [stage, reactor] = own()?.map(|subject| conversation(&subject));
    assert_eq!(stage, reactor);
    let calls = |act: &Act| act.calls.len();
    assert_eq!(calls(&stage[1]), 3, "an echo: {stage:#?}");
    Ok(())
}

#[test]
#[ignore = "compiles tokio and mio, if they can be had"]
fn the_page_shows_the_calls_of_all_four() -> anyhow::Result<()> {
    let Some(built) = built::programs()? else {
        return Ok(());
    };
    let [stage, reactor] = own()?;
    let servers = [
        ("07", stage),
        ("reactor", reactor),
        ("tokio", foreign(&built.program("tokio-echo"))),
        ("mio", foreign(&built.program("mio-echo"))),
    ];
    let seen = servers.map(|(name, subject)| (name, conversation(&subject)));
    let fresh = side_by_side(&seen);
    ensure!(
        page()?.contains(&fresh),
        "{PAGE} does not show this:\n{fresh}"
    );
    Ok(())
}

#[test]
#[ignore = "needs the sources of tokio and mio"]
fn the_names_of_the_map_are_in_the_files_that_it_links_to() -> anyhow::Result<()> {
    let Some(built) = built::programs()? else {
        return Ok(());
    };
    names::check(&page()?, &built)
}

#[test]
#[ignore = "compiles tokio and mio, if they can be had"]
fn each_keeps_what_the_page_says() -> anyhow::Result<()> {
    let Some(built) = built::programs()? else {
        return Ok(());
    };
    let failed = |name, row, cases| failed(&built.program(name), row, cases);
    let of_tokio = failed("tokio-echo", "any", "")?;
    ensure!(of_tokio.is_empty(), "tokio-echo fails {of_tokio:?}");
    let by_stage_7 = failed("tokio-echo", "07", "e12_urgent_mark")?;
    ensure!(
        by_stage_7.contains("e12_urgent_mark"),
        "tokio knows of the urgent mark by now"
    );
    // Without a budget, it depends on who is faster.
    let mut of_mio = failed("mio-echo", "any", "")?;
    of_mio.remove("e15_flood");
    ensure!(of_mio.is_empty(), "mio-echo fails {of_mio:?}");
    for case in ["e12_urgent_mark", "e15_flood"] {
        ensure!(page()?.contains(case), "{PAGE} does not name {case}");
    }
    Ok(())
}

/// A task keeps what lives across its `await`s. In tokio-echo that is a buffer of 16 KiB.
#[test]
#[ignore = "compiles tokio and mio, if they can be had"]
fn an_idle_client_costs_what_its_task_keeps() -> anyhow::Result<()> {
    let Some(built) = built::programs()? else {
        return Ok(());
    };
    let [stage, reactor] = own()?;
    let (tokio, mio) = (built.program("tokio-echo"), built.program("mio-echo"));
    for (name, subject, bounds) in [
        ("07", stage, 0..=256),
        ("reactor", reactor, 256..=1_024),
        ("tokio", foreign(&tokio), 16_384..=20_480),
        ("mio", foreign(&mio), 0..=256),
    ] {
        let each = bytes_of_an_idle_client(&subject);
        ensure!(
            bounds.contains(&each),
            "{name}: {each} bytes, and not {bounds:?}"
        );
    }
    Ok(())
}

/// Returns the growth of a server's memory for each client that has had an echo and is silent.
fn bytes_of_an_idle_client(subject: &Subject) -> u64 {
    let crowd = crowd(4_000);
    let server = subject.start();
    let arrive = |_| {
        let client = server.connect();
        client.echo(b"in");
        client
    };
    let _first = arrive(0);
    let before = seen(server.process().memory());
    let idle: Vec<_> = (0..crowd.size).map(arrive).collect();
    let grown = seen(server.process().memory()).saturating_sub(before);
    suite::leave(idle);
    grown / crowd.size as u64
}

/// Returns the cases that a server fails.
fn failed(program: &str, row: &str, cases: &str) -> anyhow::Result<BTreeSet<String>> {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.args(["check", "--json", "--as", row]);
    lab.args(cases.split_whitespace())
        .args(["--", program, "{addr}"]);
    let output = lab.output().context("cannot run the lab")?;
    let all: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let cases = all["results"][0]["result"]["cases"].as_array();
    let cases = cases.context("no case was judged")?.iter();
    let failed = cases.filter(|case| case["outcome"]["failed"].is_object());
    let name = |case: &Value| Some(case["case"].as_str()?.to_owned());
    Ok(failed.filter_map(name).collect())
}

fn foreign(program: &str) -> Subject {
    Subject {
        command: vec![program.into(), "{addr}".into()],
        announces: true,
        profile: profile::ANY,
    }
}
