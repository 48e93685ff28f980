//! The load generator on real stages, and its door: what it finds, and where it adapts.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::time::Duration;

use bench::{Load, Plan};
use lab::Lab;
use suite::{Faults, Process};

fn lab() -> Lab {
    Lab::new(env!("CARGO_BIN_EXE_lab"))
}

fn plan(address: SocketAddr) -> Plan {
    Plan {
        duration: Duration::from_millis(200),
        patience: suite::deadline(),
        ..Plan::new(address)
    }
}

#[test]
fn a_server_of_one_client_at_a_time_is_named_as_such() {
    let server = lab().start(1).unwrap();
    let plan = Plan {
        active: 2,
        patience: Duration::from_secs(1),
        ..plan(server.address())
    };
    let error = Load::connect(plan).unwrap_err().to_string();
    assert!(error.contains("does it serve one at a time?"), "{error}");
}

#[test]
fn two_thousand_clients_on_this_thread() {
    let server = lab().start(6).unwrap();
    let before = server.process().sockets().len();
    let plan = Plan {
        idle: 1_900,
        active: 100,
        server: Process::listening_at(server.address()),
        ..plan(server.address())
    };
    assert_eq!(plan.server, Some(server.process()));
    let mut load = Load::connect(plan).unwrap();
    let measured = load.measure().unwrap();
    assert!(measured.is_clean(), "{measured:?}");
    assert_eq!((measured.idle, measured.active), (1_900, 100));
    assert_eq!(server.process().sockets().len(), before + 2_000);
    let spent = measured.server.unwrap();
    assert!(spent > 0.0 && measured.load > 0.0, "{measured:?}");
}

/// Runs the program. Returns its exit code and all that it printed.
fn run(arguments: &[&str], faults: Faults) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(arguments).stdin(Stdio::null());
    faults.prepare(&mut command);
    let output = command.output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&printed).into_owned(),
    )
}

#[test]
fn a_low_limit_is_adapted_to_and_said() {
    let server = lab().start(6).unwrap();
    let address = server.address().to_string();
    let faults = Faults {
        descriptors: Some(200),
        ..Faults::default()
    };
    let load = [
        "load",
        &address,
        "--idle",
        "19000",
        "--active",
        "10",
        "--seconds",
        "0.1",
    ];
    let (code, printed) = run(&load, faults);
    assert!(
        printed.contains("idle 19,000 → 90: the descriptor limit is 200"),
        "{printed}"
    );
    assert!(
        printed.contains("10 clients talk, 90 are idle"),
        "{printed}"
    );
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn where_nobody_listens_a_line_says_so() {
    // An address of its own: no other test gets the port meanwhile.
    let listener = TcpListener::bind("127.86.2.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let (code, printed) = run(&["load", &address], Faults::default());
    assert_eq!(printed, format!("lab: nothing listens at {address}\n"));
    assert_eq!(code, Some(1));
}

#[test]
fn what_came_back_is_json_too() {
    let server = lab().start(6).unwrap();
    let address = server.address().to_string();
    let (code, printed) = run(
        &["load", &address, "--seconds", "0.1", "--json"],
        Faults::default(),
    );
    assert!(printed.contains("\"kind\": \"load\""), "{printed}");
    assert!(printed.contains("\"p999\""), "{printed}");
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn without_wrk_or_nginx_a_line_says_so() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(["load", "--files"]).env("PATH", "/nowhere");
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(printed.contains(" is not installed"), "{printed}");
    assert_eq!(printed.lines().count(), 1, "{printed}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn servers_in_turns_are_compared_with_the_first() {
    let compare = ["load", "--json", "--rounds", "2", "--seconds", "0.05"];
    let servers = ["--idle", "150", "--", "06", "--", "07"];
    // The idle clients of both do not fit into one descriptor table.
    let faults = Faults {
        descriptors: Some(300),
        ..Faults::default()
    };
    let (code, printed) = run(&[&compare[..], &servers].concat(), faults);
    let all: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let result = &all["results"][0]["result"];
    assert_eq!(result["idle"], 150, "{printed}");
    let rows = result["rows"].as_array().unwrap();
    let names: Vec<_> = rows.iter().map(|row| row["server"].as_str()).collect();
    assert_eq!(names, [Some("06"), Some("07")], "{printed}");
    assert_eq!(rows[0]["of_the_first"], 1.0, "{printed}");
    let [median, least, most] = [0, 1, 2].map(|place| rows[1]["cost"][place].as_f64().unwrap());
    assert!(
        0.0 < least && least <= median && median <= most,
        "{printed}"
    );
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn a_study_has_its_curves_and_what_they_have_to_look_like() {
    let (_, printed) = run(
        &["scale", "--quick", "--only", "tlpi", "--json"],
        Faults::default(),
    );
    let all: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        all["results"].as_array().map(Vec::len),
        Some(1),
        "{printed}"
    );
    let study = &all["results"][0]["result"];
    assert_eq!(study["name"], "tlpi");
    let curves = study["figures"][0]["curves"].as_array().unwrap();
    let names = curves.iter().map(|curve| curve["name"].as_str().unwrap());
    let names: Vec<_> = names.collect();
    assert_eq!(names[..3], ["select", "poll", "epoll"], "{printed}");
    let facts = study["evidence"]["facts"].as_array().unwrap();
    // Whether they hold is a matter of time, and so no test's.
    let judged = facts.iter().filter(|fact| fact["expected"] != "");
    assert_eq!(judged.count(), 5, "{printed}");
}
