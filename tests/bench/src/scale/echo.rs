//! The costs of a wake-up and of an echo next to idle clients, for each model.

use suite::{Room, number};

use super::shape::{Bounds, UNBOUNDED, at_least, at_most};
use super::{ACTIVE, BELOW_1024, Findings, Scope};
use crate::stand::cost;
use crate::{Curve, Figure, OnStep, Spread, median};

/// As many clients with a process or thread each as their curve needs.
const WORKERS: usize = 1_000;

/// The models that can hold idle clients: stage, name, and the most it is measured with.
const MODELS: [(u8, &str, usize); 6] = [
    (2, "02 fork", WORKERS),
    (3, "03 thread", WORKERS),
    (4, "04 select", BELOW_1024),
    (5, "05 poll", usize::MAX),
    (6, "06 epoll LT", usize::MAX),
    (7, "07 epoll ET", usize::MAX),
];

/// The figures: each with its title and the number of clients that talk. With a single one, the server wakes up for
/// each echo.
const FIGURES: [(&str, &str, usize); 2] = [
    (
        "A wake-up: the server's CPU time for an echo to 1 client",
        "wake-up",
        1,
    ),
    (
        "An echo: the server's CPU time, while 64 clients talk",
        "echo",
        ACTIVE,
    ),
];

/// Measures it.
pub(super) fn run(scope: &Scope, progress: OnStep) -> anyhow::Result<Findings> {
    let mut found = Findings::default();
    let wanted = scope.levels.iter().copied().max().unwrap_or(0);
    let room = Room::for_connections("idle", wanted + ACTIVE);
    let most = found.fit(Room::within("idle", wanted, room.given - ACTIVE));
    let mut figures = FIGURES.map(|(title, ..)| Figure::new(title, "idle clients", "µs"));
    for (stage, name, its_most) in MODELS {
        progress(&format!("{name}: idle clients"));
        let levels = scope.levels.iter();
        let mut levels: Vec<usize> = levels
            .map(|level| *level.min(&its_most).min(&most))
            .collect();
        levels.dedup();
        let stands = levels
            .into_iter()
            .map(|level| scope.stand((stage, name), level));
        let stands = stands.collect::<anyhow::Result<Vec<_>>>()?;
        for (figure, (_, what, active)) in figures.iter_mut().zip(FIGURES) {
            progress(&format!("{name}: {active} active"));
            let turns = scope.turns(&stands, active)?;
            let points = stands.iter().zip(&turns);
            let points =
                points.map(|(stand, turns)| (stand.idle() as f64, median(turns.iter().map(cost))));
            // A logarithmic axis has no 0.
            let points = points.filter(|(idle, _)| *idle > 0.0).collect();
            figure.curves.push(Curve::own(name, points));
            let last = stands.len() - 1;
            let idle = stands[last].idle();
            let what = format!("{name}: {what} next to {}", number(idle));
            let bounds = bounds(stage, active, idle);
            found.ratio(
                what,
                Spread::of_ratios(&turns[last], &turns[0], cost).median,
                bounds,
            );
        }
    }
    found.figures = figures.into();
    if scope.cores.is_none() {
        let rough = "Server and load share this machine's only core, so the ratios are rough.";
        found.notes.push(rough.into());
    }
    Ok(found)
}

/// Returns how much `idle` clients may cost the others, as a ratio to none: nothing where the kernel reports by itself,
/// much where everything is scanned. A scan is paid once per wake-up, so 64 clients that are ready together share it.
const fn bounds(stage: u8, active: usize, idle: usize) -> Bounds {
    match (stage, active) {
        (4 | 5, 1) => at_least(1.5),
        (4 | 5, _) if idle >= 5_000 => at_least(1.5),
        (6 | 7, ACTIVE) => at_most(1.1),
        _ => UNBOUNDED,
    }
}
