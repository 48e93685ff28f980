//! The server under test: a real process, which does not outlive its guard.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};

use crate::client::Client;
use crate::faults::Faults;
use crate::process::Process;
use crate::profile::Profile;
use crate::{Call, Tracer, eventually};

/// How long a server that should rest is watched.
const WATCH: Duration = Duration::from_millis(200);

/// A server to be judged: how to start it, and what to expect of it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The program and its arguments; `{addr}` and `{port}` stand for where to listen.
    pub command: Vec<OsString>,
    /// Whether it prints `listening on ADDR` when it is ready, and takes port 0.
    pub announces: bool,
    /// What is expected of it.
    pub profile: Profile,
}

impl Subject {
    /// Stage `number` of the course, built as `program`.
    pub fn stage(number: u8, program: &str) -> Self {
        Self {
            command: vec![program.into(), "{addr}".into()],
            announces: true,
            profile: crate::profile::STAGES[usize::from(number) - 1],
        }
    }

    /// Starts the server at an address of its own.
    pub fn start(&self) -> Server {
        self.start_with(&Faults::default())
    }

    /// Starts the server with faults made for it.
    pub fn start_with(&self, faults: &Faults) -> Server {
        Server::start(self, fresh_address(), faults)
    }

    /// The program alone, for arguments of one's own.
    pub fn program(&self) -> &OsString {
        &self.command[0]
    }
}

/// A loopback address that nobody else uses: no other test's port can be in the way, nor the
/// connections that it left in TIME_WAIT.
fn fresh_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = (std::process::id() << 8) ^ NEXT.fetch_add(1, Ordering::Relaxed);
    let [_, b, c, d] = number.to_be_bytes();
    // 127.0.0.0 and 127.255.255.255 are not for hosts, 127.0.0.1 is for everybody.
    (Ipv4Addr::new(127, b.clamp(1, 254), c, d), 0).into()
}

/// A running server. Dropping it kills it, and all that it started, and reaps it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    log: Log,
    stdout: Option<BufReader<ChildStdout>>,
    name: String,
    stage: u8,
}

impl Server {
    /// Starts `subject` to listen on `address`, and waits until it does.
    pub fn start(subject: &Subject, address: SocketAddr, faults: &Faults) -> Self {
        let address = match (subject.announces, address.port()) {
            (false, 0) => free_port(address.ip()),
            _ => address,
        };
        let mut command = Command::new(subject.program());
        command.args(
            subject.command[1..]
                .iter()
                .map(|argument| fill_in(argument, address)),
        );
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.process_group(0);
        faults.prepare(&mut command);
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("cannot start {}: {error}", subject.program().display());
        });
        if faults.deaf {
            child.stderr = None;
        }
        let log = Log::of(&mut child);
        let stdout = child.stdout.take().map(BufReader::new);
        let mut server = Self {
            child,
            address,
            log,
            stdout,
            name: subject.program().display().to_string(),
            stage: subject.profile.stage,
        };
        match subject.announces {
            true => server.address = server.announced("listening on "),
            false => eventually("the server accepts", || TcpStream::connect(address).is_ok()),
        }
        server
    }

    /// Reads the next line of its standard output, which must be `prefix` and an address. A server
    /// that ends before that gives EOF here, so that nobody waits for it.
    pub fn announced(&mut self, prefix: &str) -> SocketAddr {
        let mut line = String::new();
        let read = self
            .stdout
            .as_mut()
            .map(|stdout| stdout.read_line(&mut line));
        let address = line.trim_end().strip_prefix(prefix);
        match address.and_then(|address| address.trim_end_matches('/').parse().ok()) {
            Some(address) => address,
            None => panic!("the server printed {line:?}, not `{prefix}ADDR` ({read:?})"),
        }
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

    /// Nothing is to be done, so nothing may be done: for a while it does not wake, nor does it work.
    pub fn expect_rest(&self) {
        let process = self.process();
        eventually("the server has gone to sleep", || process.state() == 'S');
        let (sleeps, time, began) = (process.sleeps(), process.processor_time(), Instant::now());
        thread::sleep(WATCH);
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

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        if let Err(error) = kill(self.process().pid(), signal) {
            panic!("cannot send {signal} to the server: {error}");
        }
    }

    /// Stops it by SIGSTOP, and waits until it has stopped.
    pub fn stop(&self) {
        self.signal(Signal::SIGSTOP);
        eventually("the server has stopped", || self.process().state() == 'T');
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Waits until it ends, and gives how it did.
    pub fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the server ends", || {
            status = self.child.try_wait().ok().flatten();
            status.is_some()
        });
        status.unwrap_or_default()
    }

    /// Whether it is alive.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills it and all that it started, and waits until they are gone.
    pub fn kill(&mut self) {
        // These calls fail if there is nobody left to kill, which is as well. Children whose parent
        // has ended are still in its group; others may have left the group.
        for process in self.process().descendants() {
            let _ = kill(process.pid(), Signal::SIGKILL);
        }
        let _ = killpg(self.process().pid(), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            let status = self.child.try_wait();
            eprintln!(
                "--- {} at {} ({status:?}) printed on standard error:",
                self.name, self.address
            );
            for line in self.log().lines().take(20) {
                eprintln!("    {line}");
            }
            if self.stage != 0 {
                eprintln!(
                    "--- chapter {:02} of the course explains this server",
                    self.stage
                );
            }
        }
        self.kill();
    }
}

/// What a process prints on standard error, collected as it comes: a full pipe would block it.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn of(child: &mut Child) -> Self {
        let log = Self::default();
        let Some(mut stderr) = child.stderr.take() else {
            return log;
        };
        let copy = log.clone();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stderr.read(&mut buffer) {
                let mut text = copy.0.lock().unwrap_or_else(PoisonError::into_inner);
                text.extend_from_slice(&buffer[..length]);
            }
        });
        log
    }

    fn text(&self) -> String {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }
}

fn free_port(ip: IpAddr) -> SocketAddr {
    let listener = TcpListener::bind((ip, 0)).and_then(|listener| listener.local_addr());
    listener.unwrap_or_else(|error| panic!("no free port at {ip}: {error}"))
}

fn fill_in(argument: &OsString, address: SocketAddr) -> OsString {
    let Some(argument) = argument.to_str() else {
        return argument.clone();
    };
    let argument = argument.replace("{addr}", &address.to_string());
    argument
        .replace("{port}", &address.port().to_string())
        .replace("{ip}", &address.ip().to_string())
        .into()
}
