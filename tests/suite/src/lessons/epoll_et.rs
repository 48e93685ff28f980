//! Stage 7: epoll, edge-triggered.

use std::thread;

use super::epoll_lt::{squeeze, waits_and_reads};
use super::waits_beside;
use crate::net::enlarge_buffers;
use crate::{Call, Client, Faults, Flood, Subject, eventually};

/// Checks that a connection's whole life takes one epoll_ctl, whatever happens in it.
pub fn l07_one_registration_for_a_life(subject: &Subject) {
    let server = subject.start();
    // By the time it serves a client, it has registered its own descriptors.
    server.connect().echo(b"first");
    let tracer = server.trace();
    let client = server.connect().with_small_buffers();
    client.echo(b"keeps up");
    squeeze(&server, &client);
    client.half_close();
    client.expect_eof();
    let calls = tracer.finish();
    let registrations = calls.iter().filter(|call| call.name() == "epoll_ctl");
    assert_eq!(
        registrations.count(),
        1,
        "calls of epoll_ctl for one connection"
    );
}

/// Checks that a drained connection causes no wake-up: there is one for each message.
pub fn l07_a_drained_connection_is_silent(subject: &Subject) {
    let server = subject.start();
    let waits = waits_beside(&server, 1_000, 20);
    assert_eq!(waits.len(), 20, "one wait for each echo");
    let events: i64 = waits.iter().map(|wait| wait.result).sum();
    assert_eq!(events, 20, "events for 20 echoes");
    let client = server.connect();
    client.echo(b"in");
    server.expect_rest(&client);
}

/// Checks that the budget cuts a streaming client short: the loop looks for others without sleeping, and goes on with
/// the rest although no edge comes for it.
pub fn l07_who_is_cut_short_is_not_forgotten(subject: &Subject) {
    let server = subject.start();
    // A turn is cut short only if it reads less than has come.
    let enlarged = enlarge_buffers(server.process());
    assert!(
        enlarged.is_ok(),
        "cannot enlarge the server's buffers: {enlarged:?}"
    );
    let flood = Flood::new(server.connect());
    let tracer = server.trace();
    thread::scope(|scope| {
        let _end = flood.start(scope);
        let cut_short = |call: &&Call| call.is_wait_without_sleep();
        let seen = tracer.wait_until(|calls| calls.iter().filter(cut_short).count() > 2);
        let (waits, reads) = waits_and_reads(&tracer.calls());
        assert!(
            seen.is_ok(),
            "the budget never cut a streaming client short: {reads} reads in {waits} waits, all of which could sleep"
        );
    });
    // The flood ended with EOF, after the last of its bytes: none was forgotten.
    let calls = tracer.finish();
    let mut steps = 0;
    for call in &calls {
        steps = if call.is_wait() { 0 } else { steps + 1 };
        assert!(
            steps <= 40,
            "the server made {steps} calls without a look at its other clients"
        );
    }
}

/// Checks that under backpressure it waits less often than it reads, because it remembers what epoll reported; stage 6
/// waits before each step.
pub fn l07_fewer_waits_under_backpressure(subject: &Subject) {
    let server = subject.start();
    let client = server.connect().with_small_buffers();
    client.echo(b"in");
    let tracer = server.trace();
    squeeze(&server, &client);
    let (waits, reads) = waits_and_reads(&tracer.finish());
    assert!(
        2 * waits <= reads,
        "the loop should wake at most half as often as it reads, but woke {waits} times for {reads} reads"
    );
}

/// Checks that, out of descriptors, it remembers that clients wait, and leaves them alone during its pause: an echo
/// meanwhile does not make it call accept again.
pub fn l07_a_pause_is_kept(subject: &Subject) {
    const ECHOES: usize = 200;
    let faults = Faults {
        descriptors: Some(32),
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    let clients: Vec<Client> = (0..40).map(|_| server.connect()).collect();
    eventually("no descriptor is left", || {
        server.process().descriptor_count() == 32
    });
    let tracer = server.trace();
    (0..ECHOES).for_each(|_| clients[0].echo(b"a word"));
    let calls = tracer.finish();
    let in_vain = |call: &&Call| call.name().starts_with("accept") && call.result < 0;
    let tried = calls.iter().filter(in_vain).count();
    // A pause lasts 100 ms; the echoes take as long as the machine needs.
    assert!(
        tried < ECHOES / 4,
        "accept was called {tried} times in vain during {ECHOES} echoes"
    );
}
