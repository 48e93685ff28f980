//! A busy server with and without idle connections: select, poll, epoll and epoll edge-triggered.

use suite::number;

use super::shape::{UNBOUNDED, at_least};
use super::{ACTIVE, BELOW_1024, Findings, Scope};
use crate::stand::cost;
use crate::{OnStep, Spread, median};

/// Idle clients of the stages that can hold thousands.
const MANY: usize = 10_000;

const STAGES: [(u8, &str, usize); 4] = [
    (4, "04 select", BELOW_1024),
    (5, "05 poll", MANY),
    (6, "06 epoll LT", MANY),
    (7, "07 epoll ET", MANY),
];

/// Measures it.
pub(super) fn run(scope: &Scope, progress: OnStep) -> anyhow::Result<Findings> {
    let mut stands = Vec::new();
    for (stage, name, idle) in STAGES {
        progress(&format!("{name}, with and without idle clients"));
        stands.push(scope.stand((stage, name), 0)?);
        stands.push(scope.stand((stage, name), idle)?);
    }
    progress("in turns");
    let turns = scope.turns(&stands, ACTIVE)?;
    let mut found = Findings::default();
    for (place, (_, name, _)) in STAGES.into_iter().enumerate() {
        let idle = number(stands[2 * place + 1].idle());
        let of_two = [2 * place, 2 * place + 1];
        let [without, with] = of_two.map(|stand| median(turns[stand].iter().map(cost)));
        let what = format!("{name}, µs an echo: none idle, {idle}");
        found.aside(what, format!("{without:.2}, {with:.2}"));
    }
    // Stands 0, 2, 4 and 6 have no idle clients; 1, 3, 5 and 7 have many.
    let alike = (0.67, 1.5);
    // Under a low descriptor limit a scan is short.
    let dear = match stands[3].idle() {
        5_000.. => at_least(1.3),
        _ => UNBOUNDED,
    };
    let slightly_better = (0.75, 1.1);
    for (what, own, other, bounds) in [
        ("none idle: select of epoll LT", 0, 4, alike),
        ("none idle: poll of epoll LT", 2, 4, alike),
        ("none idle: epoll ET of epoll LT", 6, 4, alike),
        ("many idle: poll of epoll LT", 3, 5, dear),
        ("many idle: epoll ET of epoll LT", 7, 5, slightly_better),
        ("select: its many idle, of none", 1, 0, UNBOUNDED),
    ] {
        let ratio = Spread::of_ratios(&turns[own], &turns[other], cost);
        found.ratio(what, ratio.median, bounds);
    }
    Ok(found)
}
