//! The CPU time of an echo, next to few idle clients and next to many.

use anyhow::{Context, bail, ensure};
use bench::{median, rounds, stay_on_one_core};
use suite::{Client, Server, eventually, leave};

use crate::{Evidence, Lab};

/// Idle clients: few, and as many as fit into select's set.
const FEW: usize = 10;
const MANY: usize = 900;
/// The fewest that cost clearly more than the echo itself.
const ENOUGH: usize = 200;
const STAGES: [(u8, &str); 3] = [(4, "select"), (5, "poll"), (6, "epoll")];
/// Echoes per round, and rounds.
const ECHOES: u32 = 40;
const ROUNDS: usize = 9;

/// The cost of select and poll grows with the idle clients; epoll's does not (C19).
///
/// Only large differences are asserted. The time is CPU time, which does not include waiting. All servers take turns,
/// so that other load hits each of them, and medians count.
pub(super) fn processor_time(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let room = evidence.room("idle", STAGES.len() * (FEW + MANY + 2));
    let crowd = room / STAGES.len() - FEW - 2;
    ensure!(
        crowd >= ENOUGH,
        "only {room} clients fit, and a slope needs more"
    );
    let costs = measure(lab, [FEW, crowd])?;
    for ((_, name), [few, many]) in STAGES.into_iter().zip(&costs) {
        let doubles = *many >= 2.0 * few;
        let (expected, holds) = match name {
            "epoll" => ("less than twice", !doubles),
            _ => ("twice, or more", doubles),
        };
        let what = format!("{name}: an echo next to {FEW}, next to {crowd} idle");
        evidence.shape(what, micros(*few, *many), expected, holds);
    }
    let [[_, select], [_, poll], [_, epoll]] = costs[..] else {
        bail!("a stage has no measurement");
    };
    let cheaper = select.min(poll);
    let what = "epoll, and the cheaper of the others";
    let holds = cheaper >= 2.0 * epoll;
    evidence.shape(what, micros(epoll, cheaper), "twice, or more", holds);
    Ok(())
}

fn micros(one: f64, other: f64) -> String {
    format!("{one:.0}, {other:.0} µs")
}

/// Returns the microseconds that an echo costs at each stage, next to either crowd.
fn measure(lab: &Lab, crowds: [usize; 2]) -> anyhow::Result<Vec<[f64; 2]>> {
    for (stage, _) in STAGES {
        lab.stage(stage)?; // the compiler may use more than one core
    }
    let _restore = stay_on_one_core()?;
    let mut rivals = Vec::new();
    for (stage, idle) in STAGES
        .iter()
        .flat_map(|(stage, _)| crowds.map(|idle| (*stage, idle)))
    {
        let server = lab.start(stage)?;
        let clients = server.crowd(idle + 1);
        rivals.push((server, clients));
    }
    let costs = rounds(&mut rivals, ROUNDS, |(server, clients)| {
        cost_of_an_echo(server, clients.last().context("nobody came")?)
    })?;
    rivals.into_iter().for_each(|(_, clients)| leave(clients));
    let medians: Vec<f64> = costs.into_iter().map(median).collect();
    let (pairs, _) = medians.as_chunks();
    Ok(pairs.to_vec())
}

/// Returns the microseconds of the server's CPU time per echo of a round. The kernel's figure is exact while the server
/// sleeps.
fn cost_of_an_echo(server: &Server, client: &Client) -> anyhow::Result<f64> {
    let spent = || {
        let process = server.process();
        eventually("the server to sleep", || process.state() == 'S');
        process
            .family_processor_time()
            .context("the server's CPU time is unknown")
    };
    let before = spent()?;
    (0..ECHOES).for_each(|_| client.echo(b"a word"));
    Ok((spent()? - before).as_secs_f64() * 1e6 / f64::from(ECHOES))
}
