//! A busy server with and without idle connections: select, poll, epoll and epoll edge-triggered.

use super::Scope;
use super::idle::BELOW_1024;
use super::stand::{Stand, rounds};
use super::study::Study;
use crate::show::{Progress, number};
use crate::stats::median;
use crate::{Evidence, Lab};

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

/// Runs it.
pub(super) fn run(lab: &Lab, scope: &Scope, progress: &Progress) -> anyhow::Result<Study> {
    let mut stands = Vec::new();
    for (stage, name, idle) in STAGES {
        progress.step(format!("{name}, with and without idle clients"));
        stands.push(Stand::start(lab, stage, 0, scope)?);
        stands.push(Stand::start(lab, stage, idle, scope)?);
    }
    for stand in &mut stands {
        stand.connect(ACTIVE, scope)?;
    }
    let costs = rounds(&mut stands, scope)?;
    let mut evidence = Evidence::new();
    let of = |number: usize, other: usize| {
        let ratios = costs[number].iter().zip(&costs[other]);
        median(ratios.map(|(own, other)| own / other))
    };
    for (place, (_, name, _)) in STAGES.into_iter().enumerate() {
        let (without, with) = (2 * place, 2 * place + 1);
        let micros = |number: usize| median(costs[number].iter().copied());
        let what = format!(
            "{name}, µs an echo: none idle, {}",
            number(stands[with].idle() as u64)
        );
        evidence.aside(what, format!("{:.2}, {:.2}", micros(without), micros(with)));
    }
    let mut judged = |what: &str, ratio: f64, expected: &str, holds: bool| {
        evidence.shape(what, format!("{ratio:.2} ×"), expected, holds);
    };
    // Stands 0, 2, 4, 6 have none idle, 1, 3, 5, 7 have many.
    for (what, place) in [("select", 0), ("poll", 2), ("epoll ET", 6)] {
        let (what, ratio) = (format!("none idle: {what} of epoll LT"), of(place, 4));
        judged(&what, ratio, "0.67 … 1.50 ×", (0.67..=1.5).contains(&ratio));
    }
    let ratio = of(3, 5);
    // Where the limit of descriptors is low, a scan is short.
    let expected = match stands[3].idle() {
        5_000.. => "≥ 1.30 ×",
        _ => "",
    };
    let holds = expected.is_empty() || ratio >= 1.3;
    judged("many idle: poll of epoll LT", ratio, expected, holds);
    let ratio = of(7, 5);
    judged(
        "many idle: epoll ET of epoll LT",
        ratio,
        "0.75 … 1.10 ×",
        (0.75..=1.1).contains(&ratio),
    );
    let ratio = of(1, 0);
    judged("select: its many idle, of none", ratio, "", true);
    Ok(Study {
        name: "gammo",
        title: "With and without idle connections (Gammo, Brecht and others, OLS 2004)",
        about: "Published of a web server: without idle connections select, poll and epoll are alike, and \
                epoll_ctl costs; with 10,000, select and poll do up to 79 % worse; edge-triggering is only \
                slightly better. Here 64 clients talk to the echo stages, whose clients stay, so that \
                epoll_ctl is not called for them; select has room for 940 idle ones.",
        evidence,
        ..Study::default()
    })
}
