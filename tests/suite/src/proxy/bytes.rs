//! P1 and P4: bytes that go both ways, and ends that do not take them.

use std::thread;

use super::stand::{Pair, Stand, stream};
use crate::limits::room_for_stalled;
use crate::net::Socket;
use crate::{Client, PLENTY, Subject, eventually, pattern, seen};

/// P1: whatever one end sends arrives at the other, both ways at the same time.
pub fn p01_bytes_both_ways(subject: &Subject) {
    let stand = Stand::start(subject);
    let pair = stand.pair();
    let all: Vec<u8> = (0..=255).collect();
    pair.talk(&all);
    for byte in &all {
        pair.client.send(&[*byte]);
    }
    pair.backend.expect(&all);
    for length in [1, 4_095, 16_384, 16_385, 1 << 20] {
        thread::scope(|scope| {
            let up = scope.spawn(|| stream(&pair.client, &pair.backend, 0, length));
            stream(&pair.backend, &pair.client, 7, length);
            if let Err(panic) = up.join() {
                std::panic::resume_unwind(panic);
            }
        });
    }
    pair.close();
}

/// P1: in many protocols (SMTP, SSH, MySQL) the backend speaks first, to a client that waits for it.
pub fn p01_the_backend_speaks_first(subject: &Subject) {
    let stand = Stand::start(subject);
    let client = stand.client();
    eventually("a client that says nothing to hear its backend", || {
        stand.backend.greet(b"220 ready");
        client.is_readable(20)
    });
    client.expect(b"220 ready");
}

/// P1: a small write leaves at once, on both sides, although the one before it is not acknowledged yet.
pub fn p01_small_writes(subject: &Subject) {
    let stand = Stand::start(subject);
    let pair = stand.pair();
    for (whose, end) in [("client", &pair.client), ("backend", &pair.backend)] {
        let socket = Socket::facing(stand.proxy.process(), end);
        let socket = socket.unwrap_or_else(|| panic!("cannot observe the proxy's socket"));
        assert!(
            socket.sends_at_once(),
            "the proxy's socket to the {whose} holds back a small write until the one before it is acknowledged: it lacks TCP_NODELAY"
        );
    }
}

/// P4: a backend that does not read stops the clients that send; each costs a bounded buffer.
pub fn p04_slow_backend(subject: &Subject) {
    slow(subject, "backend", |pair| (&pair.client, &pair.backend));
}

/// P4: a client that does not read stops its backend.
pub fn p04_slow_client(subject: &Subject) {
    slow(subject, "client", |pair| (&pair.backend, &pair.client));
}

/// Judges a proxy whose `reader` does not read: `ends` returns the end that sends, and the one that reads late.
fn slow(subject: &Subject, reader: &str, ends: fn(&Pair) -> (&Client, &Client)) {
    let stand = Stand::start(subject);
    let bystander = stand.pair();
    let before = seen(stand.proxy.process().family_memory());
    let mut pairs = vec![stand.small_pair()];
    let mut sent: Vec<usize> = Vec::new();
    let mut number = 1;
    // The first one shows whether there is a bound; without it, all of them would take gigabytes.
    while sent.len() < number {
        if pairs.len() == sent.len() {
            pairs.push(stand.small_pair());
        }
        let (from, _) = ends(&pairs[sent.len()]);
        let pushed = stand.push(from);
        assert!(
            pushed < PLENTY,
            "the proxy took 64 MiB for a {reader} that reads nothing"
        );
        sent.push(pushed);
        number = room_for_stalled(8, 2 * sent[0]);
    }
    let grown = seen(stand.proxy.process().family_memory()).saturating_sub(before);
    let profile = &subject.profile;
    let bound = number as u64 * profile.stalled_bytes() + (512 + profile.runtime_kib) * 1024;
    assert!(
        grown <= bound,
        "{number} stalled pairs cost {} KiB of memory, but should cost at most {} KiB",
        grown / 1024,
        bound / 1024
    );
    bystander.talk(b"undisturbed");
    // And nothing of it was lost: neither a byte nor the end that comes behind them.
    let ((from, to), sent) = (ends(&pairs[0]), sent[0]);
    from.half_close();
    to.expect_pattern(0, sent);
    to.expect_eof();
}

/// P4: a direction that is held back does not stop the other one.
pub fn p04_the_other_direction_goes_on(subject: &Subject) {
    let stand = Stand::start(subject);
    let pair = stand.small_pair();
    let sent = stand.push(&pair.backend);
    stream(&pair.client, &pair.backend, 3, 1 << 20);
    pair.client.expect_pattern(0, sent);
    pair.talk(pattern(0, 100));
}
