//! Socket pairs that pass bytes on: libevent's benchmark.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use anyhow::{Context, ensure};

use super::Scope;
use super::notifier::{NAMES, Notifier, all};
use super::study::{Curve, Figure, Study, disorders};
use crate::Evidence;
use crate::load::own_time;
use crate::show::Progress;
use crate::stats::median;
use crate::world::Room;

/// Bytes that are under way at a time, and bytes that are passed on in all.
const ACTIVE: usize = 100;
const WRITES: usize = 1_000;

/// Read off the graph published with libevent, in milliseconds: select and poll in one line, and epoll.
const SCANS: [(f64, f64); 3] = [(2_500.0, 20.0), (5_000.0, 40.0), (10_000.0, 80.0)];
const EPOLL: [(f64, f64); 3] = [(2_500.0, 3.0), (5_000.0, 4.0), (10_000.0, 5.0)];

/// Runs it.
pub(super) fn run(scope: &Scope, progress: &Progress) -> anyhow::Result<Study> {
    let most = Room::for_connections("descriptors", 19_000);
    let counts = [500, 1_000, 2_500, 5_000, 10_000, 19_000];
    let mut own = NAMES.map(|name| Curve::own(name, Vec::new()));
    let mut changes = [0.0; 3];
    for count in counts.into_iter().filter(|count| *count <= most.given) {
        progress.step(format!("{count} descriptors"));
        let costs = measure(count / 2, scope.rounds)?;
        for (number, (change, pass)) in costs.into_iter().enumerate() {
            own[number].points.push((count as f64, pass));
            changes[number] = change;
        }
        progress.done();
    }
    let published = vec![
        Curve::published("libevent select", &SCANS),
        Curve::published("libevent poll", &SCANS),
        Curve::published("libevent epoll", &EPOLL),
    ];
    let mut notes = Vec::new();
    if most.is_reduced() {
        notes.push(most.to_string());
    }
    notes.extend(disorders(&own, &published));
    Ok(Study {
        name: "libevent",
        title: "Bytes passed on along socket pairs (libevent, test/bench.c)",
        about: "Half as many pairs as descriptors. Every event is deleted and added, and the loop runs \
                once without waiting; then 100 bytes are sent, and who reads one sends one to the next \
                pair, until 1,000 were sent on. The curve is the last part, in this thread's processor \
                time; the loop is the lab's, not libevent's.",
        notes,
        evidence: judge(&own, changes),
        figures: vec![Figure {
            title: "1,000 bytes passed on, 100 at a time",
            x: "descriptors",
            y: "ms",
            curves: own.into_iter().chain(published).collect(),
        }],
    })
}

/// What it takes to read and send the bytes is the same for all, and outweighs a short scan today: so the
/// slope is judged where scans are long, and for what a loop costs beyond epoll's.
fn judge(own: &[Curve; 3], changes: [f64; 3]) -> Evidence {
    let mut evidence = Evidence::new();
    let [select, poll, epoll] = own;
    for curve in [select, poll] {
        let beyond: Vec<(f64, f64)> = (curve.points.iter().zip(&epoll.points))
            .map(|((x, own), (_, epoll))| (*x, own - epoll))
            .collect();
        let slope = Curve::own("beyond epoll", beyond).slope_from(2_500.0);
        let what = format!("{}: slope of its time beyond epoll's", curve.name);
        evidence.shape(what, format!("{slope:.2}"), "≥ 0.60", slope >= 0.6);
    }
    let slope = epoll.slope_from(2_500.0);
    evidence.shape(
        "epoll: slope",
        format!("{slope:.2}"),
        "≤ 0.30",
        slope <= 0.3,
    );
    for curve in [select, poll] {
        let times = curve.last() / epoll.last();
        let what = format!("{} of epoll, at the most descriptors", curve.name);
        evidence.shape(what, format!("{times:.1} ×"), "≥ 1.3 ×", times >= 1.3);
    }
    for (name, change) in NAMES.into_iter().zip(changes) {
        let what = format!("{name}: deleting and adding all of these");
        evidence.aside(what, format!("{change:.2} ms"));
    }
    evidence
}

/// Milliseconds of processor time to change all events and to pass the bytes on, by each of [`NAMES`]:
/// medians of rounds in turns.
fn measure(count: usize, rounds: usize) -> anyhow::Result<[(f64, f64); 3]> {
    let pairs: Vec<(UnixStream, UnixStream)> = (0..count)
        .map(|_| UnixStream::pair())
        .collect::<Result<_, _>>()
        .context("cannot make the socket pairs")?;
    let mut notifiers = all(0..count)?;
    for notifier in &mut notifiers {
        for (place, (reader, _)) in pairs.iter().enumerate() {
            notifier.add(reader.as_fd(), place)?;
        }
    }
    let mut costs = [const { (Vec::new(), Vec::new()) }; 3];
    for _ in 0..rounds {
        for (notifier, (changes, passes)) in notifiers.iter_mut().zip(&mut costs) {
            let times = turn(notifier.as_mut(), &pairs)?;
            changes.push(times.0);
            passes.push(times.1);
        }
    }
    Ok(costs.map(|(changes, passes)| (median(changes), median(passes))))
}

/// One run of the benchmark: milliseconds for the changes, and for the bytes.
fn turn<'fd>(
    notifier: &mut dyn Notifier<'fd>,
    pairs: &'fd [(UnixStream, UnixStream)],
) -> anyhow::Result<(f64, f64)> {
    let mut ready = Vec::with_capacity(pairs.len());
    let start = own_time();
    for (place, (reader, _)) in pairs.iter().enumerate() {
        notifier.delete(reader.as_fd(), place)?;
        notifier.add(reader.as_fd(), place)?;
    }
    notifier.wait(false, &mut ready)?;
    ensure!(ready.is_empty(), "a byte of the last run was left");
    let changed = own_time();
    let active = ACTIVE.min(pairs.len());
    for number in 0..active {
        (&pairs[number * (pairs.len() / active)].1).write_all(b"e")?;
    }
    let sent = own_time();
    let (mut left, mut under_way) = (WRITES, active);
    while under_way > 0 {
        ready.clear();
        notifier.wait(false, &mut ready)?;
        for place in &ready {
            // Two bytes may have met in a pair: one is read, the other is ready still.
            (&pairs[*place].0).read_exact(&mut [0])?;
            match left {
                0 => under_way -= 1,
                _ => {
                    (&pairs[(place + 1) % pairs.len()].1).write_all(b"e")?;
                    left -= 1;
                }
            }
        }
    }
    let end = own_time();
    Ok(((changed - start) as f64 / 1e6, (end - sent) as f64 / 1e6))
}
