//! Servers compared side by side, taking turns.

use serde::Serialize;
use suite::Server;

use crate::stand::{self, Stand, cost};
use crate::{Cores, Measured, OnStep, Plan, Restore, Spread, median};

/// A server's results next to the others'.
#[derive(Debug, Serialize)]
pub struct Standing {
    /// Its name.
    pub server: String,
    /// Microseconds of the server's CPU time for an echo, over the turns.
    pub cost: Spread,
    /// The median of each round's ratio to the first server.
    pub of_the_first: f64,
    /// Microseconds of the load's CPU time for an echo.
    pub load: f64,
    /// The median of each turn's ratio of the load's CPU time to the server's.
    pub load_of_the_server: f64,
    /// Echoes a second.
    pub rate: f64,
    /// Microseconds: the median of the turns' medians.
    pub median_latency: f64,
    /// Microseconds: the median of the turns' 99th percentiles.
    pub p99_latency: f64,
}

/// Servers side by side.
#[derive(Debug, Serialize)]
pub struct ServerComparison {
    /// Turns of each.
    pub rounds: usize,
    /// True if load and server had a core each.
    pub pinned: bool,
    /// Idle clients of each server.
    pub idle: usize,
    /// True if no turn of any server had a loss.
    pub is_clean: bool,
    /// The servers, in the order in which they were named.
    pub rows: Vec<Standing>,
}

/// Connects to `servers`, each with its name, and gives each `count` turns. `plan` says what a turn does; its address
/// does not matter. Calls `progress` with a name at each step: once per server and once per turn.
///
/// # Errors
///
/// Fails if a server lets nobody in, or its CPU time is unknown.
pub fn compare(
    servers: Vec<(String, Server)>,
    plan: &Plan,
    count: usize,
    progress: OnStep,
) -> anyhow::Result<ServerComparison> {
    let _restore = Restore::later();
    let cores = Cores::two();
    let stands = servers.into_iter().map(|(name, server)| {
        progress(&name);
        Stand::new(name, server, plan.idle, cores)
    });
    let stands = stands.collect::<anyhow::Result<Vec<_>>>()?;
    let turns = stand::measure(&stands, plan, count, progress)?;
    let rows = stands.iter().zip(&turns).map(|(stand, own)| {
        let median = |value: fn(&Measured) -> f64| median(own.iter().map(value));
        Standing {
            server: stand.name.clone(),
            cost: Spread::of(own.iter().map(cost)),
            of_the_first: Spread::of_ratios(own, &turns[0], cost).median,
            load: median(Measured::load_cost),
            load_of_the_server: median(|turn| turn.load_cost() / cost(turn)),
            rate: median(Measured::rate),
            median_latency: median(|turn| turn.latency.p50),
            p99_latency: median(|turn| turn.latency.p99),
        }
    });
    Ok(ServerComparison {
        rounds: count,
        pinned: cores.is_some(),
        idle: stands.first().map_or(0, Stand::idle),
        is_clean: turns.iter().flatten().all(Measured::is_clean),
        rows: rows.collect(),
    })
}
