//! The calls of epoll: from a server's start on, and next to io_uring's when many clients speak at the same moment.

use std::io;

use anyhow::Context;
use suite::{Call, Client, Server, Tracer, leave, number};

use crate::world::{Machine, Specimen, attempt, named};
use crate::{Evidence, Lab};

/// A stage traced from its first call on, which has served a client.
struct FromItsStart {
    tracer: Tracer,
    client: Client,
    _server: Specimen,
}

impl FromItsStart {
    fn new(lab: &Lab, number: u8) -> anyhow::Result<Self> {
        let stage = lab.stage(number)?;
        let program = stage.program().to_string_lossy();
        let mut server = lab.specimen("become", &[&program, "127.0.0.1:0"])?;
        server.expect("ready")?;
        let tracer = server.process().trace();
        server.tell("go")?;
        let line = server.hear()?;
        let address = line.strip_prefix("listening on ");
        let address = address.context("the stage did not start listening")?;
        let started = Self {
            tracer,
            client: Client::connect(address.parse()?),
            _server: server,
        };
        started.serve(1)?;
        Ok(started)
    }

    /// Has the client answered, until the record shows all the answers. The announcement is a write, too, but not to a
    /// socket.
    fn serve(&self, echoes: usize) -> io::Result<()> {
        (0..echoes).for_each(|_| self.client.echo(b"here"));
        let answered = |calls: &[Call]| named(calls, "sendto") >= echoes;
        self.tracer.wait_until(answered)
    }

    /// Returns how many of the calls so far have this name.
    fn count(&self, name: &str) -> usize {
        named(&self.tracer.calls(), name)
    }
}

/// With a single connection, epoll's setup never pays off (C3).
fn for_one_connection(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (poll, epoll) = (FromItsStart::new(lab, 5)?, FromItsStart::new(lab, 6)?);
    for (server, name, created, told) in [(&poll, "poll", 0, 0), (&epoll, "epoll", 1, 3)] {
        let what = format!("{name}: calls that create a list");
        evidence.count(what, server.count("epoll_create1"), created);
        // The signal, the listener, the client.
        let what = format!("{name}: calls that change it");
        evidence.count(what, server.count("epoll_ctl"), told);
    }
    for (server, name) in [(&poll, "poll"), (&epoll, "epoll")] {
        server.tracer.clear();
        server.serve(10)?;
        let what = format!("{name}: calls for 10 echoes of one client");
        evidence.count(what, server.tracer.calls().len(), 30);
    }
    Ok(())
}

/// How many clients speak.
const CROWDS: [u64; 2] = [64, 1_000];

/// One connection to the servers on poll and on epoll; then many clients at once to stage 7 and to the server on
/// io_uring, where kernel and container allow it (C3).
pub(super) fn best_for_what(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    for_one_connection(lab, evidence)?;
    let (stage, uring) = (lab.stage(7)?, lab.server("uring".parse()?)?);
    let stage = attempt(|| stage.start())?;
    let uring = attempt(|| uring.start());
    for crowd in CROWDS {
        let what = |name| format!("{name}: calls for {} clients at once", number(crowd));
        let calls = calls_for_all(&stage, crowd);
        // The last call may end after the last echo, unseen.
        let expected = format!("{} or so: two each", number(2 * crowd));
        evidence.shape(what("epoll"), calls, &expected, calls + 2 >= 2 * crowd);
        if let Ok(uring) = &uring {
            let calls = calls_for_all(uring, crowd);
            let most = crowd / 4;
            let expected = format!("{} or fewer", number(most));
            evidence.shape(what("io_uring"), calls, &expected, calls <= most);
        }
    }
    if uring.is_err() {
        evidence.aside(
            "io_uring is not available here",
            "`cargo run -p beyond --bin uring` says why",
        );
    }
    Ok(())
}

/// Returns how many calls a server makes to answer clients whose words have all arrived when it looks.
fn calls_for_all(server: &Server, crowd: u64) -> u64 {
    let clients = server.crowd(crowd as usize);
    server.stop();
    clients.iter().for_each(|client| client.send(b"a word"));
    let tracer = server.trace();
    server.go_on();
    clients.iter().for_each(|client| client.expect(b"a word"));
    let calls = tracer.finish();
    leave(clients);
    calls.len() as u64
}

/// A server of today makes newer calls than those that epoll came with (C35).
pub(super) fn of_which_age(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = FromItsStart::new(lab, 6)?;
    let new = server.count("epoll_create1");
    evidence.count("epoll_create1 (Linux 2.6.27, 2008)", new, 1);
    let calls = server.tracer.calls();
    let created = |call: &&Call| call.name() == "epoll_create1";
    let flag = match calls.iter().find(created) {
        Some(call) if call.args[0] as i32 == libc::EPOLL_CLOEXEC => "EPOLL_CLOEXEC",
        Some(_) => "other flags",
        None => "no such call",
    };
    let what = "its flag, which epoll_create could not have";
    evidence.outcome(what, flag, "EPOLL_CLOEXEC");
    let old = server.count("epoll_create");
    evidence.count("epoll_create (2.5.44, 2002)", old, 0);
    evidence.observed("the kernel here", Machine::here().kernel);
    Ok(())
}
