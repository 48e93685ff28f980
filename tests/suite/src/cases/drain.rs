//! E13 for a server that drains: what has arrived is echoed and flushed, within two seconds at most.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::ends::stops_listening;
use crate::last_words::heard;
use crate::net::{Socket, unacknowledged};
use crate::{Call, Client, End, Server, Subject, with_last_words};
use crate::{assert_same, deadline, eventually, pattern};

/// A server's drain, whose two seconds begin when the signal is sent.
#[derive(Debug, Default)]
struct Drain(Cell<Option<Instant>>);

impl Drain {
    fn begin(&self, server: &Server, signal: Signal) {
        self.0.set(Some(Instant::now()));
        server.signal(signal);
    }

    /// Returns whether a correct server may have given up its clients by now, because its two seconds are nearly over.
    /// After a whole deadline, time is no excuse.
    fn is_late(&self) -> bool {
        let late = Duration::from_millis(1_500)..deadline();
        self.0.get().is_some_and(|at| late.contains(&at.elapsed()))
    }
}

/// Runs a test that has to fit into the two seconds of a drain. On a machine so busy that it does not, a failure says
/// nothing about the server, so this retries a few times.
fn in_time(attempt: impl Fn(&Drain)) {
    const MOST: usize = 5;
    for number in 1.. {
        let drain = Drain::default();
        let (outcome, servers) = with_last_words(|| attempt(&drain));
        let Err(panic) = outcome else { return };
        if number == MOST || !drain.is_late() {
            servers.into_iter().for_each(|words| drop(heard(words)));
            resume_unwind(panic);
        }
    }
}

/// Waits until everything that a client has sent is in the server's kernel. On a busy machine it is under way for a
/// while, and a server owes nothing that has not arrived.
fn has_arrived(client: &Client) {
    eventually("the bytes to arrive", || {
        unacknowledged(client.stream()) == 0
    });
}

/// Checks that bytes that had arrived unread when the signal came are echoed; then all connections end, and the server
/// with them.
pub(super) fn drains(subject: &Subject, signal: Signal) {
    in_time(|drain| echoes_what_has_arrived(subject, signal, drain));
    // A server that announces itself must be ready for the signal.
    let server = subject.start();
    server.signal(signal);
    server.expect_exit(&format!("after {signal} right after the start"));
}

fn echoes_what_has_arrived(subject: &Subject, signal: Signal, drain: &Drain) {
    let server = subject.start();
    let idle = server.connect();
    let talking = server.connect();
    // More than a server reads at a time, but few enough to send without a reader.
    let bytes = pattern(0, 60_000);
    idle.echo(b"idle from now on");
    talking.echo(b"hello");
    server.stop();
    talking.send(bytes);
    eventually("the bytes to reach the server's socket", || {
        let socket = Socket::of(server.process(), talking.address());
        socket.is_some_and(|socket| socket.unread() == bytes.len())
    });
    drain.begin(&server, signal);
    server.go_on();
    talking.expect(bytes);
    server.expect_exit(&format!("after {signal}"));
    talking.expect_eof();
    idle.expect_eof();
    stops_listening(server.address());
}

/// Checks E13: clients waiting in the queue when the signal comes are accepted and answered, because closing the
/// listener would reset them.
pub fn e13_in_the_queue(subject: &Subject) {
    in_time(|drain| {
        let server = subject.start();
        server.connect().echo(b"before");
        server.stop();
        let clients: Vec<_> = (0..100).map(|_| server.connect()).collect();
        clients.iter().for_each(|client| client.send(b"me too"));
        clients.iter().for_each(has_arrived);
        drain.begin(&server, Signal::SIGTERM);
        server.go_on();
        for client in &clients {
            client.expect(b"me too");
            client.expect_eof();
        }
        server.expect_exit("after SIGTERM");
    });
}

/// Checks E13: bytes that have arrived behind the urgent mark are echoed, too (tcp(7): FIONREAD counts up to the mark
/// only).
pub fn e13_urgent_mark(subject: &Subject) {
    in_time(|drain| {
        let server = subject.start();
        let client = server.connect();
        client.echo(b"calm");
        server.stop();
        client.send(b"before");
        client.send_urgent(b'!');
        client.send(b"after");
        has_arrived(&client);
        let (hook, acknowledged) = holder(&server, &client);
        let tracer = server.trace_with(hook);
        drain.begin(&server, Signal::SIGTERM);
        server.go_on();
        let (bytes, end) = client.receive_to_end();
        drop(tracer);
        assert_same(b"beforeafter", &bytes);
        assert!(
            end == End::Eof,
            "the connection ended by a reset instead of EOF"
        );
        assert!(
            acknowledged.load(SeqCst),
            "the client's kernel acknowledged no echo"
        );
    });
}

