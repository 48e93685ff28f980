//! Socket pairs that pass bytes on: libevent's benchmark.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use anyhow::{Context, ensure};
use nix::poll::PollTimeout;

use super::descriptors::SetUp;
use super::notifier::{NAMES, Notifier, one_of_each};
use super::shape::{at_least, at_most};
use super::{Findings, Scope};
use crate::load::own_time;
use crate::{Curve, OnStep, median, rounds};

/// Bytes under way at any time, and bytes passed on in all.
const ACTIVE: usize = 100;
const WRITES: usize = 1_000;

/// The numbers of descriptors from which scans are long.
const FROM: f64 = 2_500.0;

/// Milliseconds, read off libevent's published graph: one line for select and poll, one for epoll.
const SCANS: &[(f64, f64)] = &[(2_500.0, 20.0), (5_000.0, 40.0), (10_000.0, 80.0)];
const EPOLL: &[(f64, f64)] = &[(2_500.0, 3.0), (5_000.0, 4.0), (10_000.0, 5.0)];

const SET_UP: SetUp = SetUp {
    title: "1,000 bytes passed on, 100 at a time",
    unit: "ms",
    counts: &[500, 1_000, 2_500, 5_000, 10_000, 19_000],
    published: &[[
        ("libevent select", SCANS),
        ("libevent poll", SCANS),
        ("libevent epoll", EPOLL),
    ]],
};

/// Measures it, and judges the slopes and the order. Reading and sending the bytes costs all of them the same, and
/// outweighs a short scan today. So the slope is judged where scans are long, and only for the cost beyond epoll's.
pub(super) fn run(scope: &Scope, progress: OnStep) -> anyhow::Result<Findings> {
    let mut found = Findings::default();
    let mut changes = Vec::new();
    let own = SET_UP.curves(&mut found, progress, |count| {
        let passes;
        (changes, passes) = measure(count / 2, scope.rounds)?;
        Ok(passes)
    })?;
    let [scans @ .., epoll] = &own;
    for curve in scans {
        let points = curve.points.iter().zip(&epoll.points);
        let beyond = points.map(|((x, own), (_, epoll))| (*x, own - epoll));
        let slope = Curve::own("beyond epoll", beyond.collect()).slope_from(FROM);
        let what = format!("{}: slope of its time beyond epoll's", curve.name);
        found.slope(what, slope, at_least(0.6));
    }
    found.slope("epoll: slope", epoll.slope_from(FROM), at_most(0.3));
    found.times(&own, 1.3);
    for (name, change) in NAMES.into_iter().zip(changes) {
        let what = format!("{name}: deleting and adding all of these");
        found.aside(what, format!("{change:.2} ms"));
    }
    Ok(found)
}

/// Returns the milliseconds of CPU time that each way needs to change all events and to pass the bytes on: medians over
/// rounds of turns.
fn measure(count: usize, turns: usize) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let pairs = (0..count).map(|_| UnixStream::pair());
    let pairs: Vec<(UnixStream, UnixStream)> = pairs
        .collect::<Result<_, _>>()
        .context("cannot make the socket pairs")?;
    let fds: Vec<_> = pairs.iter().map(|(reader, _)| reader.as_fd()).collect();
    let mut notifiers = one_of_each(&fds)?;
    let costs = rounds(&mut notifiers, turns, |(_, notifier)| {
        turn(notifier.as_mut(), &pairs)
    })?;
    let medians = costs.into_iter().map(|turns| {
        let (changes, passes): (Vec<_>, Vec<_>) = turns.into_iter().unzip();
        (median(changes), median(passes))
    });
    Ok(medians.unzip())
}

/// Runs the benchmark once. Returns the milliseconds for the changes, and for the bytes.
fn turn<'fd>(
    notifier: &mut dyn Notifier<'fd>,
    pairs: &'fd [(UnixStream, UnixStream)],
) -> anyhow::Result<(f64, f64)> {
    let mut ready = Vec::with_capacity(pairs.len());
    let start = own_time();
    for (place, (reader, _)) in pairs.iter().enumerate() {
        notifier.watch(reader.as_fd(), place, false)?;
        notifier.watch(reader.as_fd(), place, true)?;
    }
    notifier.wait(PollTimeout::ZERO, &mut ready)?;
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
        notifier.wait(PollTimeout::ZERO, &mut ready)?;
        for place in &ready {
            // Two bytes may be in one pair: the first is read, the second is still ready.
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
