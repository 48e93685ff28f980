//! The CPU time of an echo, next to few idle clients and next to many.

use anyhow::{Context, bail, ensure};
use bench::{median, rounds, stay_on_one_core};
use suite::{Client, Server, eventually, leave};

use crate::world::crowd;
use crate::{Evidence, Lab};

/// Idle clients: few, and as many as fit into the set of select.
const FEW: usize = 10;
const MANY: usize = 900;
/// The fewest that cost much more than the echo itself.
const ENOUGH: usize = 200;
const STAGES: [(u8, &str); 3] = [(4, "select"), (5, "poll"), (6, "epoll")];
/// Echoes a round, and rounds.
const ECHOES: u32 = 40;
const ROUNDS: usize = 9;

/// The cost of select and poll grows with the idle clients, that of epoll does not (C19).
///
/// Only what is far apart is asserted. It is processor time, of which waiting is no part; all servers
/// take turns, so that whatever else this machine does meets each of them; and medians count.
pub(super) fn processor_time(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let room = evidence.room("idle", STAGES.len() * (FEW + MANY + 2));
    let crowd = room / STAGES.len() - FEW - 2;
    ensure!(
        crowd >= ENOUGH,
        "there is room for {room} clients, and a slope needs more"
    );
    let costs = measure(lab, [FEW, crowd])?;
    for ((_, name), [few, many]) in STAGES.into_iter().zip(&costs) {
        let doubles = *many >= 2.0 * few;
        let (expected, holds) = match name {
            "epoll" => ("less than twice", !doubles),
            _ => ("twice, or more", doubles),
        };
        let what = format!("{name}: an echo beside {FEW}, beside {crowd} idle");
        evidence.shape(what, micros(*few, *many), expected, holds);
    }
    let [[_, select], [_, poll], [_, epoll]] = costs[..] else {
        bail!("a stage was not measured");
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

/// Returns the microseconds that an echo costs at each stage, next to the one crowd and next to the other.
fn measure(lab: &Lab, crowds: [usize; 2]) -> anyhow::Result<Vec<[f64; 2]>> {
    for (stage, _) in STAGES {
        lab.stage(stage)?; // a compiler should have more than one core
    }
    let _restore = stay_on_one_core()?;
    let mut contenders = Vec::new();
    for (stage, _) in STAGES {
        for idle in crowds {
            contenders.push(Rival::new(lab, stage, idle)?);
        }
    }
    let costs = rounds(&mut contenders, ROUNDS, Rival::run)?;
    contenders.into_iter().for_each(|all| leave(all.idle));
    let medians: Vec<f64> = costs.into_iter().map(median).collect();
    let (pairs, _) = medians.as_chunks();
    Ok(pairs.to_vec())
}

/// A server with its clients.
struct Rival {
    server: Server,
    idle: Vec<Client>,
    active: Client,
}

impl Rival {
    fn new(lab: &Lab, stage: u8, idle: usize) -> anyhow::Result<Self> {
        let server = lab.start(stage)?;
        let mut idle = crowd(&server, idle + 1);
        let active = idle.pop().context("nobody came")?;
        Ok(Self {
            server,
            idle,
            active,
        })
    }

    /// Returns the microseconds that an echo costs in a round.
    fn run(&mut self) -> anyhow::Result<f64> {
        let before = self.spent()?;
        (0..ECHOES).for_each(|_| self.active.echo(b"a word"));
        Ok((self.spent()? - before) / f64::from(ECHOES))
    }

    /// Returns the microseconds of CPU time of the server, which are exact while it sleeps.
    fn spent(&self) -> anyhow::Result<f64> {
        let process = self.server.process();
        eventually("the server to sleep", || process.state() == 'S');
        let spent = process.family_processor_time();
        let spent = spent.context("the server's CPU time is not known")?;
        Ok(spent.as_secs_f64() * 1e6)
    }
}
