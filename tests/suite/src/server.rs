//! The server under test: a real process, which does not outlive its guard.

mod announcement;
mod end;

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::Instant;

use nix::sys::signal::{Signal, kill};

use crate::family::Mark;
use crate::printed::Printed;
use crate::stderr::Unread;
use crate::trial::Trial;
use crate::{Call, Client, Faults, Process, Subject, Tracer};
use crate::{cell, eventually, eventually_or, faults, limits, seen};

/// A running server. Dropping it kills it, and all that it started, and reaps it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// The mark of all its processes.
    mark: Mark,
    /// The case that it was started for.
    trial: Option<Trial>,
    address: SocketAddr,
    log: Printed,
    /// The standard error that takes nothing, if there is one.
    unread: Option<Unread>,
    stdout: Printed,
    name: String,
    chapter: u8,
    reaped: bool,
}

impl Server {
    /// Starts `subject` on `address`, and waits until it listens.
    pub fn start(subject: &Subject, address: SocketAddr, faults: &Faults) -> Self {
        let address = subject.address_for(address);
        let mut command = subject.command_at(address);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let unread = Unread::prepare(&mut command, faults.log);
        command.process_group(0);
        limits::raise();
        let faults = Faults {
            usual_soft_limit: subject.profile.raises_limit,
            ..*faults
        };
        let mark = Mark::on(&mut command);
        cell::hold(&mut command);
        faults.prepare(&mut command);
        let trial = Trial::here();
        if let Some(trial) = &trial {
            trial.add(mark);
        }
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("cannot start {}: {error}", subject.program().display());
        });
        let stderr = child.stderr.take();
        let log = match faults.log {
            faults::Log::Read => Printed::of(stderr),
            _ => Printed::default(),
        };
        let stdout = Printed::of(child.stdout.take());
        let mut server = Self {
            child,
            mark,
            trial,
            address,
            log,
            unread,
            stdout,
            name: subject.program().display().to_string(),
            chapter: subject.profile.chapter,
            reaped: false,
        };
        match subject.announces {
            true => server.address = server.announced_for(address),
            false => server.listens(),
        }
        server
    }

    /// Returns the address that the server listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the server's process, as /proc shows it.
    pub fn process(&self) -> Process {
        Process::new(self.child.id().cast_signed())
    }

    /// Connects a new client.
    #[track_caller]
    pub fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// Connects clients that are each answered once, so that the server has let them in. They come one by one, because
    /// together they would overflow the backlog.
    #[track_caller]
    pub fn crowd(&self, number: usize) -> Vec<Client> {
        let mut all = Vec::new();
        for _ in 0..number {
            let client = self.connect();
            client.echo(b"in");
            all.push(client);
        }
        all
    }

    /// Traces the server's system calls, from now on.
    pub fn trace(&self) -> Tracer {
        self.process().trace()
    }

    /// Works like [`trace`](Self::trace), with a [hook](Tracer::attach_with).
    pub fn trace_with(&self, hook: impl FnMut(&Call) + Send + 'static) -> Tracer {
        self.process().trace_with(hook)
    }

    /// Checks that the server does nothing while its clients are silent: it neither wakes nor works, and `client` hears
    /// nothing.
    #[track_caller]
    pub fn expect_rest(&self, client: &Client) {
        let process = self.process();
        eventually_or(
            "the server to sleep, because its clients say nothing",
            || process.state() == 'S',
            || match process.state() {
                'R' => "it is still running".to_owned(),
                'X' | 'Z' => "it has ended".to_owned(),
                state => format!("its state is {state}"),
            },
        );
        let now = || (seen(process.sleeps()), seen(process.processor_time()));
        let ((sleeps, time), began) = (now(), Instant::now());
        client.expect_silence();
        let ((sleeps_then, time_then), elapsed) = (now(), began.elapsed());
        let (woken, spent) = (sleeps_then - sleeps, time_then.saturating_sub(time));
        assert!(
            woken <= 1,
            "the server woke {woken} times in {elapsed:?}, although it had nothing to do"
        );
        assert!(
            spent < elapsed / 20,
            "the server worked for {spent:?} in {elapsed:?}, although it had nothing to do"
        );
    }

    /// Returns what the server has printed on standard error so far; all of it, if the server has ended. If a process
    /// that it has started could still print, this waits for a second and no longer.
    pub fn log(&self) -> String {
        if self.is_alive() {
            self.log.text()
        } else {
            self.log.complete_text()
        }
    }

    /// Ends the server by SIGKILL, and returns all that it has printed on standard error. What a server that still runs
    /// has printed may not have been read yet: that a line is missing, or that there are no more, is seen here.
    ///
    /// # Panics
    ///
    /// Panics if the server has ended before.
    #[track_caller]
    pub fn whole_log(&self) -> String {
        assert!(self.is_alive(), "the server has ended");
        self.signal(Signal::SIGKILL);
        self.wait();
        self.log.complete_text()
    }

    /// Starts reading a log that has taken nothing: [full](faults::Log::Full) or
    /// [stopped](faults::Log::StoppedTerminal).
    pub fn read_log(&mut self) {
        if let Some(unread) = self.unread.take() {
            self.log = unread.read();
        }
    }

    /// Sends the server a signal.
    pub fn signal(&self, signal: Signal) {
        if let Err(error) = kill(self.process().pid(), signal) {
            panic!("cannot send {signal} to the server: {error}");
        }
    }

    /// Stops the server by SIGSTOP, and waits until all its threads have stopped.
    pub fn stop(&self) {
        self.signal(Signal::SIGSTOP);
        eventually("the server to stop after SIGSTOP", || {
            let threads = self.process().threads();
            threads.iter().all(|thread| thread.state() == 'T')
        });
    }

    /// Continues the server.
    pub fn go_on(&self) {
        self.signal(Signal::SIGCONT);
    }
}
