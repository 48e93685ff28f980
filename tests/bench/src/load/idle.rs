//! Idle clients in a process of their own, which has its own descriptor table.

use std::any::Any;
use std::io::Read;
use std::{io, time::Duration};

use anyhow::{Context, bail};

use super::{Load, Plan};

/// Idle clients of a server; dropping it resets their connections.
#[derive(Debug)]
pub struct Idle {
    count: usize,
    _process: Box<dyn Any>,
}

impl Idle {
    /// Takes over a `process` that runs [`hold_idle`], and the line that it has printed.
    ///
    /// # Errors
    ///
    /// Returns the line if it says why nobody could connect.
    pub fn held_by(process: impl Any, printed: &str) -> anyhow::Result<Self> {
        match printed.parse() {
            Ok(count) => Ok(Self {
                count,
                _process: Box::new(process),
            }),
            Err(_) => bail!("{printed}"),
        }
    }

    /// Returns how many idle clients there are: fewer than requested if descriptors ran short.
    pub const fn count(&self) -> usize {
        self.count
    }
}

/// Runs the process of `idle ADDR N`, which holds idle clients: prints how many it has connected, or why it could not,
/// and holds them until its standard input ends.
///
/// # Errors
///
/// Fails if the arguments are not an address and a number.
pub fn hold_idle(arguments: &[String]) -> anyhow::Result<()> {
    let [address, wanted] = arguments else {
        bail!("idle ADDR N");
    };
    let mut plan = Plan::new(address.parse().context("ADDR")?);
    (plan.active, plan.idle) = (0, wanted.parse().context("N")?);
    // A server that scans everything at each wake-up takes a while to let in the last of many.
    plan.patience = Duration::from_secs(15);
    plan.fit();
    let held = Load::connect(plan);
    match &held {
        Ok(load) => println!("{}", load.idle()),
        Err(error) => println!("{error:#}"),
    }
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
