//! Probes of the process or thread that serves a client.

use nix::sys::signal::{Signal, kill};
use suite::{Process, Server, Subject};

use super::{Fate, Found, fate, is_well, served, soon};
use crate::show::Tone;
use crate::world::attempt;

pub(in crate::matrix) fn fault(subject: &Subject) -> Found {
    let server = subject.start();
    let tasks = Tasks::of(&server);
    let victim = server.connect();
    victim.echo(b"in");
    let worker = Tasks::of(&server).beyond(&tasks);
    let other = server.connect();
    let is_in = fate(&server, &other) == Fate::Served;
    worker.fails(&server);
    let is_gone = soon(&server, || victim.is_readable(0) && !victim.has_bytes());
    // Its first word, if it was served, has come back and was not taken yet.
    let is_well = is_gone && is_in && super::is_answered(&other, 3) && is_well(&other);
    let what = worker.in_words();
    match is_well && server.is_alive() {
        true => Found::new(
            "one",
            Tone::Good,
            format!("{what} dies, and takes its client with it only"),
        ),
        false => Found::new(
            "all",
            Tone::Bad,
            format!("{what} dies, and all clients are gone"),
        ),
    }
}

/// The children and threads of a server.
struct Tasks {
    children: Vec<Process>,
    threads: Vec<nix::unistd::Pid>,
}

/// The task that serves a client.
enum Worker {
    Child(Process),
    Thread(nix::unistd::Pid),
    Server,
}

impl Tasks {
    fn of(server: &Server) -> Self {
        let process = server.process();
        Self {
            children: process.children(),
            threads: process.threads(),
        }
    }

    /// Returns the tasks that are here and not in `before`.
    fn beyond(&self, before: &Self) -> Worker {
        let child = self
            .children
            .iter()
            .find(|child| !before.children.contains(child));
        let thread = self
            .threads
            .iter()
            .find(|thread| !before.threads.contains(thread));
        match (child, thread) {
            (Some(child), _) => Worker::Child(*child),
            (None, Some(thread)) => Worker::Thread(*thread),
            (None, None) => Worker::Server,
        }
    }
}

impl Worker {
    const fn in_words(&self) -> &'static str {
        match self {
            Self::Child(_) => "a child process",
            Self::Thread(_) => "a thread",
            Self::Server => "the one thread that serves all",
        }
    }

    /// Has it die as of a fault of its own. (SIGILL stands for it: Rust's runtime takes a SIGSEGV that did not
    /// come of a fault for none.)
    fn fails(&self, server: &Server) {
        let process = server.process().pid();
        let sent = match self {
            Self::Child(child) => kill(child.pid(), Signal::SIGILL).is_ok(),
            Self::Server => kill(process, Signal::SIGILL).is_ok(),
            Self::Thread(thread) => {
                let (pid, tid) = (process.as_raw(), thread.as_raw());
                // SAFETY: a call that takes an address could harm this process's memory; tgkill takes
                // three numbers.
                (unsafe { libc::syscall(libc::SYS_tgkill, pid, tid, libc::SIGILL) }) == 0
            }
        };
        assert!(sent, "no signal can be sent to {}", self.in_words());
    }
}

pub(in crate::matrix) fn zombies(subject: &Subject) -> Found {
    let server = subject.start();
    for _ in 0..100 {
        let client = server.connect();
        client.echo(b"in and out");
    }
    let zombies = || {
        let children = server.process().children();
        children.iter().filter(|child| child.state() == 'Z').count()
    };
    soon(&server, || server.process().children().is_empty());
    let left = zombies();
    let tone = if left == 0 { Tone::Good } else { Tone::Bad };
    let sentence = match left {
        0 => "nothing of them is left".to_owned(),
        left => format!("{left} children have ended, and nobody waits for them"),
    };
    Found::new(left.to_string(), tone, sentence)
}

pub(in crate::matrix) fn stopped(subject: &Subject) -> Found {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"before");
    let goes_on = attempt(|| {
        for _ in 0..3 {
            server.stop();
            server.go_on();
            client.echo(b"idle");
            server.stop();
            client.send(b"meanwhile");
            server.go_on();
            assert_eq!(client.receive(9), b"meanwhile");
        }
    });
    match goes_on {
        Ok(()) => served("it goes on where it was"),
        Err(error) => Found::new("dies", Tone::Bad, format!("it does not go on: {error}")),
    }
}
