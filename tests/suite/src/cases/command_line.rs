//! The command line, the same for every stage.

use std::net::{Ipv6Addr, TcpListener};

use assert_cmd::assert::{Assert, OutputAssertExt};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty, starts_with};

use crate::faults::Log;
use crate::profile::{Beyond, Worker};
use crate::{Client, Faults, Server, Subject, eventually, run};

/// Runs the program with these arguments, to its end.
fn program(subject: &Subject, arguments: &[&str]) -> Assert {
    run(subject, arguments).assert()
}

fn name(subject: &Subject) -> String {
    format!("stage-0{}", subject.profile.stage)
}

/// Checks that `--help` names the program, its arguments and its address, and fits into 80 columns.
pub fn c1_help(subject: &Subject) {
    let default = format!("127.0.0.1:700{}", subject.profile.stage);
    for option in ["--help", "-h"] {
        let help = program(subject, &[option]).success().stderr(is_empty());
        let narrow = predicates::function::function(|text: &str| {
            text.lines().all(|line| line.chars().count() <= 80)
        });
        let narrow = narrow.fn_name("no line has more than 80 columns");
        help.stdout(
            starts_with(name(subject))
                .and(contains("[ADDR]"))
                .and(contains(&default))
                .and(narrow),
        );
    }
}

/// Checks that `--version` prints the program's name and a number.
pub fn c2_version(subject: &Subject) {
    for option in ["--version", "-V"] {
        let version = program(subject, &[option]).success().stderr(is_empty());
        let line = format!("{} {}\n", name(subject), env!("CARGO_PKG_VERSION"));
        version.stdout(line);
    }
}

/// Checks that a bad argument causes exit code 2 and one line that names it.
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
        fails(subject, &[argument], 2, named);
    }
    fails(subject, &["127.0.0.1:0", "127.0.0.1:1"], 2, "127.0.0.1:1");
}

/// Checks that an address in use, or one of another machine, causes exit code 1 and one line.
pub fn c4_address_in_use(subject: &Subject) {
    let taken = TcpListener::bind("127.0.0.1:0").and_then(|taken| Ok((taken.local_addr()?, taken)));
    let (address, _taken) = taken.unwrap_or_else(|error| panic!("no free port: {error}"));
    for address in [address.to_string(), "192.0.2.1:7000".into()] {
        let message = format!("cannot listen on {address}: ");
        fails(subject, &[&address], 1, &message);
    }
}

/// Checks that the program prints one line, which begins with its name and contains `named`, and exits with `code`.
fn fails(subject: &Subject, arguments: &[&str], code: i32, named: &str) {
    let one_line = predicates::function::function(|text: &str| {
        text.ends_with('\n') && text.lines().count() == 1
    });
    let begins = starts_with(format!("{}: ", name(subject)));
    let failed = program(subject, arguments).code(code).stdout(is_empty());
    failed.stderr(begins.and(contains(named)).and(one_line));
}

/// Checks that IPv6 works.
pub fn c5_ipv6(subject: &Subject) {
    let address = (Ipv6Addr::LOCALHOST, 0).into();
    let server = Server::start(subject, address, &Faults::default());
    let address = server.address();
    assert!(
        address.is_ipv6(),
        "the server was told to listen on an IPv6 address, but announces {address}"
    );
    server.connect().echo(b"six");
}

/// Checks that a server outlives the reader of its standard error.
pub fn c6_nobody_reads_standard_error(subject: &Subject) {
    with_a_log_that_takes_nothing(subject, Log::Closed);
}

/// Checks that a server does not wait for a log reader that has stopped: it drops lines that the full pipe does not
/// take, and the next line says how many.
pub fn c7_standard_error_is_full(subject: &Subject) {
    says_later_what_it_dropped(with_a_log_that_takes_nothing(subject, Log::Full), subject);
}

/// Checks that a server goes on when its log is on a full disk.
pub fn c8_standard_error_is_a_full_disk(subject: &Subject) {
    with_a_log_that_takes_nothing(subject, Log::FullDisk);
}

/// Checks that a server does not wait for a terminal stopped by Ctrl-S.
pub fn c9_standard_error_is_a_stopped_terminal(subject: &Subject) {
    let log = Log::StoppedTerminal;
    says_later_what_it_dropped(with_a_log_that_takes_nothing(subject, log), subject);
}

/// Starts a server that has to log something for most of its clients, with a standard error that takes nothing. It has
/// to serve present and new clients all the same.
fn with_a_log_that_takes_nothing(subject: &Subject, log: Log) -> Server {
    let faults = Faults {
        descriptors: Some(32),
        no_tasks: true,
        log,
        ..Faults::NONE
    };
    let server = subject.start_with(&faults);
    too_many_clients(&server, subject);
    server
}

/// Checks that the next line says how many were dropped once the log takes something again.
fn says_later_what_it_dropped(mut server: Server, subject: &Subject) {
    if subject.profile.beyond == Beyond::Never && subject.profile.worker == Worker::Itself {
        return; // Such a server has nothing to log.
    }
    server.read_log();
    let mut clients = Vec::new();
    eventually("the log to report dropped lines", || {
        clients.push(server.connect());
        server.log().contains("lines were dropped")
    });
    drop(clients);
    too_many_clients(&server, subject);
}

/// More clients come than the server has descriptors or tasks for.
fn too_many_clients(server: &Server, subject: &Subject) {
    // A server that needs a task for each client serves none of them.
    let present = (subject.profile.worker == Worker::Itself).then(|| {
        let client = server.connect();
        client.echo(b"in");
        client
    });
    let clients: Vec<Client> = (0..60).map(|_| server.connect()).collect();
    if let Some(present) = present {
        present.echo(b"undisturbed");
    }
    drop(clients);
    let last = server.connect();
    last.half_close();
    last.expect_eof();
    assert!(server.is_alive(), "the server has ended");
}
