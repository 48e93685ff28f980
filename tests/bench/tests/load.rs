//! The load generator: what it notices, and what it counts.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use bench::{Load, Measured, Pace, Plan};

/// A server of the test's own: `serve` runs for each of a number of clients, in a thread.
fn server(clients: usize, serve: fn(TcpStream)) -> SocketAddr {
    server_at("127.0.0.1:0", clients, serve)
}

fn server_at(address: &str, clients: usize, serve: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind(address).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming().take(clients) {
            let client = client.unwrap();
            thread::spawn(move || serve(client));
        }
    });
    address
}

/// Echoes, and does something to the bytes first, given how many have come before.
fn echo(mut client: TcpStream, mut change: impl FnMut(usize, &mut [u8]) -> bool) {
    let (mut buffer, mut before) = ([0; 4096], 0);
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        let goes_on = change(before, &mut buffer[..length]);
        before += length;
        if !goes_on || client.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}

/// Echoes, and once pauses: the fault that the load has to show.
fn echo_with_a_pause(client: TcpStream, milliseconds: u64) {
    let mut paused = false;
    echo(client, |before, _| {
        if before > 1_000 && !paused {
            paused = true;
            thread::sleep(Duration::from_millis(milliseconds));
        }
        true
    });
}

fn plan(address: SocketAddr) -> Plan {
    Plan {
        duration: Duration::from_millis(200),
        patience: suite::deadline(),
        ..Plan::new(address)
    }
}

/// Returns a load that ends when the last client is lost or given up, however slow the machine is.
fn until_all_are_lost(address: SocketAddr) -> Plan {
    Plan {
        duration: Duration::from_secs(60),
        ..plan(address)
    }
}

fn measure(plan: Plan) -> Measured {
    Load::connect(plan).unwrap().measure().unwrap()
}

fn assert_clean(measured: &Measured) {
    assert!(measured.is_clean(), "{measured:?}");
    assert!(measured.echoes > 0, "{measured:?}");
}

#[test]
fn a_byte_that_is_changed_is_noticed() {
    let address = server(2, |client| {
        echo(client, |before, bytes| {
            if let Some(byte) = 1000_usize
                .checked_sub(before)
                .and_then(|at| bytes.get_mut(at))
            {
                *byte ^= 1;
            }
            true
        });
    });
    let measured = measure(Plan {
        active: 2,
        ..until_all_are_lost(address)
    });
    assert_eq!(measured.lost.wrong, 2, "{measured:?}");
    let first = measured.lost.first_wrong.unwrap();
    assert!(
        first.starts_with("byte 1000 of a client came back as 0x"),
        "{first}"
    );
}

#[test]
fn bytes_that_nobody_sent_are_noticed() {
    // They are those that will be sent next, so that only their number tells.
    let address = server(1, |client| {
        let mut other = client.try_clone().unwrap();
        echo(client, |before, bytes| {
            let more = suite::pattern(before, bytes.len() + 5);
            if before >= 500 {
                other.write_all(more).unwrap();
            }
            before < 500
        });
    });
    let measured = measure(until_all_are_lost(address));
    assert_eq!(measured.lost.wrong, 1, "{measured:?}");
    let first = measured.lost.first_wrong.unwrap();
    assert!(first.starts_with("5 more bytes came back"), "{first}");
}

#[test]
fn messages_of_all_sizes_come_back() {
    for (size, burst) in [(1, 1), (64, 16), (100_000, 3), (1 << 20, 1)] {
        let address = server(3, |client| echo(client, |_, _| true));
        let measured = measure(Plan {
            active: 3,
            size,
            burst,
            ..plan(address)
        });
        assert_clean(&measured);
        assert_eq!(measured.echoes % burst as u64, 0, "{measured:?}");
    }
}

#[test]
fn an_open_loop_counts_from_when_a_message_was_due() {
    let address = server(1, |client| echo_with_a_pause(client, 500));
    let measured = measure(Plan {
        pace: Pace::Open(1000.0),
        duration: Duration::from_secs(1),
        ..plan(address)
    });
    assert_clean(&measured);
    assert_eq!(measured.echoes, 1000, "what is due is sent, pause or not");
    // 500 of 1,000 messages were due in the pause; a tenth of all waited for four fifths of it.
    let latency = measured.latency;
    assert!(latency.max >= 499_000.0, "{latency:?}");
    assert!(latency.p90 >= 390_000.0, "{latency:?}");
}

#[test]
fn a_closed_loop_sees_a_pause_once_a_client() {
    let address = server(1, |client| echo_with_a_pause(client, 100));
    let measured = measure(Plan {
        duration: Duration::from_millis(300),
        ..plan(address)
    });
    assert_clean(&measured);
    assert!(measured.latency.max >= 99_000.0, "{measured:?}");
}

#[test]
fn a_server_that_goes_silent_is_given_up() {
    let address = server(2, |client| {
        let mut kept = client.try_clone().unwrap();
        echo(client, |before, _| before < 5_000);
        // It reads no more, and its connection stays until the client goes.
        let _ = kept.read_to_end(&mut Vec::new());
    });
    let measured = measure(Plan {
        active: 2,
        patience: Duration::from_secs(1),
        ..until_all_are_lost(address)
    });
    assert_eq!(measured.unanswered, 2, "{measured:?}");
    assert_eq!(measured.lost.all(), 0, "{measured:?}");
}

#[test]
fn a_server_that_closes_is_counted() {
    let address = server(3, |client| {
        echo(client, |before, _| before < 5_000);
    });
    let measured = measure(Plan {
        idle: 1,
        active: 2,
        ..until_all_are_lost(address)
    });
    // Closing with bytes unread resets.
    assert_eq!(measured.lost.eof + measured.lost.reset, 2, "{measured:?}");
    assert_eq!(measured.unanswered, 2, "{measured:?}");
}

#[test]
fn ipv6_is_loaded_too() {
    let address = server_at("[::1]:0", 2, |client| echo(client, |_, _| true));
    let mut plan = plan(address);
    plan.active = 2;
    assert_clean(&measure(plan));
}

#[test]
fn a_burst_is_sent_when_the_one_before_is_back() {
    let address = server(1, |mut client| {
        let mut greeting = [0];
        client.read_exact(&mut greeting).unwrap();
        client.write_all(&greeting).unwrap();
        let mut burst = [0; 30];
        while client.read_exact(&mut burst).is_ok() {
            // A message of three is back; nothing more may come for it.
            client.write_all(&burst[..10]).unwrap();
            client
                .set_read_timeout(Some(Duration::from_millis(50)))
                .unwrap();
            if client.peek(&mut [0]).is_ok_and(|length| length > 0) {
                return; // which is a client that is lost
            }
            client.set_read_timeout(None).unwrap();
            if client.write_all(&burst[10..]).is_err() {
                return;
            }
        }
    });
    let plan = Plan {
        size: 10,
        burst: 3,
        ..plan(address)
    };
    assert_clean(&measure(plan));
}
