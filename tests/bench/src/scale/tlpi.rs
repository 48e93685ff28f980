//! N descriptors, one of them ready: what a wait costs, against N.

use std::os::fd::AsFd;

use anyhow::{Context, ensure};
use nix::sys::eventfd::{EfdFlags, EventFd};
use suite::Room;

use super::notifier::{NAMES, Notifier, all};
use super::shape::Bound::{AtLeast, AtMost};
use super::study::disorders;
use super::{Scope, Shape, Study};
use crate::load::own_time;
use crate::{Curve, Figure, OnStep, median, rounds};

/// Waits that the published figures are for.
const WAITS: f64 = 100_000.0;
/// Where a scan begins to outweigh what every wait costs.
const FROM: f64 = 100.0;

/// Descriptors that the published figures are for.
const COUNTS: [usize; 4] = [10, 100, 1_000, 10_000];

/// Seconds for so many descriptors, in the order of [`NAMES`].
type Published = [[f64; 4]; 3];

/// The Linux Programming Interface, table 63-9 (Linux 2.6.25).
const TLPI: Published = [
    [0.73, 3.0, 35.0, 930.0],
    [0.61, 2.9, 35.0, 990.0],
    [0.41, 0.42, 0.53, 0.66],
];

/// M. Kerrisk at linux.conf.au 2006: the same on an older machine.
const LCA: Published = [
    [1.28, 7.1, 151.0, 1087.0],
    [1.12, 6.8, 157.0, 1750.0],
    [0.65, 0.68, 0.89, 0.97],
];

/// Measures it.
pub(super) fn run(scope: &Scope, progress: OnStep) -> anyhow::Result<Study> {
    let most = Room::for_connections("descriptors", 10_000);
    let mut own = NAMES.map(|name| Curve::own(name, Vec::new()));
    for count in COUNTS.into_iter().filter(|count| *count <= most.given) {
        progress(&format!("{count} descriptors"));
        for (curve, micros) in own.iter_mut().zip(measure(count, scope.rounds)?) {
            curve.points.push((count as f64, micros * WAITS / 1e6));
        }
    }
    let (tlpi, lca) = (published("TLPI", TLPI), published("LCA", LCA));
    let mut notes = Vec::new();
    if most.is_reduced() {
        notes.push(most.to_string());
    }
    notes.extend(disorders(&own, &tlpi));
    notes.extend(disorders(&own, &lca));
    Ok(Study {
        name: "tlpi",
        title: "One of N descriptors is ready (TLPI, table 63-9; Kerrisk, LCA 2006)",
        about: "One of N descriptors, at random, becomes ready; the program waits, finds it, and reads. \
                Select has a bitmap of the program's own. Here the descriptors are eventfds, and the \
                time is this thread's CPU time for a few waits, as of 100,000.",
        notes,
        shapes: judge(&own, &tlpi),
        figures: vec![Figure {
            title: "100,000 waits for one of N descriptors".into(),
            x: "descriptors".into(),
            y: "seconds".into(),
            curves: own.into_iter().chain(tlpi).collect(),
        }],
    })
}

fn published(source: &str, seconds: Published) -> Vec<Curve> {
    let curves = NAMES.into_iter().zip(seconds).map(|(name, seconds)| {
        let points = COUNTS.into_iter().zip(seconds);
        let points: Vec<_> = points.map(|(count, time)| (count as f64, time)).collect();
        Curve::published(format!("{source} {name}"), &points)
    });
    curves.collect()
}

/// Returns the slopes and the order, which are the model's; seconds are the machine's.
fn judge(own: &[Curve; 3], published: &[Curve]) -> Vec<Shape> {
    let slope = |(curve, other): (&Curve, &Curve)| {
        let bound = match curve.name.as_str() {
            "epoll" => AtMost(0.25),
            _ => AtLeast(0.7),
        };
        let (name, theirs) = (&curve.name, other.slope_from(FROM).unwrap_or(f64::NAN));
        let what = format!("{name}: slope from 100 on (TLPI {theirs:.2})");
        Shape::slope(what, curve.slope_from(FROM), bound)
    };
    let [scans @ .., epoll] = own;
    let times = scans.iter().map(|curve| {
        let what = format!("{} of epoll, at the most descriptors", curve.name);
        Shape::ratio(what, curve.last() / epoll.last(), Some(AtLeast(10.0)))
    });
    own.iter().zip(published).map(slope).chain(times).collect()
}

/// Returns the microseconds of CPU time for a wait, by each of [`NAMES`]: medians of rounds in turns.
fn measure(count: usize, turns: usize) -> anyhow::Result<Vec<f64>> {
    let events: Vec<EventFd> = (0..count)
        .map(|_| EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC))
        .collect::<Result<_, _>>()
        .context("cannot make the descriptors")?;
    let fds: Vec<_> = events.iter().map(AsFd::as_fd).collect();
    let mut notifiers = all(&fds)?;
    let mut random = fastrand::Rng::with_seed(63);
    let costs = rounds(&mut notifiers, turns, |(name, notifier)| {
        // As much work for a scan of many as for one of few, and enough of it to be measured.
        let waits = match *name {
            "epoll" => 2_000,
            _ => (400_000 / count).clamp(50, 2_000),
        };
        let before = own_time();
        for _ in 0..waits {
            turn(notifier.as_mut(), &events, random.usize(..count))?;
        }
        Ok((own_time() - before) as f64 / 1e3 / waits as f64)
    })?;
    Ok(costs.into_iter().map(median).collect())
}

/// Has one become ready, finds it, and reads it.
fn turn(notifier: &mut dyn Notifier, events: &[EventFd], place: usize) -> anyhow::Result<()> {
    let mut ready = Vec::with_capacity(1);
    events[place].write(1)?;
    notifier.wait(true, &mut ready)?;
    ensure!(
        ready == [place],
        "{place} was ready, and {ready:?} was found"
    );
    events[place].read()?;
    Ok(())
}
