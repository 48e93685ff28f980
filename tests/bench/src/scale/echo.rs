//! What a wake-up and an echo cost beside idle clients, for each model.

use suite::{Room, number};

use super::shape::Bound::{AtLeast, AtMost};
use super::{Scope, Shape, Study};
use crate::{Curve, Figure, OnStep, median, median_ratio};

/// Clients that talk at the same time, where an echo is measured. With one of them a server wakes up for each
/// echo.
const ACTIVE: usize = 64;
/// Clients of a process or a thread each that are many enough to show their curve.
const WORKERS: usize = 1_000;
/// Idle clients that select has room for, beside 64 that talk, below descriptor 1,024.
pub(super) const BELOW_1024: usize = 940;

/// A model of a server that can have idle clients: its stage, its name, and the most that it is measured with.
type Model = (u8, &'static str, usize);

const MODELS: [Model; 6] = [
    (2, "02 fork", WORKERS),
    (3, "03 thread", WORKERS),
    (4, "04 select", BELOW_1024),
    (5, "05 poll", usize::MAX),
    (6, "06 epoll LT", usize::MAX),
    (7, "07 epoll ET", usize::MAX),
];

/// What a model costs at some number of idle clients.
#[derive(Clone, Copy, Debug)]
struct Cost {
    idle: usize,
    /// Microseconds of the server's CPU time for an echo: the median of the rounds.
    micros: f64,
    /// The ratio to what it costs without idle clients: the median of the rounds' own.
    of_none: f64,
}

/// A model's costs: for a wake-up, and for an echo.
type Costs = [Vec<Cost>; 2];

/// Measures it.
pub(super) fn run(scope: &Scope, progress: OnStep) -> anyhow::Result<Study> {
    let mut notes = Vec::new();
    let wanted = scope.levels.iter().copied().max().unwrap_or(0);
    let room = Room::for_connections("idle", wanted + ACTIVE);
    let most = Room::within("idle", wanted, room.given - ACTIVE);
    if most.is_reduced() {
        notes.push(most.to_string());
    }
    let mut figures = [
        figure("A wake-up: the server's CPU time for an echo to 1 client"),
        figure("An echo: the server's CPU time, while 64 clients talk"),
    ];
    let mut shapes = Vec::new();
    for model in MODELS {
        let (_, name, its_most) = model;
        let levels = scope.levels.iter();
        let mut levels: Vec<usize> = levels
            .map(|level| *level.min(&its_most).min(&most.given))
            .collect();
        levels.dedup();
        let costs = measure(model, &levels, scope, progress)?;
        for (figure, costs) in figures.iter_mut().zip(&costs) {
            // There is no 0 on a logarithmic axis.
            let points = costs.iter().filter(|cost| cost.idle > 0);
            let points = points.map(|cost| (cost.idle as f64, cost.micros)).collect();
            figure.curves.push(Curve::own(name, points));
        }
        shapes.extend(judge(model, &costs));
    }
    if scope.cores.is_none() {
        notes.push("Server and load share the one core that there is: ratios are rough.".into());
    }
    Ok(Study {
        name: "echo",
        title: "What a wake-up and an echo cost beside idle clients",
        about: "Clients are idle, each connected and answered once; then 1 client talks, or 64 do, one \
                64-byte message at a time. The time is the server's CPU time; each point is a \
                server of its own, and all points of a model take turns. Ratios are to none idle.",
        notes,
        figures: figures.into(),
        shapes,
    })
}

fn figure(title: &str) -> Figure {
    Figure {
        title: title.into(),
        x: "idle clients".into(),
        y: "µs".into(),
        curves: Vec::new(),
    }
}

fn measure(
    (stage, name, _): Model,
    levels: &[usize],
    scope: &Scope,
    progress: OnStep,
) -> anyhow::Result<Costs> {
    progress(&format!("{name}: idle clients"));
    let stands = levels.iter().map(|level| scope.stand(stage, *level));
    let mut stands: Vec<_> = stands.collect::<Result<_, _>>()?;
    let mut costs = Costs::default();
    for (costs, active) in costs.iter_mut().zip([1, ACTIVE]) {
        progress(&format!("{name}: {active} active"));
        let figures = scope.costs(&mut stands, active)?;
        for (stand, figure) in stands.iter().zip(&figures) {
            costs.push(Cost {
                idle: stand.idle(),
                micros: median(figure.iter().copied()),
                of_none: median_ratio(figure, &figures[0]),
            });
        }
    }
    Ok(costs)
}

/// Returns what an idle client costs the others: nothing where the kernel calls, much where all are scanned.
fn judge((stage, name, _): Model, [wakeup, echo]: &Costs) -> Vec<Shape> {
    let (Some(wakeup), Some(echo)) = (wakeup.last(), echo.last()) else {
        return Vec::new();
    };
    let (wakeup_bound, echo_bound) = match stage {
        // A scan is paid for once a wake-up: 64 that are ready at once share it.
        4 | 5 => (
            Some(AtLeast(1.5)),
            (echo.idle >= 5_000).then_some(AtLeast(1.5)),
        ),
        6 | 7 => (None, Some(AtMost(1.1))),
        _ => (None, None),
    };
    let idle = number(echo.idle);
    let ratio = |of, cost: &Cost, bound| {
        let what = format!("{name}: {of} beside {idle}");
        Shape::ratio(what, cost.of_none, bound)
    };
    vec![
        ratio("wake-up", wakeup, wakeup_bound),
        ratio("echo", echo, echo_bound),
    ]
}
