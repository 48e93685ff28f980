//! The command line, the same for every stage.

use std::net::{Ipv6Addr, TcpListener};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty, starts_with};

use crate::faults::Log;
use crate::profile::{Beyond, Worker};
use crate::{Faults, Server, Subject, deadline, eventually};

fn program(subject: &Subject) -> Command {
    let mut command = Command::new(subject.program());
    command.timeout(deadline());
    command
}

fn name(subject: &Subject) -> String {
    format!("stage-0{}", subject.profile.stage)
}

/// `--help` names the program, what it takes and where it listens.
pub fn c1_help(subject: &Subject) {
    let default = format!("127.0.0.1:700{}", subject.profile.stage);
    for option in ["--help", "-h"] {
        let help = program(subject)
            .arg(option)
            .assert()
            .success()
            .stderr(is_empty());
        help.stdout(
            starts_with(name(subject))
                .and(contains("[ADDR]"))
                .and(contains(&default)),
        );
    }
}

/// `--version` is the program's name and a number.
pub fn c2_version(subject: &Subject) {
    for option in ["--version", "-V"] {
        let version = program(subject)
            .arg(option)
            .assert()
            .success()
            .stderr(is_empty());
        let line = format!("{} {}\n", name(subject), env!("CARGO_PKG_VERSION"));
        version.stdout(line);
    }
}

/// A bad argument is exit code 2, and one line that names it.
pub fn c3_bad_arguments(subject: &Subject) {
    let bad = [
        ("nonsense", "nonsense"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:99999", "127.0.0.1:99999"),
        ("localhost:7000", "localhost:7000"),
        ("--frobnicate", "--frobnicate"),
        ("--version=3", "--version"),
        ("--help=me", "--help"),
        ("-x", "-x"),
        ("", "''"),
    ];
    for (argument, named) in bad {
        fails(program(subject).arg(argument), subject, 2, named);
    }
    let two = &mut program(subject);
    fails(
        two.args(["127.0.0.1:0", "127.0.0.1:1"]),
        subject,
        2,
        "127.0.0.1:1",
    );
}

/// An address that is in use, or that is not this machine's, is exit code 1, and one line.
pub fn c4_address_in_use(subject: &Subject) {
    let taken = TcpListener::bind("127.0.0.1:0").and_then(|taken| Ok((taken.local_addr()?, taken)));
    let (address, _taken) = taken.unwrap_or_else(|error| panic!("no free port: {error}"));
    for address in [address.to_string(), "192.0.2.1:7000".into()] {
        let message = format!("cannot listen on {address}: ");
        fails(program(subject).arg(&address), subject, 1, &message);
    }
}

/// It prints one line, which begins with its name and has `named` in it, and exits with `code`.
fn fails(command: &mut Command, subject: &Subject, code: i32, named: &str) {
    let one_line = predicates::function::function(|text: &str| {
        text.ends_with('\n') && text.lines().count() == 1
    });
    let begins = starts_with(format!("{}: ", name(subject)));
    let failed = command.assert().code(code).stdout(is_empty());
    failed.stderr(begins.and(contains(named)).and(one_line));
}

/// IPv6 works.
pub fn c5_ipv6(subject: &Subject) {
    let address = (Ipv6Addr::LOCALHOST, 0).into();
    let server = Server::start(subject, address, &Faults::default());
    assert!(server.address().is_ipv6());
    server.connect().echo(b"six");
}

/// A server outlives the reader of its standard error: a log that nobody reads is no reason to end.
pub fn c6_nobody_reads_standard_error(subject: &Subject) {
    let faults = Faults {
        log: Log::Closed,
        ..SHORT_OF_ALL
    };
    too_many_clients(&subject.start_with(&faults));
}

/// Nor does a server wait for a reader that has stopped reading: lines that the full pipe does not take
/// are dropped, and the next one that it takes says how many were.
pub fn c7_standard_error_is_full(subject: &Subject) {
    let faults = Faults {
        log: Log::Full,
        ..SHORT_OF_ALL
    };
    let mut server = subject.start_with(&faults);
    too_many_clients(&server);
    if subject.profile.beyond == Beyond::Never && subject.profile.worker == Worker::Itself {
        return; // It has nothing to say.
    }
    server.read_log();
    let mut clients = Vec::new();
    eventually("the log says that lines were dropped", || {
        clients.push(server.connect());
        server.log().contains("lines were dropped")
    });
    drop(clients);
    too_many_clients(&server);
}

/// Makes most stages say something, as soon as a few clients come.
const SHORT_OF_ALL: Faults = Faults {
    descriptors: Some(32),
    no_tasks: true,
    ..Faults::NONE
};

fn too_many_clients(server: &Server) {
    let clients: Vec<_> = (0..60).map(|_| server.connect()).collect();
    drop(clients);
    let last = server.connect();
    last.half_close();
    last.expect_eof();
    assert!(server.is_alive());
}
