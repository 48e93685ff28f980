//! Many clients, slow ones, and no descriptor left.

use std::sync::mpsc;

use suite::cases::share_of_processor;
use suite::{Call, Client, Faults, deadline, eventually, leave, seen};

use crate::site::{Site, answer, ask, get, head};

/// Idle clients, if the limit of descriptors allows that many, and the machine is no slower than most: the server lets
/// those go that are idle for 75 s.
const CROWD: usize = 10_000;

#[test]
fn ten_thousand_idle_clients_are_held() {
    let site = Site::new("idle");
    site.write("small", "here");
    let process = site.server.process();
    let echo = site.server.connect();
    ask(&site.connect(), get("/small"));
    let memory = seen(process.memory());
    let crowd = suite::crowd(CROWD / suite::slowness() as usize);
    let clients: Vec<Client> = (0..crowd.size).map(|_| site.connect()).collect();
    // Each has been answered, and may ask again.
    for client in &clients {
        client.send(get("/small").as_bytes());
    }
    for client in &clients {
        assert_eq!(answer(client).body, b"here");
    }
    // What the allocator holds in reserve does not depend on their number.
    let grown = seen(process.memory()).saturating_sub(memory);
    let bound = 100 * 1024 + 80 * clients.len() as u64;
    assert!(
        grown <= bound,
        "{grown} bytes of memory for {} idle clients",
        clients.len()
    );
    eventually("the server to let the file go", || {
        site.maps(&site.folder.join("small")) == 0
    });
    site.server.expect_rest(&echo);
    echo.echo(b"undisturbed");
    for client in clients.iter().step_by(997) {
        assert_eq!(ask(client, get("/small")).body, b"here");
    }
    leave(clients);
}

/// Readers of a large file that do not read, and one that reads slowly, are in nobody's way, and cost
/// nothing but a mapping, which they share.
#[test]
fn others_are_served_beside_stalled_transfers() {
    let site = Site::new("crowds-stalled");
    site.write("small", "quick");
    let (path, slow) = site.stalled(5 << 30);
    let memory = seen(site.server.process().memory());
    let stalled: Vec<Client> = (0..200)
        .map(|_| {
            let client = site.connect();
            client.send(get("/large").as_bytes());
            assert_eq!(head(&client).length(), 5 << 30);
            client
        })
        .collect();
    let echo = site.server.connect();
    for round in 0..100 {
        assert_eq!(slow.receive(10_000).len(), 10_000);
        assert_eq!(ask(&site.connect(), get("/small")).body, b"quick");
        echo.echo(format!("and the echo {round}").as_bytes());
    }
    assert_eq!(site.maps(&path), 1, "one file, one mapping");
    let grown = seen(site.server.process().memory()).saturating_sub(memory);
    assert!(grown < 512 * 1024, "{grown} bytes for 200 stalled readers");
    leave(stalled);
}

/// Out of descriptors: those who are there are served, by files that were never opened before; the
/// others wait, on both listeners, and come in when somebody leaves.
#[test]
fn out_of_descriptors_present_clients_are_served() {
    let faults = Faults {
        descriptors: Some(32),
        ..Faults::default()
    };
    let site = Site::start_with("descriptors", &faults);
    for number in 0..10 {
        site.write(&format!("{number}"), format!("file {number}"));
    }
    let (_, stalled) = site.stalled(1 << 30);
    let mut files: Vec<Client> = (0..40).map(|_| site.connect()).collect();
    let mut echoes: Vec<Client> = (0..20).map(|_| site.server.connect()).collect();
    let process = site.server.process();
    eventually("the server to reach its limit of descriptors", || {
        process.descriptor_count() == 32
    });
    echoes.iter().for_each(|client| client.send(b"in?"));
    files
        .iter()
        .for_each(|client| client.send(get("/0").as_bytes()));
    let mut inside = Vec::new();
    eventually("some clients to be served", || {
        while let Some(at) = files.iter().position(|client| client.is_readable(0)) {
            let client = files.remove(at);
            assert_eq!(answer(&client).body, b"file 0");
            inside.push(client);
        }
        !inside.is_empty()
    });

    let share = share_of_processor(&site.server, || inside[0].expect_silence());
    assert!(share < 0.05, "{:.0} % of a processor", share * 100.0);
    for number in 0..10 {
        let text = format!("file {number}");
        let answer = ask(&inside[number % inside.len()], get(&format!("/{number}")));
        assert_eq!(answer.body, text.as_bytes(), "{}", answer.head);
    }
    assert_eq!(ask(&inside[0], get("/missing")).status, 404);

    // All leave, and all come in.
    drop((inside, stalled));
    while !(files.is_empty() && echoes.is_empty()) {
        eventually("a client that waited to be served", || {
            let (before, is_ready) = (files.len() + echoes.len(), |c: &Client| c.is_readable(0));
            files.retain(|client| !is_ready(client) || answer(client).body != b"file 0");
            echoes.retain(|client| !is_ready(client) || client.receive(3) != b"in?");
            files.len() + echoes.len() < before
        });
    }
    // Many came and went, and each might have been the beginning of a new shortage.
    let log = site.server.whole_log();
    assert!((1..=4).contains(&log.lines().count()), "{log}");
}

/// A wake-up may send a lot, so that it lets in all who wait by then, and not one.
#[test]
fn a_wake_up_lets_in_many() {
    let site = Site::new("let-in");
    // The first one wakes the server, which then stands still until all have come.
    let (all_have_come, gate) = mpsc::channel::<()>();
    let (stands_still, stood_still) = mpsc::channel();
    let tracer = site.server.trace_with(move |call| {
        if call.is_wait() {
            // Nobody listens any more when the test is over.
            let _ = stands_still.send(());
            let _ = gate.recv();
        }
    });
    let clients: Vec<Client> = (0..60).map(|_| site.connect()).collect();
    let stood_still = stood_still.recv_timeout(deadline());
    stood_still.expect("the server is woken, and stands still");
    drop(all_have_come);
    let accepted = |call: &&Call| call.name() == "accept4" && call.result >= 0;
    tracer
        .wait_until(|calls| calls.iter().filter(accepted).count() == 60)
        .expect("all are let in");
    let calls = tracer.finish();
    let turns = calls.split(Call::is_wait);
    let most = turns.map(|turn| turn.iter().filter(accepted).count()).max();
    assert_eq!(most, Some(60));
    leave(clients);
}
