//! E6, E7, E9 and E15: what one client does, and what the others notice.

use std::thread;

use crate::limits::room_for_stalled;
use crate::profile::Others;
use crate::{Client, Flood, PLENTY, Server, Subject, eventually_or, fill_all, pattern, seen};

/// A client that is connected while another one misbehaves. Where clients wait for each other, it comes after the other
/// has gone.
struct Bystander<'a> {
    server: &'a Server,
    client: Option<Client>,
}

impl<'a> Bystander<'a> {
    fn of(server: &'a Server, subject: &Subject) -> Self {
        let client = (subject.profile.others != Others::Wait).then(|| server.connect());
        if let Some(client) = &client {
            client.echo(b"here");
        }
        Self { server, client }
    }

    /// Checks that the bystander is served as if nothing had happened.
    fn is_well(&self) {
        match &self.client {
            Some(client) => client.echo(b"still here"),
            None => self.server.connect().echo(b"next"),
        }
    }
}

/// Checks E6: 64 clients that never read, or as many as the kernel has memory for, push until they block. The server
/// keeps one buffer for each and no more, and serves the others.
pub fn e06_slow_readers(subject: &Subject) {
    let server = subject.start();
    let bystander = Bystander::of(&server, subject);
    let before = seen(server.process().family_memory());
    let mut clients = vec![server.connect().with_small_buffers()];
    // The first one shows whether there is a bound; without it, all of them would take gigabytes.
    let mut sent = vec![server.push(&clients[0])];
    assert!(
        sent[0] < PLENTY,
        "the server took 64 MiB, although the client read nothing"
    );
    let number = room_for_stalled(64, sent[0]);
    if number < 64 {
        eprintln!("64 stalled clients → {number}: TCP has no memory for more (net.ipv4.tcp_mem)");
    }
    clients.extend((1..number).map(|_| server.connect().with_small_buffers()));
    // The bystander is one of the served clients.
    let served = match subject.profile.others {
        Others::Wait => 1,
        _ => subject.profile.at_once(number + 1) - 1,
    };
    sent.extend(server.push_all(&clients[1..served]));
    fill_all(&clients[served..]);
    for sent in &sent {
        assert!(
            *sent < PLENTY,
            "the server took 64 MiB, although the client read nothing"
        );
    }
    let grown = seen(server.process().family_memory()).saturating_sub(before);
    let profile = &subject.profile;
    let bound = number as u64 * profile.stalled_bytes() + (512 + profile.runtime_kib) * 1024;
    assert!(
        grown <= bound,
        "{number} stalled clients cost {} KiB of memory, but should cost at most {} KiB",
        grown / 1024,
        bound / 1024
    );
    if subject.profile.others != Others::Wait {
        bystander.is_well();
        // Nothing may be lost, either.
        clients[served - 1].expect_pattern(0, sent[served - 1]);
    }
    drop(clients);
    bystander.is_well();
}

/// Checks E7: a reset in mid-stream, a reset with data queued both ways, and a write to a client that is gone each end
/// only that client's connection.
pub fn e07_resets(subject: &Subject) {
    let server = subject.start();
    let bystander = Bystander::of(&server, subject);
    let baseline = server.process().descriptor_count();

    let in_mid_stream = server.connect();
    in_mid_stream.echo(b"hello");
    in_mid_stream.reset();
    bystander.is_well();

    let with_data_queued = server.connect().with_small_buffers();
    server.push(&with_data_queued);
    with_data_queued.reset();
    bystander.is_well();

    // Closing with the echo unread sends a reset, too.
    let gone_when_written_to = server.connect();
    gone_when_written_to.send(pattern(0, 60_000));
    drop(gone_when_written_to);
    bystander.is_well();

    let before_it_was_accepted = || {
        server.stop();
        for _ in 0..8 {
            server.connect().reset();
        }
        server.go_on();
    };
    before_it_was_accepted();
    bystander.is_well();
    let more = || server.process().descriptor_count().saturating_sub(baseline);
    eventually_or(
        "the server to close the descriptors of the clients that were reset",
        || more() == 0,
        || format!("{} are still open", more()),
    );
}

/// Checks E9: a second client is served while the first is connected and silent. With a fixed number of places, the
/// next client is served once the first has left.
pub fn e09_second_client(subject: &Subject) {
    let server = subject.start();
    let first = server.connect();
    first.echo(b"first");
    let inside = match subject.profile.others {
        Others::Served => 2,
        Others::Wait => 1,
        Others::Workers(number) => number,
    };
    let beside: Vec<Client> = (1..inside).map(|_| server.connect()).collect();
    beside.iter().for_each(|client| client.echo(b"second"));
    if subject.profile.others != Others::Served {
        let next = server.connect();
        next.send(b"next");
        next.expect_silence();
        first.echo(b"first, still");
        drop(first);
        next.expect(b"next");
    }
}

/// Checks E15: one client streams at full speed, and the others' echoes still come promptly: while one of them is under
/// way, the flood gets no more than a few turns.
pub fn e15_flood(subject: &Subject) {
    let server = subject.start();
    let flood = Flood::new(server.connect());
    let other = server.connect();
    if subject.profile.others == Others::Wait {
        other.send(b"me too");
        flood.client().echo(&[7; 100_000]);
        other.expect_silence();
        drop(flood);
        other.expect(b"me too");
        return;
    }
    thread::scope(|scope| {
        let _tracer = flood.never_dries_up(&server);
        let _end = flood.start(scope);
        let mut meanwhile: Vec<usize> = (0..50)
            .map(|_| {
                let before = flood.echoed();
                other.echo(b"me too");
                flood.echoed() - before
            })
            .collect();
        meanwhile.sort_unstable();
        let median = meanwhile[25];
        assert!(
            median < 16 << 20,
            "{median} bytes of the flood pass while another client waits for its echo"
        );
    });
}
