//! Socket pairs that pass bytes on: libevent's benchmark.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use anyhow::{Context, ensure};
use suite::Room;

use super::notifier::{NAMES, Notifier, all};
use super::shape::Bound::{AtLeast, AtMost};
use super::study::disorders;
use super::{Scope, Shape, Study};
use crate::load::own_time;
use crate::{Curve, Figure, OnStep, median, rounds};

/// Bytes that are under way at a time, and bytes that are passed on in all.
const ACTIVE: usize = 100;
const WRITES: usize = 1_000;

/// Read off the graph published with libevent, in milliseconds: select and poll in one line, and epoll.
const SCANS: [(f64, f64); 3] = [(2_500.0, 20.0), (5_000.0, 40.0), (10_000.0, 80.0)];
const EPOLL: [(f64, f64); 3] = [(2_500.0, 3.0), (5_000.0, 4.0), (10_000.0, 5.0)];

/// Measures it.
pub(super) fn run(scope: &Scope, progress: OnStep) -> anyhow::Result<Study> {
    let most = Room::for_connections("descriptors", 19_000);
    let counts = [500, 1_000, 2_500, 5_000, 10_000, 19_000];
    let mut own = NAMES.map(|name| Curve::own(name, Vec::new()));
    let mut changes = [0.0; 3];
    for count in counts.into_iter().filter(|count| *count <= most.given) {
        progress(&format!("{count} descriptors"));
        let costs = measure(count / 2, scope.rounds)?;
        for (number, (change, pass)) in costs.into_iter().enumerate() {
            own[number].points.push((count as f64, pass));
            changes[number] = change;
        }
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
                pair, until 1,000 were sent on. The curve is the last part, in this thread's CPU \
                time; the loop is the lab's, not libevent's.",
        notes,
        shapes: judge(&own, changes),
        figures: vec![Figure {
            title: "1,000 bytes passed on, 100 at a time".into(),
            x: "descriptors".into(),
            y: "ms".into(),
            curves: own.into_iter().chain(published).collect(),
        }],
    })
}

/// Returns the slopes and the order. What it takes to read and send the bytes is the same for all, and outweighs a short
/// scan today: so the slope is judged where scans are long, and for what a loop costs beyond epoll's.
fn judge(own: &[Curve; 3], changes: [f64; 3]) -> Vec<Shape> {
    let [scans @ .., epoll] = own;
    let beyond_epoll = scans.iter().map(|curve| {
        let points = curve.points.iter().zip(&epoll.points);
        let beyond = points.map(|((x, own), (_, epoll))| (*x, own - epoll));
        let slope = Curve::own("beyond epoll", beyond.collect()).slope_from(2_500.0);
        let what = format!("{}: slope of its time beyond epoll's", curve.name);
        Shape::slope(what, slope, AtLeast(0.6))
    });
    let flat = Shape::slope("epoll: slope", epoll.slope_from(2_500.0), AtMost(0.3));
    let times = scans.iter().map(|curve| {
        let what = format!("{} of epoll, at the most descriptors", curve.name);
        Shape::ratio(what, curve.last() / epoll.last(), Some(AtLeast(1.3)))
    });
    let changes = NAMES.into_iter().zip(changes).map(|(name, change)| {
        let what = format!("{name}: deleting and adding all of these");
        Shape::aside(what, format!("{change:.2} ms"))
    });
    let slopes = beyond_epoll.chain([flat]);
    slopes.chain(times).chain(changes).collect()
}

/// Returns the milliseconds of CPU time to change all events and to pass the bytes on, by each of [`NAMES`]:
/// medians of rounds in turns.
fn measure(count: usize, turns: usize) -> anyhow::Result<Vec<(f64, f64)>> {
    let pairs: Vec<(UnixStream, UnixStream)> = (0..count)
        .map(|_| UnixStream::pair())
        .collect::<Result<_, _>>()
        .context("cannot make the socket pairs")?;
    let fds: Vec<_> = pairs.iter().map(|(reader, _)| reader.as_fd()).collect();
    let mut notifiers = all(&fds)?;
    let costs = rounds(&mut notifiers, turns, |(_, notifier)| {
        turn(notifier.as_mut(), &pairs)
    })?;
    let medians = costs.into_iter().map(|turns| {
        let (changes, passes): (Vec<_>, Vec<_>) = turns.into_iter().unzip();
        (median(changes), median(passes))
    });
    Ok(medians.collect())
}

/// Runs the benchmark once. Returns the milliseconds for the changes, and for the bytes.
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
