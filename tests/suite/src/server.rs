//! The server under test: a real process, which does not outlive its guard.

use std::io::{BufRead, BufReader, PipeReader};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::last_words::heard;
use crate::log::{self, Log};
use crate::readiness::wait_ready;
use crate::{Call, Client, Faults, Process, Subject, Tracer};
use crate::{deadline, eventually, faults, limits};

/// A running server. Dropping it kills it, and all that it started, and reaps it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    log: Log,
    /// A pipe that is full, in place of the log.
    unread: Option<PipeReader>,
    stdout: Option<BufReader<ChildStdout>>,
    name: String,
    stage: u8,
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
        let full_pipe = (faults.log == faults::Log::Full).then(log::full_pipe);
        let unread = full_pipe.map(|(reader, writer)| {
            command.stderr(writer);
            reader
        });
        command.process_group(0);
        limits::raise();
        let faults = Faults {
            usual_soft_limit: subject.profile.raises_limit,
            ..*faults
        };
        faults.prepare(&mut command);
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("cannot start {}: {error}", subject.program().display());
        });
        let stderr = child.stderr.take();
        let log = match faults.log {
            faults::Log::Read => Log::of(stderr),
            faults::Log::Closed | faults::Log::Full => Log::default(),
        };
        let stdout = child.stdout.take().map(BufReader::new);
        let mut server = Self {
            child,
            address,
            log,
            unread,
            stdout,
            name: subject.program().display().to_string(),
            stage: subject.profile.stage,
            reaped: false,
        };
        match subject.announces {
            true => server.address = server.announced("listening on "),
            false => server.listens(),
        }
        server
    }

    /// Waits until it listens, if it does not say when. One that has ended never will.
    fn listens(&self) {
        let address = self.address;
        eventually(&format!("the server listens on {address}"), || {
            if let Some(status) = self.end() {
                panic!("the server ended before it listened on {address}: {status}");
            }
            TcpStream::connect(address).is_ok()
        });
    }

    /// Reads the next line of its standard output, which must be `prefix` and an address. A server
    /// that ends before that gives EOF here, so that nobody waits for it.
    pub fn announced(&mut self, prefix: &str) -> SocketAddr {
        let line = self.line_within(u16::try_from(deadline().as_millis()).unwrap_or(u16::MAX));
        let address = line.trim_end().strip_prefix(prefix);
        match address.and_then(|address| address.trim_end_matches('/').parse().ok()) {
            Some(address) => address,
            None => panic!("the server printed {line:?}, not `{prefix}ADDR`"),
        }
    }

    /// The next line of its standard output, if it comes within `milliseconds`: what has come of it, if
    /// the server ends or the time is up.
    pub fn line_within(&mut self, milliseconds: u16) -> String {
        let stdout = self.stdout.as_mut();
        stdout.map_or(String::new(), |stdout| line_within(stdout, milliseconds))
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
    pub fn expect_rest(&self, client: &Client) {
        let process = self.process();
        eventually("the server has gone to sleep", || process.state() == 'S');
        let (sleeps, time, began) = (process.sleeps(), process.processor_time(), Instant::now());
        client.expect_silence();
        let (elapsed, spent) = (began.elapsed(), process.processor_time() - time);
        let woken = process.sleeps() - sleeps;
        assert!(
            woken <= 1,
            "woke {woken} times in {elapsed:?}, with nothing to do"
        );
        assert!(
            spent < elapsed / 20,
            "worked for {spent:?} in {elapsed:?}, with nothing to do"
        );
    }

    /// What it has printed on standard error so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Begins to read a log that was [full](faults::Log::Full).
    pub fn read_log(&mut self) {
        self.log = Log::of(self.unread.take());
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
        eventually("the server has stopped", || {
            let threads = self.process().threads();
            threads.iter().all(|thread| state(thread) == 'T')
        });
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Waits until it ends, and gives how it did.
    pub fn wait(&self) -> ExitStatus {
        let mut status = None;
        eventually("the server ends", || {
            status = self.end();
            status.is_some()
        });
        status.unwrap_or_default()
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

    /// Kills it and all that it started, and waits until it is gone. Gives how it ended, the first time.
    pub fn kill(&mut self) -> Option<ExitStatus> {
        if self.reaped {
            return None;
        }
        // These calls fail if there is nobody left to kill, which is as well. Children may have left
        // the group; those whose parent has ended are found in the group only.
        self.process().kill_descendants();
        let _ = killpg(self.process().pid(), Signal::SIGKILL);
        self.reaped = true;
        self.child.wait().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let status = self.kill();
        if thread::panicking() {
            let (name, address) = (&self.name, self.address);
            let text = self.log.complete_text();
            if heard(&text) {
                return;
            }
            eprintln!("--- {name} at {address} (its end: {status:?}) printed on standard error:");
            for line in text.lines().take(20) {
                eprintln!("    {line}");
            }
            if self.stage != 0 {
                eprintln!("--- chapter {:02} of the course explains it", self.stage);
            }
        }
    }
}

fn line_within(stdout: &mut BufReader<ChildStdout>, milliseconds: u16) -> String {
    let mut line = String::new();
    if !stdout.buffer().contains(&b'\n') {
        let mut fds = [PollFd::new(stdout.get_ref().as_fd(), PollFlags::POLLIN)];
        if !wait_ready(&mut fds, milliseconds) {
            return line;
        }
    }
    // A line comes in one piece; an error leaves it as it is.
    let _ = stdout.read_line(&mut line);
    line
}
