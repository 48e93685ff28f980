//! The server under test: a real process, which does not outlive its guard.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::family::Mark;
use crate::glance::Glance;
use crate::last_words::{clipped, heard, killed};
use crate::printed::Printed;
use crate::stderr::Unread;
use crate::trial::Trial;
use crate::words::number;
use crate::{Call, Client, Faults, LastWords, Process, Subject, Tracer, meaning};
use crate::{deadline, ending, eventually, eventually_or, faults, limits, net, seen};

/// A running server. Dropping it kills it, and all that it started, and reaps it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// What all its processes bear.
    mark: Mark,
    /// The case that it was started for.
    trial: Option<Trial>,
    address: SocketAddr,
    log: Printed,
    /// What is in place of the log, and takes nothing.
    unread: Option<Unread>,
    stdout: Printed,
    name: String,
    chapter: u8,
    reaped: bool,
}

impl Server {
    /// Starts `subject` to listen on `address`, and waits until it does.
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

    /// Waits until it listens, if it does not say when. One that has ended never will.
    fn listens(&self) {
        let address = self.address;
        eventually_or(
            &format!("the server to listen on {address}"),
            || {
                if let Some(status) = self.end() {
                    let how = ending(status);
                    panic!("the server ended before it listened on {address}: {how}");
                }
                TcpStream::connect(address).is_ok()
            },
            || {
                let line = self.stdout.next_line(Duration::ZERO);
                let printed = match clipped(line.trim_end()) {
                    nothing if nothing.is_empty() => "nothing".to_owned(),
                    line => format!("\"{line}\""),
                };
                format!(
                    "no connection could be made, and on standard output it has printed {printed}"
                )
            },
        );
    }

    /// Reads its announcement, of an address that it was told to listen on.
    fn announced_for(&mut self, told: SocketAddr) -> SocketAddr {
        let address = self.announced("listening on ");
        let suits = |port: u16| told.port() == 0 || told.port() == port;
        assert!(
            suits(address.port()) && (address.ip() == told.ip() || address.ip().is_unspecified()),
            "the server was told to listen on {told}, and it announces {address}"
        );
        assert!(
            net::listens_on(self.process(), address.port()) != Some(false),
            "the server announces {address}, but no socket of its own listens there"
        );
        address
    }

    /// Reads the next line of its standard output, which must be `prefix` and an address.
    pub fn announced(&mut self, prefix: &str) -> SocketAddr {
        let line = self.stdout.next_line(deadline());
        let address = line.trim_end().strip_prefix(prefix);
        let address = address.and_then(|address| address.trim_end_matches('/').parse().ok());
        address.unwrap_or_else(|| panic!("{}", self.unannounced(&line, prefix)))
    }

    /// Says what came in place of an announcement.
    fn unannounced(&self, line: &str, prefix: &str) -> String {
        let wanted = format!("`{prefix}ADDR`");
        let shown = clipped(line.trim_end());
        if line.ends_with('\n') {
            return format!("the server printed \"{shown}\", instead of {wanted}");
        }
        if self.stdout.is_full() {
            let length = number(line.len() as u64);
            return format!(
                "the server printed {length} bytes without an end of the line, instead of {wanted}: \"{shown}\""
            );
        }
        let printed = match shown.as_str() {
            "" => "nothing",
            _ => &format!("\"{shown}\" without an end of the line"),
        };
        if !self.stdout.is_over() {
            let seconds = deadline().as_secs();
            return format!(
                "waited {seconds} s for the server to print {wanted}; it has printed {printed}"
            );
        }
        // Its end is not seen in the same moment as that of its output.
        let began = Instant::now();
        while self.end().is_none() && began.elapsed() < Duration::from_millis(500) {
            thread::sleep(Duration::from_millis(2));
        }
        match self.end() {
            Some(status) => {
                let how = ending(status);
                format!(
                    "the server ended before it printed {wanted}: {how}, and had printed {printed}"
                )
            }
            None => format!(
                "the server closed its standard output before it printed {wanted}; it had printed {printed}"
            ),
        }
    }

    /// Returns the next line of its standard output, if it comes within `milliseconds`: what has come of it, if
    /// the server ends or the time is up.
    pub fn line_within(&mut self, milliseconds: u16) -> String {
        self.stdout
            .next_line(Duration::from_millis(milliseconds.into()))
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process, as /proc shows it.
    pub fn process(&self) -> Process {
        Process::new(self.child.id().cast_signed())
    }

    /// A new client of it.
    #[track_caller]
    pub fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// A trace of its system calls, from now on.
    pub fn trace(&self) -> Tracer {
        self.trace_with(|_| ())
    }

    /// As [`trace`](Self::trace), with a [hook](Tracer::attach_with).
    pub fn trace_with(&self, hook: impl FnMut(&Call) + Send + 'static) -> Tracer {
        let tracer = Tracer::attach_with(self.process().pid().as_raw(), hook);
        tracer.unwrap_or_else(|error| panic!("cannot trace the server: {error}"))
    }

    /// While its clients say nothing, nothing may be done: it does not wake, nor does it work, and
    /// `client` hears nothing.
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
        // A thread that ends takes its time with it.
        let (woken, spent) = (sleeps_then - sleeps, time_then.saturating_sub(time));
        assert!(
            woken <= 1,
            "the server woke {woken} times in {elapsed:?}, with nothing to do"
        );
        assert!(
            spent < elapsed / 20,
            "the server worked for {spent:?} in {elapsed:?}, with nothing to do"
        );
    }

