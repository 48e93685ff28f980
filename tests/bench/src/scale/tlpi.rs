//! N descriptors, one of them ready: the cost of a wait against N.

use std::os::fd::AsFd;

use anyhow::{Context, ensure};
use nix::poll::PollTimeout;
use nix::sys::eventfd::{EfdFlags, EventFd};

use super::descriptors::{Published, SetUp};
use super::notifier::{Notifier, one_of_each};
use super::shape::{at_least, at_most};
use super::{Findings, Scope};
use crate::load::own_time;
use crate::{Curve, OnStep, median, rounds};

/// The number of waits that the published figures count.
const WAITS: f64 = 100_000.0;
/// The number of descriptors from which a scan outweighs the fixed cost of a wait.
const FROM: f64 = 100.0;

/// Seconds in The Linux Programming Interface, table 63-9 (Linux 2.6.25).
#[rustfmt::skip]
const TLPI: [Published; 3] = [
    ("TLPI select", &[(10.0, 0.73), (100.0, 3.0), (1_000.0, 35.0), (10_000.0, 930.0)]),
    ("TLPI poll", &[(10.0, 0.61), (100.0, 2.9), (1_000.0, 35.0), (10_000.0, 990.0)]),
    ("TLPI epoll", &[(10.0, 0.41), (100.0, 0.42), (1_000.0, 0.53), (10_000.0, 0.66)]),
];

/// Seconds in M. Kerrisk's talk at linux.conf.au 2006: the same on an older machine.
#[rustfmt::skip]
const LCA: [Published; 3] = [
    ("LCA select", &[(10.0, 1.28), (100.0, 7.1), (1_000.0, 151.0), (10_000.0, 1087.0)]),
    ("LCA poll", &[(10.0, 1.12), (100.0, 6.8), (1_000.0, 157.0), (10_000.0, 1750.0)]),
    ("LCA epoll", &[(10.0, 0.65), (100.0, 0.68), (1_000.0, 0.89), (10_000.0, 0.97)]),
];

const SET_UP: SetUp = SetUp {
    title: "100,000 waits for one of N descriptors",
    unit: "seconds",
    counts: &[10, 100, 1_000, 10_000],
    published: &[TLPI, LCA],
};

/// Measures it, and judges the slopes and the order, which belong to the model; seconds belong to the machine.
pub(super) fn run(scope: &Scope, progress: OnStep) -> anyhow::Result<Findings> {
    let mut found = Findings::default();
    let own = SET_UP.curves(&mut found, progress, |count| measure(count, scope.rounds))?;
    for (curve, (published, points)) in own.iter().zip(TLPI) {
        let theirs = Curve::published(published, points).slope_from(FROM);
        let bounds = match curve.name.as_str() {
            "epoll" => at_most(0.25),
            _ => at_least(0.7),
        };
        let (name, theirs) = (&curve.name, theirs.unwrap_or(f64::NAN));
        let what = format!("{name}: slope from 100 on (TLPI {theirs:.2})");
        found.slope(what, curve.slope_from(FROM), bounds);
    }
    found.times(&own, 10.0);
    Ok(found)
}

/// Returns the seconds of CPU time that each way needs for all waits, scaled up from a few: medians over rounds of
/// turns.
fn measure(count: usize, turns: usize) -> anyhow::Result<Vec<f64>> {
    let flags = EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC;
    let events = (0..count).map(|_| EventFd::from_flags(flags));
    let events: Vec<EventFd> = events
        .collect::<Result<_, _>>()
        .context("cannot make the descriptors")?;
    let fds: Vec<_> = events.iter().map(AsFd::as_fd).collect();
    let mut notifiers = one_of_each(&fds)?;
    let mut random = fastrand::Rng::with_seed(63);
    let costs = rounds(&mut notifiers, turns, |(name, notifier)| {
        // Equal work for scans of many and of few, and enough of it to measure.
        let waits = match *name {
            "epoll" => 2_000,
            _ => (400_000 / count).clamp(50, 2_000),
        };
        let before = own_time();
        for _ in 0..waits {
            turn(notifier.as_mut(), &events, random.usize(..count))?;
        }
        Ok((own_time() - before) as f64 / 1e9 / waits as f64 * WAITS)
    })?;
    Ok(costs.into_iter().map(median).collect())
}

/// Makes one descriptor ready, finds it, and reads it.
fn turn(notifier: &mut dyn Notifier, events: &[EventFd], place: usize) -> anyhow::Result<()> {
    let mut ready = Vec::with_capacity(1);
    events[place].write(1)?;
    notifier.wait(PollTimeout::NONE, &mut ready)?;
    ensure!(
        ready == [place],
        "{place} was ready, but {ready:?} was found"
    );
    events[place].read()?;
    Ok(())
}
