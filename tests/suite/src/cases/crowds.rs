//! E8 and E10: many clients, one after the other and at the same time.

use std::fmt;
use std::time::Instant;

use crate::limits::{crowd, page_size};
use crate::profile::Crowd;
use crate::{Client, Process, Server, Subject, eventually, eventually_or, leave, seen};

/// What a server holds: once it returns to its first state, clients have left nothing behind.
#[derive(Debug)]
struct Holdings {
    descriptors: usize,
    children: usize,
    threads: usize,
}

impl fmt::Display for Holdings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            descriptors,
            children,
            threads,
        } = self;
        write!(
            f,
            "{descriptors} descriptors, {children} children, {threads} threads"
        )
    }
}

impl Holdings {
    fn of(process: Process) -> Self {
        Self {
            descriptors: process.descriptor_count(),
            children: process.children().len(),
            threads: process.threads().len(),
        }
    }

    fn are_within(&self, other: &Self) -> bool {
        self.descriptors <= other.descriptors
            && self.children <= other.children
            && self.threads <= other.threads
    }
}

/// Checks E8: after 1,000 connects, with and without data, descriptors, children, threads and memory are back where
/// they were.
pub fn e08_comings_and_goings(subject: &Subject) {
    let server = subject.start();
    // A server may set up what it needs after its announcement, or for its first client.
    let first = server.connect();
    first.echo(b"first");
    first.half_close();
    first.expect_eof();
    let baseline = Holdings::of(server.process());
    let round = || {
        for number in 0..500 {
            drop(server.connect());
            let client = server.connect();
            client.echo(b"hello");
            if number % 2 == 0 {
                client.half_close();
                client.expect_eof();
            }
        }
        let now = || Holdings::of(server.process());
        eventually_or(
            "the server to give back everything that 1,000 clients cost",
            || now().are_within(&baseline),
            || format!("it had {baseline} before, and now it has {}", now()),
        );
        seen(server.process().memory())
    };
    // The first round may leave memory for the second to reuse; on a busy machine one round may have a few more clients
    // at the same time than the other.
    let memory = round();
    let grown = round().saturating_sub(memory);
    let bound = 64 * 1024 + 8 * subject.profile.stalled_bytes();
    assert!(
        grown <= bound,
        "1,000 more clients left {grown} bytes of memory behind, more than {bound}"
    );
}

/// Checks E10: 1,100 clients at the same time.
pub fn e10_crowd(subject: &Subject) {
    let crowd = crowd(1_100);
    let number = crowd.size;
    assert!(
        number > 1_024,
        "cannot check descriptors beyond 1,023: the limit here leaves room for only {number} clients"
    );
    let began = Instant::now();
    let server = subject.start();
    let clients: Vec<Client> = (0..number).map(|_| server.connect()).collect();
    match subject.profile.crowd {
        Crowd::All => {
            for round in 0..3_u8 {
                clients.iter().for_each(|client| client.send(&[round; 10]));
                for client in &clients {
                    client.expect(&[round; 10]);
                }
            }
            leave(clients);
        }
        Crowd::InTurn => {
            clients.iter().for_each(|client| client.send(b"my turn"));
            for client in clients {
                client.expect(b"my turn");
            }
        }
        Crowd::Below1024 => below_1024(&server, &clients, began),
    }
}

/// Checks that the clients that fit are served, that the others are turned away, which the log says once, and that a
/// client that leaves makes room for another.
fn below_1024(server: &Server, clients: &[Client], began: Instant) {
    eventually("the server to use all descriptors below 1,024", || {
        let descriptors = server.process().descriptors();
        descriptors
            .iter()
            .filter(|(number, _)| *number < 1024)
            .count()
            == 1024
    });
    let served = |client: &&Client| {
        // One that was turned away may be gone already.
        let sent = std::io::Write::write_all(&mut client.stream(), b"fits");
        sent.is_ok() && client.has_bytes()
    };
    let (inside, outside): (Vec<&Client>, Vec<&Client>) = clients.iter().partition(served);
    // Standard input, output and error, the listener, and a few of the server's own.
    assert!(
        (1_010..=1_020).contains(&inside.len()),
        "{} clients were served at the same time; descriptors below 1,024 are enough for 1,010 to 1,020",
        inside.len()
    );
    for client in &outside {
        client.expect_turned_away();
    }
    let line = "turned away";
    eventually(
        "a line on standard error about clients being turned away",
        || server.log().contains(line),
    );
    for client in &inside {
        client.expect(b"fits");
        client.echo(b"undisturbed");
    }
    inside[0].half_close();
    inside[0].expect_eof();
    server.connect().echo(b"in your place");
    // At most one line in 10 s, whatever clients do.
    let most = 1 + began.elapsed().as_secs() as usize / 10;
    let log = server.whole_log();
    let lines = log.lines().filter(|text| text.contains(line)).count();
    assert!(
        lines <= most,
        "the server printed {lines} lines on standard error, but should print at most {most}"
    );
}

/// Checks E10: 10,000 idle clients, or as many as the limits here allow, cost next to no memory and no CPU time.
pub fn e10_ten_thousand_idle(subject: &Subject) {
    let crowd = crowd(10_000);
    let number = crowd.size;
    let server = subject.start();
    server.connect().echo(b"warm");
    let process = server.process();
    let memory = seen(process.memory());
    let clients: Vec<Client> = (0..number).map(|_| server.connect()).collect();
    eventually_or(
        "the server to accept all clients",
        || process.sockets().len() > number,
        || {
            format!(
                "of {number} it has accepted {}",
                process.sockets().len().saturating_sub(1)
            )
        },
    );

    if let Some(bytes) = subject.profile.idle_bytes {
        let grown = seen(process.memory()).saturating_sub(memory);
        // Where there is room for few clients, it matters that memory is counted in whole pages.
        let pages = 4 * page_size() as u64;
        assert!(
            grown <= bytes * number as u64 + pages,
            "{number} idle clients cost {grown} bytes of memory, more than {bytes} bytes each and {pages} in all"
        );
    }
    server.expect_rest(&clients[0]);
    for client in clients.iter().step_by(number / 10) {
        client.echo(b"awake");
    }
    leave(clients);
}
