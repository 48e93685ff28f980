//! A busy server with and without idle connections: select, poll, epoll and epoll edge-triggered.

use suite::number;

use super::echo::BELOW_1024;
use super::shape::Bound::{AtLeast, Between};
use super::{Scope, Shape, Study};
use crate::{OnStep, median, median_ratio};

/// Clients that talk.
const ACTIVE: usize = 64;
/// Idle clients, of the stages that can have so many.
const MANY: usize = 10_000;

const STAGES: [(u8, &str, usize); 4] = [
    (4, "04 select", BELOW_1024),
    (5, "05 poll", MANY),
    (6, "06 epoll LT", MANY),
    (7, "07 epoll ET", MANY),
];

/// Measures it.
pub(super) fn run(scope: &Scope, progress: OnStep) -> anyhow::Result<Study> {
    let mut stands = Vec::new();
    for (stage, name, idle) in STAGES {
        progress(&format!("{name}, with and without idle clients"));
        stands.push(scope.stand(stage, 0)?);
        stands.push(scope.stand(stage, idle)?);
    }
    progress("in turns");
    let costs = scope.costs(&mut stands, ACTIVE)?;
    let mut shapes = Vec::new();
    for (place, (_, name, _)) in STAGES.into_iter().enumerate() {
        let (without, with) = (2 * place, 2 * place + 1);
        let micros = |number: usize| median(costs[number].iter().copied());
        shapes.push(Shape::aside(
            format!(
                "{name}, µs an echo: none idle, {}",
                number(stands[with].idle())
            ),
            format!("{:.2}, {:.2}", micros(without), micros(with)),
        ));
    }
    // Stands 0, 2, 4, 6 have none idle, 1, 3, 5, 7 have many.
    let alike = Some(Between(0.67, 1.5));
    // Where the limit of descriptors is low, a scan is short.
    let dear = (stands[3].idle() >= 5_000).then_some(AtLeast(1.3));
    let slightly_better = Some(Between(0.75, 1.1));
    for (what, own, other, bound) in [
        ("none idle: select of epoll LT", 0, 4, alike),
        ("none idle: poll of epoll LT", 2, 4, alike),
        ("none idle: epoll ET of epoll LT", 6, 4, alike),
        ("many idle: poll of epoll LT", 3, 5, dear),
        ("many idle: epoll ET of epoll LT", 7, 5, slightly_better),
        ("select: its many idle, of none", 1, 0, None),
    ] {
        let ratio = median_ratio(&costs[own], &costs[other]);
        shapes.push(Shape::ratio(what, ratio, bound));
    }
    Ok(Study {
        name: "gammo",
        title: "With and without idle connections (Gammo, Brecht and others, OLS 2004)",
        about: "Published of a web server: without idle connections select, poll and epoll are alike, and \
                epoll_ctl costs; with 10,000, select and poll do up to 79 % worse; edge-triggering is only \
                slightly better. Here 64 clients talk to the echo stages, whose clients stay, so that \
                epoll_ctl is not called for them; select has room for 940 idle ones.",
        shapes,
        ..Study::default()
    })
}
