//! P8 and P9: many pairs, and more than there are descriptors for.

use std::time::Duration;

use super::ends::is_back;
use super::stand::{Pair, Stand};
use crate::cases::share_of_processor;
use crate::limits::crowd;
use crate::{Client, Faults, Subject, eventually, leave, seen};

/// P8: 1,000 pairs at the same time, each with its own bytes.
pub fn p08_thousand_pairs(subject: &Subject) {
    let crowd = crowd(2_000);
    let number = crowd.size / 2;
    let stand = Stand::start(subject);
    let clients: Vec<_> = (0..number).map(|_| stand.greeted()).collect();
    let found = |(client, hello)| {
        let backend = stand.backend.accept_for(hello);
        Pair { client, backend }
    };
    let pairs: Vec<Pair> = clients.into_iter().map(found).collect();
    for round in 0..3 {
        let words = |at: usize| [at.to_be_bytes(), [round; 8]].concat();
        for (at, pair) in pairs.iter().enumerate() {
            pair.client.send(&words(at));
            pair.backend.send(&words(at + 1));
        }
        for (at, pair) in pairs.iter().enumerate() {
            pair.backend.expect(&words(at));
            pair.client.expect(&words(at + 1));
        }
    }
    let ends = |Pair { client, backend }| [client, backend];
    leave(pairs.into_iter().flat_map(ends).collect());
}

/// P8: pairs that have ended, in whatever way, leave nothing behind: no descriptor and no memory.
pub fn p08_comings_and_goings(subject: &Subject) {
    let stand = Stand::start(subject);
    stand.pair().close();
    let baseline = stand.proxy.process().descriptor_count();
    let round = || {
        for number in 0..200 {
            let pair = stand.pair();
            pair.talk(b"hello");
            match number % 4 {
                0 => pair.close(),
                1 => pair.client.reset(),
                2 => pair.backend.reset(),
                _ => drop(pair),
            }
        }
        is_back(&stand, baseline);
        seen(stand.proxy.process().memory())
    };
    // The first round may leave memory that the second one finds useful.
    let memory = round();
    let grown = round().saturating_sub(memory);
    let bound = 64 * 1024 + 8 * subject.profile.stalled_bytes();
    assert!(
        grown <= bound,
        "200 more pairs left {grown} bytes of memory behind, more than {bound}"
    );
}

/// P9: with 32 descriptors there is room for some pairs, and these are served. The other clients wait or are turned away,
/// without work for the processor; when a pair ends, there is room for another.
pub fn p09_out_of_descriptors(subject: &Subject) {
    let faults = Faults {
        descriptors: Some(32),
        ..Faults::default()
    };
    let stand = Stand::start_with(subject, &faults);
    // All of them are there when the proxy looks.
    stand.proxy.stop();
    let mut outside: Vec<(Client, [u8; 8])> = (0..40).map(|_| stand.greeted()).collect();
    stand.proxy.go_on();
    let mut inside: Vec<Pair> = Vec::new();
    eventually("the proxy to serve at least 8 clients", || {
        inside.extend(let_in(&stand, &mut outside));
        inside.len() >= 8
    });
    // All that fit have come in when for a while nobody has.
    loop {
        let more = let_in(&stand, &mut outside);
        if more.is_empty() {
            break;
        }
        inside.extend(more);
    }
    let share = share_of_processor(&stand.proxy, || inside[0].client.expect_silence());
    assert!(
        share < 0.05,
        "the proxy keeps a CPU core {:.0} % busy while it waits for descriptors",
        share * 100.0
    );
    inside.iter().for_each(|pair| pair.talk(b"undisturbed"));
    if outside.is_empty() {
        // One that starts a process for each client never has that many descriptors.
        return;
    }
    for _ in 0..3 {
        inside.remove(0).close();
        let before = inside.len();
        eventually(
            "another client to be let in, after a pair has ended",
            || {
                // Those that were turned away may try again.
                outside.retain(|(client, _)| !client.is_readable(0));
                if outside.is_empty() {
                    outside.push(stand.greeted());
                }
                inside.extend(let_in(&stand, &mut outside));
                inside.len() > before
            },
        );
        inside.iter().for_each(|pair| pair.talk(b"still here"));
    }
}

/// Takes those out of `outside` that have a connection to the backend, or get one in a while.
fn let_in(stand: &Stand, outside: &mut Vec<(Client, [u8; 8])>) -> Vec<Pair> {
    let mut inside = Vec::new();
    let mut waiting = Vec::new();
    let mut time = Duration::from_millis(crate::client::WATCH.into());
    for (client, hello) in outside.drain(..) {
        match stand.backend.look_for(hello, time) {
            Some(backend) => inside.push(Pair { client, backend }),
            None => {
                waiting.push((client, hello));
                // Time enough for all of them.
                time = Duration::ZERO;
            }
        }
    }
    *outside = waiting;
    inside
}
