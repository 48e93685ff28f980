//! Measures the processor time that servers spend on an echo, side by side:
//!
//! ```text
//! cargo run --release -p suite --example echo_cost -- [IDLE] -- COMMAND {addr} -- COMMAND {addr} …
//! ```
//!
//! 64 clients send 64 bytes each, wait until they are back, compare them, and send again; IDLE more
//! (none, unless said) are connected and silent. A server has core 0 to itself, the clients core 1. In each
//! round each server has its turn; what is printed are the medians, and the median of the rounds' own
//! ratios to the first server. The time is the kernel's (schedstat), so a server that waits pays
//! nothing, and the work that the kernel does for it is counted. It needs two cores.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::Pid;
use suite::{Client, Server, Subject, pattern, profile};

const ROUNDS: usize = 41;
const CLIENTS: usize = 64;
const SIZE: usize = 64;
/// Echoes of each client in a server's turn.
const ECHOES: usize = 100;

fn main() -> ExitCode {
    match run(std::env::args_os().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo_cost: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<OsString>) -> anyhow::Result<()> {
    let mut groups = arguments.split(|argument| argument == "--");
    let idle = match groups.next().unwrap_or_default() {
        [] => 0,
        [number, ..] => number.to_string_lossy().parse()?,
    };
    let commands: Vec<Vec<OsString>> = groups.map(<[_]>::to_vec).collect();
    anyhow::ensure!(
        !commands.is_empty() && commands.iter().all(|command| !command.is_empty()),
        "no server is given: [IDLE] -- COMMAND {{addr}} …"
    );
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;

    let servers: Vec<Server> = commands
        .iter()
        .map(|command| start(command))
        .collect::<Result<_, _>>()?;
    run_on(1)?;
    let mut rounds: Vec<Vec<f64>> = Vec::new();
    for _ in 0..ROUNDS {
        let turns = servers.iter().map(|server| turn(server, idle));
        rounds.push(turns.collect::<anyhow::Result<_>>()?);
    }
    println!(
        "{CLIENTS} clients of {SIZE} bytes, {idle} idle, {ROUNDS} rounds of {} echoes",
        CLIENTS * ECHOES
    );
    println!("  µs an echo (min … max)     of the first   server");
    for (number, command) in commands.iter().enumerate() {
        let (median, min, max) = summary(rounds.iter().map(|round| round[number]));
        let (ratio, _, _) = summary(rounds.iter().map(|round| round[number] / round[0]));
        let name = command[0].to_string_lossy();
        println!("  {median:6.2} ({min:.2} … {max:.2})    {ratio:12.3}   {name}");
    }
    Ok(())
}

fn start(command: &[OsString]) -> anyhow::Result<Server> {
    // A process inherits the core that its maker runs on.
    run_on(0)?;
    let subject = Subject {
        command: command.to_vec(),
        announces: false,
        profile: profile::ANY,
    };
    Ok(subject.start())
}

fn run_on(core: usize) -> anyhow::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core)?;
    Ok(sched_setaffinity(Pid::from_raw(0), &cores)?)
}

/// Microseconds of processor time that `server` spends on an echo.
fn turn(server: &Server, idle: usize) -> anyhow::Result<f64> {
    let idle: Vec<Client> = (0..idle).map(|_| server.connect()).collect();
    let active: Vec<Client> = (0..CLIENTS).map(|_| server.connect()).collect();
    active.iter().for_each(|client| client.echo(b"in"));
    talk(&active, 2)?;
    let before = server.process().processor_time();
    talk(&active, ECHOES)?;
    let spent = server.process().processor_time() - before;
    // No turn has to pay for connections of another that are in TIME_WAIT.
    idle.into_iter().chain(active).for_each(Client::reset);
    Ok(spent.as_secs_f64() * 1e6 / (CLIENTS * ECHOES) as f64)
}

/// Has each client send and receive so many times.
fn talk(clients: &[Client], echoes: usize) -> anyhow::Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    for (number, client) in clients.iter().enumerate() {
        epoll.add(
            client.stream(),
            EpollEvent::new(EpollFlags::EPOLLIN, number as u64),
        )?;
        client.stream().write_all(pattern(number, SIZE))?;
    }
    let mut left = vec![echoes; clients.len()];
    let mut events = [EpollEvent::empty(); CLIENTS];
    while left.iter().any(|&left| left > 0) {
        let ready = epoll.wait(&mut events, EpollTimeout::from(10_000_u16))?;
        anyhow::ensure!(ready > 0, "the server has stopped answering");
        for event in &events[..ready] {
            let number = event.data() as usize;
            let client = &clients[number];
            // So few bytes come at once, or the rest of them very soon.
            suite::assert_same(pattern(number, SIZE), &client.receive(SIZE));
            left[number] -= 1;
            if left[number] > 0 {
                client.stream().write_all(pattern(number, SIZE))?;
            }
        }
    }
    Ok(())
}

/// The median, the least and the most.
fn summary(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    (
        values[values.len() / 2],
        values[0],
        values[values.len() - 1],
    )
}