    /// What it has printed on standard error so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Begins to read a log that has taken nothing: [full](faults::Log::Full) or
    /// [stopped](faults::Log::StoppedTerminal).
    pub fn read_log(&mut self) {
        if let Some(unread) = self.unread.take() {
            self.log = unread.read();
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        if let Err(error) = kill(self.process().pid(), signal) {
            panic!("cannot send {signal} to the server: {error}");
        }
    }

    /// Stops it by SIGSTOP, and waits until all of its threads have stopped.
    pub fn stop(&self) {
        self.signal(Signal::SIGSTOP);
        let state = |thread: &Pid| Process::new(thread.as_raw()).state();
        eventually("the server to stop after SIGSTOP", || {
            let threads = self.process().threads();
            threads.iter().all(|thread| state(thread) == 'T')
        });
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Waits until it ends, and returns how it did.
    #[track_caller]
    pub fn wait(&self) -> ExitStatus {
        let mut status = None;
        eventually_or(
            "the server to end",
            || {
                status = self.end();
                status.is_some()
            },
            || "it has not ended".to_owned(),
        );
        status.unwrap_or_default()
    }

    /// Waits until it ends, which has to be an exit with 0. `when` says when: "after SIGTERM".
    #[track_caller]
    pub fn expect_exit(&self, when: &str) {
        let status = self.wait();
        assert!(
            status.success(),
            "the server has to exit with 0 {when}, but {}",
            ending(status)
        );
    }

    /// Waits until it ends, which has to be by `signal`.
    #[track_caller]
    pub fn expect_death_by(&self, signal: Signal) {
        let status = self.wait();
        let is_its = status.signal() == Some(signal as i32);
        assert!(
            is_its,
            "{signal} has to end the server, but {}",
            ending(status)
        );
    }

    /// Whether it is alive.
    pub fn is_alive(&self) -> bool {
        !self.reaped && self.end().is_none()
    }

    /// How it has ended, if it has. It is not reaped: as long as it is a zombie, its id is not given to
    /// another process, which would then be taken for this one.
    fn end(&self) -> Option<ExitStatus> {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        match waitid(Id::Pid(self.process().pid()), flags) {
            Ok(WaitStatus::Exited(_, code)) => Some(ExitStatus::from_raw(code << 8)),
            Ok(WaitStatus::Signaled(_, signal, _)) => Some(ExitStatus::from_raw(signal as i32)),
            _ => None,
        }
    }

    /// Kills it and all that it started, wherever that has gone, and waits until it is gone. Returns how it ended, the
    /// first time.
    pub fn kill(&mut self) -> Option<ExitStatus> {
        if self.reaped {
            return None;
        }
        self.reaped = true;
        if let Some(trial) = &self.trial {
            trial.forget(self.mark);
        }
        let is_gone = self.mark.kill_all(Some(self.process().pid()));
        if !is_gone && !thread::panicking() {
            panic!(
                "{} cannot be killed, or it makes new processes faster than they are killed",
                self.name
            );
        }
        self.child.try_wait().ok().flatten()
    }

    /// Says how it ended, or what it is about before it is killed.
    fn end_in_words(&self) -> String {
        let is_late = self.trial.as_ref().is_some_and(Trial::is_over);
        // One that is on its way out has ended in a moment.
        let process = self.process();
        let began = Instant::now();
        while self.end().is_none()
            && Glance::state(process.pid()) == 'R'
            && began.elapsed() < Duration::from_millis(200)
        {
            thread::sleep(Duration::from_millis(2));
        }
        match self.end() {
            _ if self.reaped => "The suite had killed it already.".to_owned(),
            Some(status) if is_late && status.signal() == Some(libc::SIGKILL) => {
                "The suite killed it when the case's time was up.".to_owned()
            }
            Some(status) => {
                let how = ending(status);
                format!("{}{}.", how[..1].to_uppercase(), &how[1..])
            }
            None => {
                let glance = Glance::at(process.pid(), self.mark);
                killed(glance, self.log.length(), is_late)
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.kill();
            return;
        }
        let end = self.end_in_words();
        self.kill();
        let words = LastWords {
            server: format!("{} at {}", self.name, self.address),
            end,
            printed: self.log.complete_text(),
        };
        if let Some(words) = heard(words) {
            eprintln!("--- The server ({}): {words}", words.server);
            if self.chapter != 0 {
                eprintln!("--- Where to read: {}", meaning::chapter(self.chapter));
            }
        }
    }
}