/// Returns a hook that holds the server after each write until the client has acknowledged everything. When the server
/// then looks at the connection, only unread bytes are left.
fn holder(
    server: &Server,
    client: &Client,
) -> (impl FnMut(&Call) + Send + 'static, Arc<AtomicBool>) {
    let (process, address) = (server.process(), client.address());
    let acknowledged = Arc::new(AtomicBool::new(false));
    let (note, end) = (Arc::clone(&acknowledged), Instant::now() + deadline());
    let hook = move |call: &Call| {
        // `None` once the connection is closed: a line of the log that is written then has nothing to wait for.
        let unsent = || Socket::of(process, address).map(|socket| socket.unsent());
        if call.is_write() || call.name() == "io_uring_enter" {
            while unsent().is_some_and(|bytes| bytes > 0) && Instant::now() < end {
                thread::sleep(Duration::from_millis(1));
            }
            note.fetch_or(unsent() == Some(0), SeqCst);
        }
    };
    (hook, acknowledged)
}

/// Checks E13: a client that reads late, but within the 2 seconds, loses nothing of what had arrived when the signal
/// came. Bytes still in its own kernel, because the server's window is closed, may or may not arrive in time.
pub fn e13_late_reader(subject: &Subject) {
    in_time(|drain| {
        let server = subject.start();
        let late = server.connect().with_small_buffers();
        let sent = server.push(&late);
        let arrived = sent - unacknowledged(late.stream());
        drain.begin(&server, Signal::SIGTERM);
        stops_listening(server.address());
        assert!(
            server.is_alive(),
            "the server ended at SIGTERM, although a client was still owed bytes"
        );
        late.expect_pattern(0, arrived);
        let (more, _) = late.receive_to_end();
        for (number, piece) in more.chunks(65_536).enumerate() {
            assert_same(pattern(arrived + number * 65_536, piece.len()), piece);
        }
        server.expect_exit("after SIGTERM");
    });
}

/// Checks E13: a client that never reads delays the end by 2 seconds at most. This case takes that long, and its name
/// makes it start first.
pub fn drain_within_two_seconds(subject: &Subject) {
    let server = subject.start();
    let never = server.connect().with_small_buffers();
    server.push(&never);
    server.signal(Signal::SIGTERM);
    let began = Instant::now();
    server.expect_exit("after SIGTERM");
    // A server that allowed no time at all would end at once. A busy machine adds little to the time that anything may
    // take.
    let (took, least) = (began.elapsed(), Duration::from_secs(1));
    let most = Duration::from_secs(2) + deadline() / 8;
    assert!(
        (least..most).contains(&took),
        "a drain should take two seconds when a client never reads, but the server ended after {took:.1?}"
    );
}

/// Checks E13: a client that is owed bytes and keeps talking loses none of them. Closing its connection while they are
/// under way would turn its next bytes into a reset.
pub fn e13_still_talking(subject: &Subject) {
    in_time(|drain| {
        let server = subject.start();
        let client = server.connect().with_small_buffers();
        let bytes: Vec<u8> = (0..5)
            .flat_map(|n| pattern(n * 65_536, 65_536))
            .copied()
            .collect();
        client.send(&bytes);
        eventually(
            "the server to read all of the bytes, with some that it cannot send back yet",
            || {
                let socket = Socket::of(server.process(), client.address());
                // Unacknowledged bytes have not arrived yet.
                unacknowledged(client.stream()) == 0
                    && socket.is_some_and(|socket| socket.unread() == 0 && socket.unsent() > 0)
            },
        );
        drain.begin(&server, Signal::SIGTERM);
        stops_listening(server.address());
        client.send(b"by the way");
        client.expect(&bytes);
        if subject.profile.is_own {
            client.expect(b"by the way");
            client.expect_eof();
        } else {
            // Bytes that came after the signal may or may not be echoed. Once the owed bytes are here, a reset loses
            // nothing.
            let (more, _) = client.receive_to_end();
            assert!(
                b"by the way".starts_with(&more),
                "bytes came back that were never sent: {more:x?}"
            );
        }
        server.expect_exit("after SIGTERM");
    });
}
