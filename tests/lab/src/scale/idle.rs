//! What a wake-up and an echo cost beside idle clients, for each model.

use serde::Serialize;

use super::Scope;
use super::stand::{Stand, rounds};
use super::study::{Curve, Figure, Study};
use crate::show::{Progress, number};
use crate::stats::median;
use crate::world::Room;
use crate::{Evidence, Lab};

/// Clients that talk at the same time, where an echo is measured. With one of them a server wakes up for each
/// echo.
const ACTIVE: usize = 64;
/// Clients of a process or a thread each that are many enough to show their curve.
const WORKERS: usize = 1_000;
/// Idle clients that select has room for, beside 64 that talk, below descriptor 1,024.
pub(super) const BELOW_1024: usize = 940;

/// A model of a server that can have idle clients.
struct Model {
    stage: u8,
    name: &'static str,
    /// The most idle clients that it is measured with.
    most: usize,
}

const MODELS: [Model; 6] = [
    model(2, "02 fork", WORKERS),
    model(3, "03 thread", WORKERS),
    model(4, "04 select", BELOW_1024),
    model(5, "05 poll", usize::MAX),
    model(6, "06 epoll LT", usize::MAX),
    model(7, "07 epoll ET", usize::MAX),
];

const fn model(stage: u8, name: &'static str, most: usize) -> Model {
    Model { stage, name, most }
}

/// What a model costs at some number of idle clients.
#[derive(Clone, Copy, Debug, Serialize)]
struct Cost {
    idle: usize,
    /// Microseconds of the server's processor time for an echo: the median of the rounds.
    micros: f64,
    /// Of what it costs without idle clients: the median of the rounds' own ratios.
    of_none: f64,
}

/// A model's costs: for a wake-up, and for an echo.
type Costs = [Vec<Cost>; 2];

/// Runs it.
pub(super) fn run(lab: &Lab, scope: &Scope, progress: &Progress) -> anyhow::Result<Study> {
    let mut notes = Vec::new();
    let wanted = scope.levels.iter().copied().max().unwrap_or(0);
    let room = Room::for_connections("idle", wanted + ACTIVE);
    let most = Room {
        what: "idle",
        wanted,
        given: room.given - ACTIVE,
    };
    if most.is_reduced() {
        notes.push(most.to_string());
    }
    let mut figures = [
        figure("A wake-up: the server's processor time for an echo to 1 client"),
        figure("An echo: the server's processor time, while 64 clients talk"),
    ];
    let mut evidence = Evidence::new();
    for model in MODELS {
        let mut levels: Vec<usize> = (scope.levels.iter())
            .map(|level| *level.min(&model.most).min(&most.given))
            .collect();
        levels.dedup();
        let costs = measure(lab, &model, &levels, scope, progress)?;
        for (figure, costs) in figures.iter_mut().zip(&costs) {
            // There is no 0 on a logarithmic axis.
            let points = costs.iter().filter(|cost| cost.idle > 0);
            let points = points.map(|cost| (cost.idle as f64, cost.micros)).collect();
            figure.curves.push(Curve::own(model.name, points));
        }
        judge(&model, &costs, &mut evidence);
    }
    if scope.cores.is_none() {
        notes.push("Server and load share the one core that there is: ratios are rough.".into());
    }
    Ok(Study {
        name: "echo",
        title: "What a wake-up and an echo cost beside idle clients",
        about: "Clients are idle, each connected and answered once; then 1 client talks, or 64 do, one \
                64-byte message at a time. The time is the server's processor time; each point is a \
                server of its own, and all points of a model take turns. Ratios are to none idle.",
        notes,
        figures: figures.into(),
        evidence,
    })
}

fn figure(title: &'static str) -> Figure {
    Figure {
        title,
        x: "idle clients",
        y: "µs",
        curves: Vec::new(),
    }
}

fn measure(
    lab: &Lab,
    model: &Model,
    levels: &[usize],
    scope: &Scope,
    progress: &Progress,
) -> anyhow::Result<Costs> {
    let mut stands = Vec::new();
    for level in levels {
        progress.step(format!("{}: {} idle", model.name, number(*level as u64)));
        stands.push(Stand::start(lab, model.stage, *level, scope)?);
    }
    let mut costs = Costs::default();
    for (costs, active) in costs.iter_mut().zip([1, ACTIVE]) {
        progress.step(format!("{}: {active} active", model.name));
        for stand in &mut stands {
            stand.connect(active, scope)?;
        }
        let figures = rounds(&mut stands, scope)?;
        for (stand, figure) in stands.iter().zip(&figures) {
            let ratios = figure.iter().zip(&figures[0]);
            costs.push(Cost {
                idle: stand.idle(),
                micros: median(figure.iter().copied()),
                of_none: median(ratios.map(|(own, none)| own / none)),
            });
        }
        progress.done();
    }
    Ok(costs)
}

/// What an idle client costs the others: nothing where the kernel calls, much where all are scanned.
fn judge(model: &Model, [wakeup, echo]: &Costs, evidence: &mut Evidence) {
    let (Some(wakeup), Some(echo)) = (wakeup.last(), echo.last()) else {
        return;
    };
    let idle = number(echo.idle as u64);
    let mut ratio = |of: &str, cost: &Cost, expected: &str, holds: bool| {
        let what = format!("{}: {of} beside {idle}", model.name);
        evidence.shape(what, format!("{:.2} ×", cost.of_none), expected, holds);
    };
    match model.stage {
        4 | 5 => {
            // A scan is paid for once a wake-up: 64 that are ready at once share it.
            ratio("wake-up", wakeup, "≥ 1.50 ×", wakeup.of_none >= 1.5);
            let expected = if echo.idle >= 5_000 {
                "≥ 1.50 ×"
            } else {
                ""
            };
            ratio(
                "echo",
                echo,
                expected,
                expected.is_empty() || echo.of_none >= 1.5,
            );
        }
        6 | 7 => {
            ratio("wake-up", wakeup, "", true);
            ratio("echo", echo, "≤ 1.10 ×", echo.of_none <= 1.1);
        }
        _ => {
            ratio("wake-up", wakeup, "", true);
            ratio("echo", echo, "", true);
        }
    }
}
