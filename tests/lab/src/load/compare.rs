//! Servers side by side: started here, and measured in turns.

use anyhow::{Context, ensure};
use serde::Serialize;
use suite::{Server, Subject, profile};

use super::{Cores, Holder, Load, Measured, Options, Restore};
use crate::Lab;
use crate::show::{Align, Document, Progress, Shown, Table, Tone, number};
use crate::stats::{median, spread};
use crate::world::attempt;

/// A server in the comparison, its clients, and what its turns have shown.
struct Contender {
    name: String,
    _server: Server,
    idle: Option<Holder>,
    load: Load,
    turns: Vec<Measured>,
}

/// What a server's turns have shown.
#[derive(Debug, Serialize)]
struct Row {
    server: String,
    /// Microseconds of the server's processor time for an echo: the median of the turns, the least, the
    /// most.
    cost: (f64, f64, f64),
    /// The median of the rounds' own ratios to the first server.
    of_the_first: f64,
    /// Microseconds of the load's for an echo, and the median of the turns' own ratios to the server's.
    load: f64,
    load_of_the_server: f64,
    /// Echoes a second.
    rate: f64,
    /// Microseconds: the medians of the turns' percentiles.
    median_latency: f64,
    p99_latency: f64,
}

/// Servers side by side.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    rounds: usize,
    pinned: bool,
    idle: usize,
    /// Whether every turn of every server was without a loss.
    pub(super) is_clean: bool,
    rows: Vec<Row>,
}

/// Starts the servers, connects to them, and gives each its turn, `rounds` times.
pub(super) fn compare(lab: &Lab, options: &Options) -> anyhow::Result<Comparison> {
    let _restore = Restore::later();
    let cores = Cores::two();
    let commands: Vec<&[String]> = options.servers.split(|word| word == "--").collect();
    let progress = Progress::new(commands.len() * (1 + options.rounds));
    let mut contenders = Vec::new();
    for command in commands {
        progress.step(command.join(" "));
        contenders.push(Contender::start(lab, command, options, cores)?);
        progress.done();
    }
    for round in 0..options.rounds {
        // Who was first is last next: whatever comes and goes on the machine meets all of them.
        contenders.rotate_left(usize::from(round > 0));
        for contender in &mut contenders {
            progress.step(contender.name.clone());
            contender.turns.push(contender.load.measure(&mut || ())?);
            progress.done();
        }
    }
    let back = (options.rounds - 1) % contenders.len();
    contenders.rotate_right(back);
    Ok(Comparison {
        rounds: options.rounds,
        pinned: cores.is_some(),
        idle: contenders[0].idle(),
        is_clean: (contenders.iter())
            .all(|contender| contender.turns.iter().all(Measured::is_clean)),
        rows: (contenders.iter())
            .map(|contender| contender.row(&contenders[0]))
            .collect(),
    })
}

impl Contender {
    fn start(
        lab: &Lab,
        command: &[String],
        options: &Options,
        cores: Option<Cores>,
    ) -> anyhow::Result<Self> {
        ensure!(!command.is_empty(), "a server's command is empty");
        let server = start(lab, command)?;
        if let Some(cores) = cores {
            cores.assign(server.process())?;
        }
        let mut plan = options.plan(server.address(), 0.3);
        let idle = match plan.idle {
            0 => None,
            idle => Some(Holder::start(lab, server.address(), idle)?),
        };
        plan.idle = 0;
        plan.server = Some(server.process());
        let load = Load::connect(plan, &mut |_| ());
        let name = command.join(" ");
        Ok(Self {
            load: load.with_context(|| name.clone())?,
            name,
            _server: server,
            idle,
            turns: Vec::new(),
        })
    }

    fn idle(&self) -> usize {
        self.idle.as_ref().map_or(0, Holder::count)
    }

    fn costs(&self) -> impl Iterator<Item = f64> {
        self.turns.iter().filter_map(Measured::server_cost)
    }

    fn row(&self, first: &Self) -> Row {
        let each = |value: fn(&Measured) -> f64| median(self.turns.iter().map(value));
        let loads = self.turns.iter().map(Measured::load_cost);
        Row {
            server: self.name.clone(),
            cost: spread(self.costs()),
            of_the_first: median(self.costs().zip(first.costs()).map(|(own, of)| own / of)),
            load: each(Measured::load_cost),
            load_of_the_server: median(loads.zip(self.costs()).map(|(load, own)| load / own)),
            rate: each(Measured::rate),
            median_latency: each(|turn| turn.latency.p50),
            p99_latency: each(|turn| turn.latency.p99),
        }
    }
}

/// Starts a server: a stage by its number, or a command with `{addr}` or `{port}` in it.
fn start(lab: &Lab, command: &[String]) -> anyhow::Result<Server> {
    if let [number] = command
        && let Ok(number @ 1..=8) = number.parse::<u8>()
    {
        return lab.start(number);
    }
    let subject = Subject {
        command: command.iter().map(Into::into).collect(),
        announces: false,
        profile: profile::ANY,
    };
    attempt(|| subject.start()).with_context(|| command.join(" "))
}

impl Shown for Comparison {
    const KIND: &'static str = "load comparison";

    fn document(&self) -> Document {
        let mut document = Document::new("Servers side by side");
        let idle = number(self.idle as u64);
        let cores = match self.pinned {
            true => "load and server on a core each",
            false => "load and server on one core",
        };
        document.text(format!(
            "{} rounds in turns, {idle} idle clients, {cores}. Processor time is in µs an echo.",
            self.rounds
        ));
        let mut table = Table::new([
            ("server", Align::Left),
            ("time", Align::Right),
            ("least … most", Align::Right),
            ("of the first", Align::Right),
            ("load/server", Align::Right),
            ("echoes/s", Align::Right),
        ]);
        for row in &self.rows {
            let (cost, least, most) = row.cost;
            table.row([
                row.server.clone(),
                format!("{cost:.2}"),
                format!("{least:.2} … {most:.2}"),
                format!("{:.3}", row.of_the_first),
                format!("{:.3}", row.load_of_the_server),
                number(row.rate as u64),
            ]);
        }
        document.table(table);
        if !self.is_clean {
            document.toned(
                Tone::Bad,
                "Not all came back as it was sent: try each server alone.",
            );
        }
        document
    }
}
