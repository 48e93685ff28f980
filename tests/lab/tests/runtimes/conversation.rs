//! A conversation with a server, and the calls that it makes for it.

use nix::errno::Errno;
use suite::{Call, Server, Subject, Tracer, eventually, older_name};

/// What a client did, and the calls that the server made for that.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Act {
    what: &'static str,
    pub(crate) calls: Vec<String>,
}

/// A client connects, has an echo, and leaves. After each the server sleeps before there is more.
pub(crate) fn conversation(subject: &Subject) -> [Act; 3] {
    let server = subject.start();
    // What it does once in its life it has done then.
    let first = server.connect();
    first.echo(b"first");
    first.half_close();
    first.expect_eof();
    until_asleep(&server);
    let tracer = server.trace();
    let client = server.connect();
    until(&tracer, "accept4");
    let connects = act("A client connects", &server, &tracer);
    client.echo(b"hello\n");
    let has_an_echo = act("It sends a word, and has it back", &server, &tracer);
    client.half_close();
    client.expect_eof();
    until(&tracer, "close");
    [connects, has_an_echo, act("It leaves", &server, &tracer)]
}

fn until(tracer: &Tracer, name: &str) {
    let made = tracer.wait_until(|calls| calls.iter().any(|call| call.name() == name));
    made.unwrap_or_else(|_| panic!("the server does not call {name}"));
}

/// Waits until a server of one thread sleeps, and has not run between two glances.
fn until_asleep(server: &Server) {
    let mut before = None;
    eventually("the server to sleep", || {
        let process = server.process();
        let now = (process.state() == 'S').then(|| process.sleeps());
        before.replace(now) == Some(now) && now.is_some()
    });
}

fn act(what: &'static str, server: &Server, tracer: &Tracer) -> Act {
    until_asleep(server);
    let calls = tracer.calls();
    tracer.clear();
    // A debug build asks whether a descriptor is open before it closes it.
    let calls = calls.iter().filter(|call| call.name() != "fcntl");
    let calls = calls.map(in_short).collect();
    Act { what, calls }
}

/// Returns a call's name, with what tells it from others of that name.
fn in_short(call: &Call) -> String {
    let name = older_name(call.name());
    match (name, call.args[1] as i32) {
        _ if call.result < 0 => format!("{name} {:?}", Errno::from_raw(-call.result as i32)),
        ("epoll_ctl", libc::EPOLL_CTL_ADD) => format!("{name} ADD"),
        ("epoll_ctl", libc::EPOLL_CTL_MOD) => format!("{name} MOD"),
        ("epoll_ctl", _) => format!("{name} DEL"),
        ("recvfrom", _) => format!("{name} {}", call.result),
        _ => name.to_owned(),
    }
}

/// Returns a table for each act: a column for each server, and its calls from top to bottom.
pub(crate) fn side_by_side(servers: &[(&str, [Act; 3])]) -> String {
    let tables = (0..3).map(|number| {
        let acts: Vec<_> = servers.iter().map(|(_, acts)| &acts[number]).collect();
        let names = servers.iter().map(|(name, _)| *name).collect();
        let rows = acts.iter().map(|act| act.calls.len()).max().unwrap_or(0);
        let call = |row: usize| {
            acts.iter()
                .map(move |act| act.calls.get(row).map_or("", |call| call))
        };
        let mut lines = vec![acts[0].what.to_owned(), String::new(), line(names)];
        lines.extend((0..rows).map(|row| line(call(row).collect())));
        lines.join("\n") + "\n"
    });
    tables.collect::<Vec<_>>().join("\n")
}

fn line(columns: Vec<&str>) -> String {
    let columns = columns.iter().map(|column| format!("{column:<17}"));
    format!("  {}", columns.collect::<String>())
        .trim_end()
        .to_owned()
}
