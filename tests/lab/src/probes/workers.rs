//! Probes of the process or thread that serves a client.

use nix::sys::signal::Signal;
use suite::cases::e12_stopped_and_continued;
use suite::{Process, Subject};

use super::{Fate, Found, fate, found, is_answered, is_well, soon};
use crate::show::Tone;
use crate::world::attempt;

pub(crate) fn fault(subject: &Subject) -> Found {
    let server = subject.start();
    let process = server.process();
    let (children, threads) = (process.children(), process.threads());
    let victim = server.connect();
    victim.echo(b"in");
    let newest = |now: Vec<Process>, before: &[Process]| {
        let mut new = now.into_iter().filter(|task| !before.contains(task));
        new.next()
    };
    let new_child = newest(process.children(), &children);
    let new_thread = newest(process.threads(), &threads);
    let other = server.connect();
    let is_in = fate(&server, &other) == Fate::Served;
    let (what, worker, thread) = match (new_child, new_thread) {
        (Some(child), _) => ("a child process", child, child),
        (None, Some(thread)) => ("a thread", process, thread),
        (None, None) => ("the one thread that serves all", process, process),
    };
    // SIGILL stands for a fault of its own: Rust's runtime ignores a SIGSEGV that no memory access caused.
    let sent = worker.signal_thread(thread, Signal::SIGILL);
    assert!(sent.is_ok(), "no signal can be sent to {what}");
    let is_gone = soon(&server, || victim.is_readable(0) && !victim.has_bytes());
    // If it was served, its first word has come back and is still unread.
    let is_well = is_gone && is_in && is_answered(&other, 3) && is_well(&other);
    match is_well && server.is_alive() {
        true => found(format!("one: {what} dies, and only its own client is gone")),
        false => found(format!("all: {what} dies, and all clients are gone")),
    }
}

pub(crate) fn zombies(subject: &Subject) -> Found {
    let server = subject.start();
    (0..100).for_each(|_| server.connect().echo(b"in and out"));
    let children = || server.process().children();
    soon(&server, || children().is_empty());
    let children = children();
    let zombies = children.iter().filter(|child| child.state() == 'Z');
    match zombies.count() {
        0 => found("0: nothing of them remains").toned(Tone::Good),
        left => found(format!(
            "{left}: {left} children have ended, and the server does not reap them"
        ))
        .toned(Tone::Bad),
    }
}

pub(crate) fn stopped(subject: &Subject) -> Found {
    match attempt(|| e12_stopped_and_continued(subject)) {
        Ok(()) => found("served: it goes on where it was"),
        Err(error) => found(format!("dies: it does not go on: {error}")),
    }
}
