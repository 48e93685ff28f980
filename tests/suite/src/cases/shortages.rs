//! E11 and E16: shortages.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::Signal;

use crate::limits::lower_descriptor_limit;
use crate::profile::{Beyond, Worker};
use crate::readiness::wait_ready;
use crate::run::run_with;
use crate::{Client, Faults, Server, Subject, ending, eventually, seen};

/// Checks E11: with 32 descriptors, further clients wait and cost neither CPU time nor log lines; the present ones are
/// served; when one leaves, a waiting one comes in.
pub fn e11_out_of_descriptors(subject: &Subject) {
    let faults = Faults {
        descriptors: Some(32),
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    let mut clients: Vec<Client> = (0..60).map(|_| server.connect()).collect();
    clients.iter().for_each(|client| client.send(b"let me in"));
    let beyond = subject.profile.beyond;
    // An end is to be read, too: what it is comes out below.
    let all_answered = || clients.iter().all(|client| client.is_readable(0));
    let holds_none = || beyond == Beyond::Never || beyond == Beyond::Either && all_answered();
    // The server has let in all that it can when it has no descriptor left.
    eventually("the server to use its last descriptor", || {
        server.process().descriptor_count() == 32 || holds_none()
    });
    if holds_none() {
        for client in clients {
            client.expect(b"let me in");
        }
        return;
    }
    eventually("most of the clients that got in to be served", || {
        clients
            .iter()
            .filter(|client| client.is_readable(0))
            .count()
            >= 20
    });
    let mut inside = Vec::new();
    while let Some(at) = first_readable(&clients) {
        let client = clients.remove(at);
        client.expect(b"let me in");
        inside.push(client);
    }
    assert!(
        clients.len() >= 20,
        "with 32 descriptors, {} of 60 clients were served, which is more than fit",
        inside.len()
    );

    let share = share_of_processor(&server, || inside[0].expect_silence());
    assert!(
        share < 0.05,
        "the server keeps a CPU core {:.0} % busy while it waits for descriptors",
        share * 100.0
    );
    inside.iter().for_each(|client| client.echo(b"undisturbed"));

    for _ in 0..3 {
        drop(inside.remove(0));
        let mut next = None;
        eventually("a waiting client to be let in", || {
            next = first_readable(&clients);
            next.is_some()
        });
        let client = clients.remove(next.unwrap_or_default());
        client.expect(b"let me in");
        inside.push(client);
    }
    if subject.profile.stage != 0 {
        let lines = server.whole_log().lines().count();
        assert!(
            (1..=8).contains(&lines),
            "the server printed {lines} lines on standard error, but should print 1 to 8"
        );
    }
}

/// Returns the share of a CPU core that a server uses while `pass_time` runs, from 0 to 1. Only the time that other
/// programs leave it counts: on a busy machine a spinning server gets little of a core, but uses all it gets. Earlier
/// work may fill a slow machine for a while, so the least of up to five samples counts. A spinning server fills them
/// all.
pub fn share_of_processor(server: &Server, pass_time: impl Fn()) -> f64 {
    /// A shorter time proves nothing.
    const LEAST: Duration = Duration::from_millis(40);
    /// A share this small ends the search.
    const LITTLE: f64 = 0.02;
    let process = server.process();
    let now = || (seen(process.processor_time()), seen(process.held_up()));
    let mut share = f64::INFINITY;
    for _ in 0..5 {
        // What holds this thread up between a look and the clock may not make a spinning server look lazy.
        let before = now();
        let began = Instant::now();
        pass_time();
        // The kernel counts the time for which a server was held up when it runs again, and not before.
        let had = seen(process.processor_time());
        eventually("the server to sleep or to run", || {
            let more = seen(process.processor_time()).saturating_sub(had);
            process.state() != 'R' || more >= LEAST / 8
        });
        let elapsed = began.elapsed();
        let after = now();
        let worked = after.0.checked_sub(before.0);
        let held_up = after.1.checked_sub(before.1);
        let (Some(worked), Some(held_up)) = (worked, held_up) else {
            // A thread has ended, and its time has gone with it.
            continue;
        };
        let left = elapsed.saturating_sub(held_up).max(LEAST);
        share = share.min(worked.as_secs_f64() / left.as_secs_f64());
        if share < LITTLE {
            break;
        }
    }
    share
}

/// Returns the first of `clients` that has received something, or does in a moment.
fn first_readable(clients: &[Client]) -> Option<usize> {
    let entry = |client| PollFd::new(Client::stream(client).as_fd(), PollFlags::POLLIN);
    let mut fds: Vec<PollFd> = clients.iter().map(entry).collect();
    wait_ready(&mut fds, crate::client::WATCH);
    fds.iter().position(|fd| fd.any() == Some(true))
}

/// Checks E11: somebody lowers a running server's limit below its open descriptors (prlimit(2)), and present clients
/// are served as before. poll(2) then fails with EINVAL, because it gets more entries than the limit. A server that
/// cannot raise its limit at the start makes do with the limit it has: setrlimit(2) refuses a hard limit above
/// fs.nr_open with EPERM.
pub fn e11_limit_lowered(subject: &Subject) {
    let faults = Faults {
        limits_are_fixed: true,
        ..Faults::default()
    };
    subject
        .start_with(&faults)
        .connect()
        .echo(b"as many as fit");
    let number = subject.profile.at_once(20);
    let server = subject.start();
    let clients = server.crowd(number);
    lower_descriptor_limit(server.process(), 10);
    for _ in 0..3 {
        clients.iter().for_each(|client| client.echo(b"still in"));
    }
    drop(clients);
    server.connect().echo(b"and the next one");
}

/// Checks E11: when every accept(2) fails, for whatever reason, the server rests and still reacts to a signal. It must
/// not call accept in a loop.
pub fn e11_accept_always_fails(subject: &Subject) {
    for error in [libc::EPERM, libc::EPROTO, libc::ECONNABORTED] {
        let faults = Faults {
            accept_fails: Some(error),
            ..Faults::default()
        };
        let server = subject.start_with(&faults);
        let clients: Vec<Client> = (0..3).map(|_| server.connect()).collect();
        let share = share_of_processor(&server, || clients[0].expect_silence());
        assert!(
            share < 0.05,
            "the server uses {:.0} % of a CPU core while accept fails with {}",
            share * 100.0,
            Errno::from_raw(error)
        );
        assert!(server.is_alive(), "the server has ended");
        server.signal(Signal::SIGTERM);
        server.wait();
    }
}

/// Checks E16: fork and clone fail. A server that needs a task for each client turns clients away, with a line, and
/// goes on. A server that creates its threads at the start does not start, and says so in a line. The others need no
/// task.
pub fn e16_no_task_to_be_had(subject: &Subject) {
    let faults = Faults {
        no_tasks: true,
        ..Faults::default()
    };
    match subject.profile.worker {
        Worker::Unknown => return,
        Worker::Pool => return does_not_start(subject, faults),
        Worker::Itself | Worker::Process | Worker::Thread => {}
    }
    let began = Instant::now();
    let server = subject.start_with(&faults);
    for number in 1..=5 {
        let client = server.connect();
        if subject.profile.worker == Worker::Itself {
            client.echo(b"no help is needed");
            continue;
        }
        client.expect_turned_away();
        if number == 1 {
            let line = format!("{} turned away", client.address());
            eventually("a line on standard error about it", || {
                server.log().contains(&line)
            });
        }
    }
    // At most one line in 10 s, whatever clients do.
    let most = 1 + began.elapsed().as_secs() as usize / 10;
    let lines = server.whole_log().lines().count();
    assert!(
        lines <= most,
        "the server printed {lines} lines on standard error, but should print at most {most}"
    );
}

/// Checks that it ends with exit code 1 and one line, before any announcement.
fn does_not_start(subject: &Subject, faults: Faults) {
    let ended = run_with(subject, faults);
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(
        ended.status.code() == Some(1) && ended.stdout.is_empty(),
        "a server without threads should exit with 1 and announce nothing, but {}, after printing {:?}",
        ending(ended.status),
        String::from_utf8_lossy(&ended.stdout)
    );
    assert!(
        said.contains("thread") && said.lines().count() == 1,
        "one line should say that no thread is available, but standard error has {said:?}"
    );
}
