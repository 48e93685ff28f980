//! E1 … E5 and E17: one client, and its bytes.

use std::net::Shutdown;
use std::thread;

use crate::net::Socket;
use crate::{Client, PLENTY, Subject, assert_same, call_name, eventually, pattern, seen};

/// Checks E1: the same bytes come back, in order, and nothing else: all 256 values, and sizes around each power of two.
pub fn e01_bytes_come_back(subject: &Subject) {
    let server = subject.start();
    let nothing = server.connect();
    nothing.half_close();
    nothing.expect_eof();
    drop(nothing);

    let client = server.connect();
    client.echo(&(0..=255).collect::<Vec<u8>>());
    let mut stream = Vec::new();
    while stream.len() <= 1 << 20 {
        stream.extend_from_slice(pattern(stream.len(), 65_536));
    }
    for power in 0..=20 {
        for size in [(1 << power) - 1, 1 << power, (1 << power) + 1] {
            client.echo(&stream[..size]);
        }
    }
    client.half_close();
    client.expect_eof();
}

/// Checks E2: it makes no difference how the bytes are cut into pieces, one at a time or at random.
pub fn e02_chopped(subject: &Subject) {
    let server = subject.start();
    let client = server.connect();
    let nodelay = client.stream().set_nodelay(true);
    assert!(nodelay.is_ok(), "cannot set TCP_NODELAY");
    for byte in pattern(0, 300) {
        client.echo(&[*byte]);
    }
    for byte in pattern(300, 300) {
        client.send(&[*byte]);
    }
    client.expect(pattern(300, 300));

    let mut random = fastrand::Rng::with_seed(7);
    let total = 300_000;
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut offset = 0;
            let mut random = fastrand::Rng::with_seed(1007);
            while offset < total {
                let size = random.usize(1..9_000).min(total - offset);
                assert_same(pattern(offset, size), &client.receive(size));
                offset += size;
            }
        });
        let mut offset = 0;
        while offset < total {
            let size = random.usize(1..9_000).min(total - offset);
            client.send(pattern(offset, size));
            offset += size;
        }
        if let Err(panic) = reader.join() {
            std::panic::resume_unwind(panic);
        }
    });
    client.half_close();
    client.expect_eof();
}

/// Checks E2: two small writes of a client come back without a pause between them, because the server's socket does not
/// hold the second until the first is acknowledged (tcp(7), TCP_NODELAY).
pub fn e02_small_writes(subject: &Subject) {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"in");
    let socket = Socket::of(server.process(), client.address());
    let socket = socket.unwrap_or_else(|| panic!("cannot observe the server's socket"));
    assert!(
        socket.sends_at_once(),
        "the server's socket holds back a small write until the one before it is acknowledged: it lacks TCP_NODELAY"
    );
}

/// Checks E3: the server sends nothing unprompted, and no client is disconnected for being silent. While all clients
/// are idle, the server sleeps without a timeout.
pub fn e03_silence(subject: &Subject) {
    let server = subject.start();
    let client = server.connect();
    client.expect_silence();
    client.echo(b"now");
    server.expect_rest(&client);
    for process in [vec![server.process()], server.process().children()].concat() {
        let mut call = None;
        eventually("the server to wait in a system call", || {
            call = process.blocked_in();
            call.is_some()
        });
        let (number, arguments) = call.unwrap_or_default();
        let name = call_name(number);
        let limit = time_limit(name, arguments);
        assert!(
            limit.is_none(),
            "an idle server must sleep without a timeout, but its {name} has one"
        );
    }
    client.echo(b"and again");
}

/// Returns the timeout of a waiting call, unless it waits forever.
fn time_limit(name: &str, arguments: [u64; 6]) -> Option<u64> {
    match name {
        "epoll_wait" | "epoll_pwait" => Some(arguments[3]).filter(|&limit| limit as i32 != -1),
        "poll" => Some(arguments[2]).filter(|&limit| limit as i32 != -1),
        // These take the address of a timeout, or none.
        "ppoll" => Some(arguments[2]).filter(|&address| address != 0),
        "epoll_pwait2" => Some(arguments[3]).filter(|&address| address != 0),
        "select" | "pselect6" => Some(arguments[4]).filter(|&address| address != 0),
        "nanosleep" => Some(arguments[0]),
        "clock_nanosleep" => Some(arguments[2]),
        "unknown" => {
            panic!("cannot observe whether the server waits forever: its call is unknown")
        }
        _ => None,
    }
}

/// Checks E4: after the client's FIN every byte still comes back, then EOF.
pub fn e04_half_close(subject: &Subject) {
    let server = subject.start();
    // The FIN comes right behind the data: the server finds both when it goes on.
    for size in [1, 1_000, 16_384, 65_536] {
        let client = server.connect();
        client.echo(b"in");
        server.stop();
        client.send(pattern(0, size));
        client.half_close();
        server.go_on();
        client.expect(pattern(0, size));
        client.expect_eof();
    }
    // The FIN comes behind data that the server cannot send on yet.
    let client = server.connect().with_small_buffers();
    let sent = server.push(&client);
    client.half_close();
    client.expect_pattern(0, sent);
    client.expect_eof();
}

/// Checks E5: a client writes 64 MiB before its first read. It has to stall, because no server may keep that much for
/// it; once it reads, it gets all of them.
pub fn e05_writes_all_then_reads(subject: &Subject) {
    let server = subject.start();
    let client = server.connect().with_small_buffers();
    let pushed = server.push(&client);
    assert!(
        pushed < PLENTY,
        "the server took all 64 MiB, although the client read nothing"
    );
    let send = || {
        client.send_pattern(pushed, PLENTY - pushed);
        client.half_close();
    };
    beside(&client, send, || client.expect_pattern(0, PLENTY));
    client.expect_eof();
}

/// Sends in another thread while this one receives. Reports the failure that comes first in either.
fn beside(client: &Client, send: impl FnOnce() + Send, receive: impl FnOnce()) {
    thread::scope(|scope| {
        let sender = scope.spawn(send);
        let cut = CutIfFailed(client);
        receive();
        drop(cut);
        if let Err(panic) = sender.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// A thread that goes on sending would wait for a server that nobody reads from any more.
struct CutIfFailed<'a>(&'a Client);

impl Drop for CutIfFailed<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            // It fails if the server has cut it already.
            let _ = self.0.stream().shutdown(Shutdown::Both);
        }
    }
}

/// Checks E17: 1 GiB goes through one connection, both ways at once, with every byte compared, and memory does not
/// grow.
pub fn e17_one_gibibyte(subject: &Subject) {
    const TOTAL: usize = 1 << 30;
    let server = subject.start();
    let client = server.connect();
    client.echo(b"warm");
    let before = seen(server.process().family_memory());
    let send = || {
        client.send_pattern(0, TOTAL);
        client.half_close();
    };
    beside(&client, send, || {
        client.expect_pattern(0, TOTAL / 2);
        let grown = seen(server.process().family_memory()).saturating_sub(before);
        let profile = &subject.profile;
        let bound = profile.stalled_bytes() + (256 + profile.runtime_kib) * 1024;
        assert!(
            grown <= bound,
            "the server's memory grew by {grown} bytes for one client"
        );
        client.expect_pattern(TOTAL / 2, TOTAL / 2);
    });
    client.expect_eof();
}
