//! Measures what stage 8 costs as a server of files, beside nginx:
//!
//! ```text
//! cargo run --release -p suite --example file_cost -- [ROUNDS] target/release/stage-08
//! ```
//!
//! It needs nginx, wrk and two cores: the servers have core 0, wrk core 1. nginx runs twice, as it
//! is and with open_file_cache. In each of ROUNDS rounds (5, unless said) each server has a turn
//! of two seconds. What is printed are the medians, and stage 8's ratios to each server, the
//! medians of the rounds' own. The time is the kernel's (schedstat), and a GB is 10⁹ bytes of
//! files, heads not counted. The percentages are of a core: where wrk has used up its own, the
//! rate is wrk's, and only the time a GB the server's.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail, ensure};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::time::TimeValLike;
use nix::unistd::Pid;
use suite::{Faults, Server, Subject, pattern, profile};

/// A file's name and size, and how many connections ask for it.
type Case = (&'static str, usize, u32);
const CASES: [Case; 4] = [
    ("1KiB", 1 << 10, 64),
    ("16KiB", 16 << 10, 64),
    ("1MiB", 1 << 20, 16),
    ("256MiB", 256 << 20, 4),
];

/// Of files of this size, so few are sent in a turn that those on their way in the end count.
const HUGE: usize = 16 << 20;

/// Prints what wrk has counted. (As it does not look at the answers, it costs wrk nothing.)
const COUNT: &str = "function done(s) print('counted', s.requests, s.bytes, s.duration) end";

/// One process, so that it is the one which serves. What is named last has to exist for nginx, and
/// has no use here.
const NGINX: &str = "daemon off; master_process off; worker_processes 1;
pid {name}.pid; error_log {name}.log;
events { worker_connections 4096; }
http {
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; {more}
    server { listen {addr}; root files; }
    client_body_temp_path temp1; proxy_temp_path temp2; fastcgi_temp_path temp3;
    uwsgi_temp_path temp4; scgi_temp_path temp5;
}";
const CACHE: &str = "open_file_cache max=1000 inactive=60s; open_file_cache_valid 1s;";

fn main() -> ExitCode {
    match run(std::env::args_os().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("file_cost: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<OsString>) -> anyhow::Result<()> {
    let (rounds, program) = match arguments.as_slice() {
        [program] => (5, program),
        [rounds, program] => (rounds.to_string_lossy().parse().context("ROUNDS")?, program),
        _ => bail!("usage: file_cost [ROUNDS] target/release/stage-08"),
    };
    ensure!(rounds > 0, "no rounds have no median");
    let stage = fs::canonicalize(program).with_context(|| program.display().to_string())?;
    let (nginx, wrk) = (find("nginx")?, find("wrk")?);
    // Ctrl-C waits for the end of the turn, so that all that was made is dropped. It does not reach
    // the servers, each of which is in a process group of its own.
    let ends = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]);
    ends.thread_block()?;
    let ends = SignalFd::with_flags(&ends, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;

    let _folder = Folder::enter()?;
    // A process inherits the core that its maker runs on.
    run_on(0)?;
    let servers = [
        FileServer::start("stage-08", &stage, None)?,
        FileServer::start("nginx", &nginx, Some(""))?,
        FileServer::start("nginx-cached", &nginx, Some(CACHE))?,
    ];
    run_on(1)?;
    println!("medians of {rounds} rounds (min–max)");
    for case in CASES {
        let mut turns: [Vec<Turn>; 3] = Default::default();
        for round in 0..rounds {
            // Each comes first as often as the others do.
            for number in (0..servers.len()).map(|turn| (round + turn) % servers.len()) {
                let turn = servers[number].turn(&wrk, case);
                ensure!(ends.read_signal()?.is_none(), "interrupted");
                turns[number].push(turn.with_context(|| servers[number].name)?);
            }
        }
        print(case, &servers, &turns);
    }
    Ok(())
}

/// The path of a program, also where only root would find it.
fn find(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let found = folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()));
    found.with_context(|| format!("{name} is not installed"))
}

fn run_on(core: usize) -> anyhow::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core)?;
    sched_setaffinity(Pid::from_raw(0), &cores).with_context(|| format!("no core {core}"))
}

/// What is served, and what the programs need. All paths are relative to it; removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn enter() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("file_cost-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| path.display().to_string())?;
        let folder = Self(path.canonicalize()?);
        std::env::set_current_dir(&folder.0)?;
        fs::write("wrk.lua", COUNT)?;
        fs::create_dir("files")?;
        for (name, size, _) in CASES {
            let path = Path::new("files").join(name);
            let block = pattern(0, size.min(65_536));
            fs::write(&path, block.repeat(size / block.len())).context(name)?;
            // The disk is to have no work left when the measuring begins.
            File::open(&path)?.sync_all()?;
        }
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server of files. It does not outlive its guard, nor this process.
struct FileServer {
    name: &'static str,
    guard: Server,
}

