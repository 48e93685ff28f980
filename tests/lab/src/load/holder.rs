//! Idle clients in a process of their own: its table of descriptors is another one.

use std::io::Read;
use std::net::SocketAddr;
use std::{io, time::Duration};

use anyhow::{Context, bail};

use super::{Load, Plan};
use crate::Lab;
use crate::world::{Specimen, SpecimenMain};

/// The programs of this module, by name.
pub(crate) const SPECIMENS: &[(&str, SpecimenMain)] = &[("idle", idle)];

/// Idle clients of a server; they leave, by resets, when this is dropped.
#[derive(Debug)]
pub struct Holder {
    _process: Specimen,
    count: usize,
}

impl Holder {
    /// Connects as many of `wanted` as there are descriptors for, and has each be answered once.
    ///
    /// # Errors
    ///
    /// Those of [`Load::connect`], in the other process.
    pub fn start(lab: &Lab, address: SocketAddr, wanted: usize) -> anyhow::Result<Self> {
        let (place, number) = (address.to_string(), wanted.to_string());
        let mut process = lab.specimen("idle", &[&place, &number])?;
        let said = process.hear()?;
        match said.parse() {
            Ok(count) => Ok(Self {
                _process: process,
                count,
            }),
            Err(_) => bail!("{said}"),
        }
    }

    /// How many they are.
    pub const fn count(&self) -> usize {
        self.count
    }
}

/// `idle ADDR N`: says how many clients it has connected, or why it could not; then holds them until its
/// standard input ends.
fn idle(arguments: &[String]) -> anyhow::Result<()> {
    let [address, wanted] = arguments else {
        bail!("idle ADDR N");
    };
    let mut plan = Plan::new(address.parse().context("ADDR")?);
    (plan.active, plan.idle) = (0, wanted.parse().context("N")?);
    // A server that scans all at each wake-up takes its time to let in the last of many.
    plan.patience = Duration::from_secs(15);
    plan.fit();
    let held = Load::connect(plan, &mut |_| ());
    match &held {
        Ok(load) => println!("{}", load.idle()),
        Err(error) => println!("{error:#}"),
    }
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
