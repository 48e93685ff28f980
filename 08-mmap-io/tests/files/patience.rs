//! How long clients may take. The server runs in the test's own process, with little patience: nobody
//! wants to wait for 75 s.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use stage_08::pages::Root;
use stage_08::{Patience, Site, run_with_files};
use suite::Client;

use crate::site::{ask, folder, get, head};

/// A server that goes on until the tests are over, in a folder with two files.
fn server(name: &str, patience: Patience) -> SocketAddr {
    let folder = folder(name);
    std::fs::write(folder.join("small"), "here").expect("a file");
    let large = std::fs::File::create(folder.join("large"));
    let made = large.and_then(|large| large.set_len(1 << 30));
    made.expect("a sparse file");
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let (echo, http) = (listen(), listen());
    let address = http.local_addr().expect("an address");
    thread::spawn(move || {
        let root = Root::open(&folder).expect("the folder");
        run_with_files(echo, http, Site::new(root, patience))
    });
    address
}

/// So much that no test comes to its end.
fn for_ever() -> Patience {
    let long = Duration::from_secs(3_600);
    Patience {
        head: long,
        idle: long,
        stalled: long,
        linger: long,
    }
}

const SHORT: Duration = Duration::from_millis(300);

#[test]
fn what_is_promised() {
    let patience = Patience::default();
    let seconds = [patience.head, patience.idle].map(|time| time.as_secs());
    assert_eq!(seconds, [20, 75]);
}

/// The head as a whole has its time: a byte now and then does not prolong it.
#[test]
fn a_slow_head_is_cut_off() {
    let patience = Patience {
        head: SHORT,
        ..for_ever()
    };
    let client = Client::connect(server("slow-head", patience));
    // The time begins with the first byte of a head, and for each head anew.
    for _ in 0..3 {
        thread::sleep(SHORT / 2);
        assert_eq!(ask(&client, get("/small")).body, b"here");
    }
    client.send(b"GET /small HTTP/1.1\r\nX: ");
    let began = Instant::now();
    let mut sent = 0;
    while !client.is_readable(20) {
        // The server may have closed by now.
        let _ = std::io::Write::write(&mut client.stream(), b"x");
        sent += 1;
        assert!(sent < 400, "{sent} bytes, one every 20 ms");
    }
    assert!(began.elapsed() >= SHORT, "after {:?}", began.elapsed());
    let (bytes, _) = client.receive_to_end();
    assert!(bytes.is_empty());
}

#[test]
fn an_idle_client_is_let_go() {
    let patience = Patience {
        idle: SHORT,
        ..for_ever()
    };
    let address = server("idle-client", patience);
    let (client, fresh) = (Client::connect(address), Client::connect(address));
    let slow = Client::connect(address);
    slow.send(b"GET /small HTTP/1.1\r\nHost: h\r\n");
    let began = Instant::now();
    // It may stay as long as it asks.
    while began.elapsed() < 2 * SHORT {
        assert_eq!(ask(&client, get("/small")).body, b"here");
    }
    client.expect_eof();
    fresh.expect_eof();
    // A request that has begun to come is not idle.
    slow.send(b"\r\n");
    assert_eq!(head(&slow).status, 200);
}

#[test]
fn a_stalled_reader_is_let_go() {
    let patience = Patience {
        stalled: SHORT,
        ..for_ever()
    };
    let client = Client::connect(server("stalled-reader", patience)).with_small_buffers();
    client.send(get("/large").as_bytes());
    head(&client);
    let began = Instant::now();
    // Slow is not stalled. What the socket takes is progress, and it takes more only when a good part of
    // its buffer is free.
    while began.elapsed() < 2 * SHORT {
        client.receive(4 << 20);
    }
    thread::sleep(3 * SHORT);
    let (rest, _) = client.receive_to_end();
    assert!(rest.len() < 512 << 20, "{} bytes", rest.len());
}

#[test]
fn who_does_not_leave_is_left() {
    let patience = Patience {
        linger: SHORT,
        ..for_ever()
    };
    let client = Client::connect(server("lingering", patience));
    ask(
        &client,
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n",
    );
    client.expect_eof();
    // It is read for a while, and then reset, as it goes on.
    let began = Instant::now();
    let mut stream = client.stream();
    while std::io::Write::write_all(&mut stream, &[b'x'; 1_000]).is_ok() {
        assert!(began.elapsed() < suite::DEADLINE, "read for ever");
    }
    assert!(began.elapsed() >= SHORT / 2, "after {:?}", began.elapsed());
}
