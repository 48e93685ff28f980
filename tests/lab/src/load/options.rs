//! What can be asked of the load generator.

use std::net::SocketAddr;
use std::time::Duration;

use bench::{Pace, Plan};
use clap::Args;
use suite::Process;

/// What can be asked of it.
#[derive(Debug, Args)]
pub struct Options {
    /// Where the server listens: 127.0.0.1:7006 or [::1]:7006
    #[arg(required_unless_present_any = ["servers", "files"], conflicts_with_all = ["servers", "files"])]
    pub(super) address: Option<SocketAddr>,
    /// Clients that are connected and say nothing
    #[arg(long, value_name = "N", default_value_t = 0)]
    idle: usize,
    /// Clients that talk
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = at_least_one)]
    active: usize,
    /// Bytes of a message
    #[arg(long, value_name = "BYTES", default_value_t = 64, value_parser = at_least_one)]
    size: usize,
    /// Messages that a client sends at a time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    burst: usize,
    /// Open loop: so many messages a second, of all clients together, whether the server keeps up or
    /// not. Without it a client waits for its echoes before it sends again
    #[arg(long, value_name = "PER_SECOND", value_parser = positive)]
    rate: Option<f64>,
    /// For how long [default: 5; 0.3 a turn with servers to compare]
    #[arg(long, value_name = "S", value_parser = positive)]
    seconds: Option<f64>,
    /// The server's process, if it cannot be found by its address
    #[arg(long)]
    pid: Option<i32>,
    /// Put server and load on a core each
    #[arg(long)]
    pub(super) pin: bool,
    /// Compare stage 8 with nginx as servers of files; needs nginx, wrk and two cores, and takes two
    /// minutes
    #[arg(long, conflicts_with = "servers")]
    pub(super) files: bool,
    /// Turns of each server that is to be compared [default: 9; 5 with --files]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(super) rounds: Option<usize>,
    /// Servers to start and compare, in turns: `-- 06 -- reactor -- ./my-server {addr}`; a number is a stage,
    /// a name a program of the chapters after the course
    #[arg(last = true, value_name = "SERVER")]
    pub(super) servers: Vec<String>,
}

impl Options {
    /// The load that was asked for, on the server at `address`; for `seconds` if it was not said how long.
    pub(super) fn plan(&self, address: SocketAddr, seconds: f64) -> Plan {
        Plan {
            idle: self.idle,
            active: self.active,
            size: self.size,
            burst: self.burst,
            pace: self.rate.map_or(Pace::Closed, Pace::Open),
            duration: Duration::from_secs_f64(self.seconds.unwrap_or(seconds)),
            server: self.pid.map(Process::new),
            ..Plan::new(address)
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number: Result<usize, _> = text.parse();
    let number = number.map_err(|error| error.to_string())?;
    match number {
        1..=1_000_000_000 => Ok(number),
        _ => Err("from 1 to 1,000,000,000".into()),
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "a number".to_owned())?;
    match number > 0.0 && number <= 1e9 {
        true => Ok(number),
        false => Err("above 0, and 1,000,000,000 at most".into()),
    }
}