impl FileServer {
    /// Starts nginx with `more` in its configuration, or stage 8, which needs none.
    fn start(name: &'static str, program: &Path, more: Option<&str>) -> anyhow::Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let arguments = if let Some(more) = more {
            let config = NGINX.replace("{name}", name).replace("{more}", more);
            let config = config.replace("{addr}", &address.to_string());
            fs::write(format!("{name}.conf"), config)?;
            format!("-p . -c {name}.conf")
        } else {
            "127.0.0.1:0 --root files --http {addr}".to_owned()
        };
        let arguments = arguments.split(' ').map(OsString::from);
        let subject = Subject {
            command: [program.into()].into_iter().chain(arguments).collect(),
            announces: false,
            profile: profile::ANY,
        };
        let guard = Server::start(&subject, address, &Faults::default());
        Ok(Self { name, guard })
    }

    /// Has wrk ask for a file for two seconds.
    fn turn(&self, wrk: &Path, (file, size, connections): Case) -> anyhow::Result<Turn> {
        let mut wrk = Command::new(wrk);
        // An answer that takes longer than the timeout counts as an error.
        wrk.args(["-t1", "-d2s", "--timeout", "10s", "-s", "wrk.lua"])
            .arg(format!("-c{connections}"))
            .arg(format!("http://{}/{file}", self.guard.address()));
        let before = self.times()?;
        let output = wrk.output()?;
        let after = self.times()?;
        let [spent, spent_by_wrk] = [after[0] - before[0], after[1] - before[1]];
        ensure!(self.guard.is_alive(), "it has ended");

        let text = String::from_utf8_lossy(&output.stdout);
        let complains = |line: &&str| line.contains("Socket errors") || line.contains("Non-2xx");
        for line in text.lines().filter(complains) {
            println!("{}, {file}: {}", self.name, line.trim());
        }
        let counted = text.lines().find_map(|line| line.strip_prefix("counted"));
        let words = counted.unwrap_or_default().split_whitespace();
        let numbers: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
        let [answers, bytes, microseconds] = numbers[..] else {
            bail!("wrk: {}", String::from_utf8_lossy(&output.stderr).trim());
        };
        let (whole, seconds) = (answers * size as f64, microseconds / 1e6);
        ensure!(bytes > whole, "{answers} answers in {bytes} bytes");
        let sent = if size < HUGE { whole } else { bytes };
        let share = |spent: f64| 100.0 * spent / seconds;
        let (rate, time) = (sent / seconds, spent / sent * 1e9);
        Ok([rate, time, share(spent), share(spent_by_wrk)])
    }

    /// Processor seconds of its own, and of the processes that have ended: each wrk so far.
    fn times(&self) -> anyhow::Result<[f64; 2]> {
        let own = suite::seen(self.guard.process().processor_time()).as_secs_f64();
        let ended = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let ended = ended.user_time() + ended.system_time();
        Ok([own, ended.num_microseconds() as f64 / 1e6])
    }
}

/// Bytes a second, seconds a GB, and percentages of a core: the server's and wrk's.
type Turn = [f64; 4];

fn print((file, size, connections): Case, servers: &[FileServer], turns: &[Vec<Turn>]) {
    let (unit, one) = match size < HUGE {
        true => ("files/s", size as f64),
        false => ("MB/s", 1e6),
    };
    let case = format!("{file} × {connections}");
    println!("\n{case:<13}{unit:>8}   s a GB server  wrk  stage-08's rate   time a GB");
    for (server, own) in servers.iter().zip(turns) {
        let median = |figure: usize| summary(own.iter().map(|turn| turn[figure])).0;
        let [rate, time, share, wrk] = [0, 1, 2, 3].map(median);
        let [by_rate, by_time] = [0, 1].map(|figure| {
            let rounds = turns[0].iter().zip(own);
            let ratios = rounds.map(|(stage, own)| stage[figure] / own[figure]);
            let (median, min, max) = summary(ratios);
            format!("{median:.2} ({min:.2}–{max:.2})")
        });
        print!("{:<13}{:>8.0}{time:>9.3}", server.name, rate / one);
        println!("{share:>6.0}%{wrk:>4.0}%  {by_rate:<16}  {by_time}");
    }
}

/// The median, the least and the most.
fn summary(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    let median = f64::midpoint(values[last / 2], values[last.div_ceil(2)]);
    (median, values[0], values[last])
}
