//! How long clients may take. The server runs in the test's own process, with short ones: nobody wants
//! to wait for 75 s.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use stage_08::pages::Root;
use stage_08::{Files, Session, Site, Timeouts, run};
use suite::net::Socket;
use suite::{Client, Process, eventually};

use crate::site::{ask, folder, get, head};

/// A server that goes on until the tests are over, in a folder with two files.
fn server(name: &str, timeouts: Timeouts) -> SocketAddr {
    let folder = folder(name);
    std::fs::write(folder.join("small"), "here").expect("a file");
    let large = std::fs::File::create(folder.join("large"));
    let made = large.and_then(|large| large.set_len(1 << 30));
    made.expect("a sparse file");
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let (echo, http) = (listen(), listen());
    let address = http.local_addr().expect("an address");
    thread::spawn(move || {
        let files = Files {
            root: Root::open(&folder).expect("the folder"),
            listener: http,
            timeouts,
        };
        run(echo, Some(files))
    });
    address
}

/// So much that no test comes to its end.
fn for_ever() -> Timeouts {
    let long = Duration::from_secs(3_600);
    Timeouts {
        head: long,
        idle: long,
        stalled: long,
        linger: long,
    }
}

const SHORT: Duration = Duration::from_millis(500);

#[test]
fn what_is_promised() {
    let timeouts = Timeouts::default();
    let seconds = [timeouts.head, timeouts.idle].map(|time| time.as_secs());
    assert_eq!(seconds, [20, 75]);
}

/// The head as a whole has its time: a byte now and then does not prolong it.
#[test]
fn a_slow_head_is_cut_off() {
    let timeouts = Timeouts {
        head: SHORT,
        ..for_ever()
    };
    let client = Client::connect(server("slow-head", timeouts));
    // The time starts with the first byte of a head, and again for each head.
    for _ in 0..3 {
        let has_ended = client.is_readable(SHORT.as_millis() as u16 / 2);
        assert!(!has_ended, "between two requests");
        assert_eq!(ask(&client, get("/small")).body, b"here");
    }
    client.send(b"GET /small HTTP/1.1\r\nX: ");
    let began = Instant::now();
    let mut sent = 0;
    while !client.is_readable(20) {
        // The server may have closed by now.
        let _ = std::io::Write::write_all(&mut client.stream(), b"x");
        sent += 1;
        assert!(sent < 400, "{sent} bytes, one every 20 ms");
    }
    assert!(began.elapsed() >= SHORT, "after {:?}", began.elapsed());
    let (bytes, _) = client.receive_to_end();
    assert!(bytes.is_empty());
}

/// A client that has sent everything is not overdue if the server is late, because it was stopped or has many
/// clients.
#[test]
fn a_late_server_forgives() {
    let root = Root::open(&folder("late")).expect("the folder");
    let timeouts = Timeouts {
        head: SHORT,
        ..for_ever()
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let client = Client::connect(listener.local_addr().expect("an address"));
    let (stream, _) = listener.accept().expect("a client");
    let mut site = Site::new(root, timeouts);
    let mut session = Session::new(stream, &mut site).expect("a session");
    let (first, rest) = ("GET /missing HTTP/1.1\r\nHo", "st: h\r\n\r\n");
    client.send(first.as_bytes());
    session.on_ready(&mut [0; 4_096], &mut site);
    eventually("a client that sends nothing more to be overdue", || {
        session.is_overdue(&timeouts)
    });
    client.send(rest.as_bytes());
    assert!(!session.is_overdue(&timeouts), "the rest waits to be read");
    session.on_ready(&mut [0; 4_096], &mut site);
    assert_eq!(crate::site::answer(&client).status, 404);
}

#[test]
fn an_idle_client_is_let_go() {
    let timeouts = Timeouts {
        idle: SHORT,
        ..for_ever()
    };
    let address = server("idle-client", timeouts);
    // One that is alone and says nothing, so that nobody else's deadline wakes the server.
    Client::connect(address).expect_eof();
    let (client, fresh) = (Client::connect(address), Client::connect(address));
    let slow = Client::connect(address);
    slow.send(b"GET /small HTTP/1.1\r\nHost: h\r\n");
    // It may stay as long as it asks, and does not put off the end of who says nothing.
    eventually("the server to let the other one go", || {
        assert_eq!(ask(&client, get("/small")).body, b"here");
        fresh.is_readable(0)
    });
    fresh.expect_eof();
    client.expect_eof();
    // A request that has begun to come is not idle.
    slow.send(b"\r\n");
    assert_eq!(head(&slow).status, 200);
}

#[test]
fn a_stalled_reader_is_let_go() {
    let stalled = 3 * SHORT;
    let timeouts = Timeouts {
        stalled,
        ..for_ever()
    };
    let client = Client::connect(server("stalled-reader", timeouts)).with_small_buffers();
    client.send(get("/large").as_bytes());
    head(&client);
    let began = Instant::now();
    // Slow is not stalled. What the socket takes is progress, and it takes more only when a good part of
    // its buffer is free.
    while began.elapsed() < 2 * stalled {
        assert_eq!(client.receive(4 << 20).len(), 4 << 20);
        thread::sleep(stalled / 30);
    }
    // The server is in this process.
    let process = Process::new(std::process::id().cast_signed());
    eventually("the server to let it go", || {
        Socket::of(process, client.address()).is_none()
    });
    let (rest, _) = client.receive_to_end();
    assert!(rest.len() < 512 << 20, "{} bytes", rest.len());
}

#[test]
fn who_does_not_leave_is_left() {
    let timeouts = Timeouts {
        linger: SHORT,
        ..for_ever()
    };
    let client = Client::connect(server("lingering", timeouts));
    ask(
        &client,
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n",
    );
    client.expect_eof();
    // It is read for a while, and then reset, as it goes on.
    let began = Instant::now();
    let mut stream = client.stream();
    while std::io::Write::write_all(&mut stream, &[b'x'; 1_000]).is_ok() {
        assert!(began.elapsed() < suite::deadline(), "read forever");
    }
    assert!(began.elapsed() >= SHORT / 2, "after {:?}", began.elapsed());
}
