//! Stage 6: epoll, level-triggered.

use std::sync::{Arc, Mutex, PoisonError};

use super::waits_beside;
use crate::{Call, Client, Faults, Server, Subject, Tracer, eventually, read_memory};

/// Checks that a wait returns the ready descriptor, however many are watched, and receives none of them, and that the
/// kernel hears nothing about a connection that keeps up.
pub fn l06_the_ready_ones_only(subject: &Subject) {
    let server = subject.start();
    let waits = waits_beside(&server, 1_000, 20);
    assert_eq!(waits.len(), 20, "one wait for each echo");
    for wait in waits {
        let name = wait.name();
        assert!(
            matches!(name, "epoll_wait" | "epoll_pwait"),
            "the server waits by {name}, not by epoll_wait"
        );
        assert_eq!(wait.result, 1, "descriptors that a wait returned");
    }
    let active = server.connect();
    active.echo(b"in");
    let tracer = server.trace();
    (0..20).for_each(|_| active.echo(b"a word"));
    let all_written = |calls: &[Call]| calls.iter().filter(|call| call.is_write()).count() == 20;
    let seen = tracer.wait_until(all_written);
    let calls = tracer.finish();
    let count = |wanted: &dyn Fn(&Call) -> bool| calls.iter().filter(|call| wanted(call)).count();
    let writes = count(&|call| call.is_write());
    assert!(
        seen.is_ok(),
        "writes for 20 echoes: seen {writes}, expected 20"
    );
    let changes = count(&|call| call.name() == "epoll_ctl");
    assert_eq!(
        changes, 0,
        "calls of epoll_ctl for a connection that keeps up"
    );
}

/// An epoll_ctl call: its operation and its events.
type Requests = Arc<Mutex<Vec<(i32, u32)>>>;

/// Checks that under backpressure epoll_ctl is called once for each change: after the registration, it alternates
/// between waiting for room and waiting for bytes. Each wake-up does one step.
pub fn l06_one_call_for_each_change_of_interest(subject: &Subject) {
    const MOD: i32 = libc::EPOLL_CTL_MOD;
    let server = subject.start();
    // By the time it serves a client, it has registered its own descriptors.
    server.connect().echo(b"first");
    let (tracer, requests) = trace_requests(&server);
    let client = server.connect().with_small_buffers();
    squeeze(&server, &client);
    let calls = tracer.finish();
    let requests = requests.lock().unwrap_or_else(PoisonError::into_inner);
    let (bytes, room) = (libc::EPOLLIN as u32, libc::EPOLLOUT as u32);
    let [first, later @ ..] = requests.as_slice() else {
        panic!("the server did not call epoll_ctl for a new client");
    };
    let added = (libc::EPOLL_CTL_ADD, bytes);
    assert!(
        *first == added,
        "a new client was {}, expected {}",
        in_words(*first),
        in_words(added)
    );
    assert!(
        later.len() > 1,
        "epoll_ctl was not called when a client stopped reading"
    );
    let by_turns = [(MOD, room), (MOD, bytes)].into_iter().cycle();
    for (number, (seen, expected)) in later.iter().zip(by_turns).enumerate() {
        assert!(
            *seen == expected,
            "at change {}, the client was {}, expected {}",
            number + 1,
            in_words(*seen),
            in_words(expected)
        );
    }
    let (waits, reads) = waits_and_reads(&calls);
    assert!(
        waits >= reads,
        "one read for each wake-up: seen {reads} reads in {waits} wake-ups"
    );
}

/// Returns an epoll_ctl call in words: "registered for EPOLLIN".
fn in_words((operation, events): (i32, u32)) -> String {
    let names = [
        (libc::EPOLLIN, "EPOLLIN"),
        (libc::EPOLLPRI, "EPOLLPRI"),
        (libc::EPOLLOUT, "EPOLLOUT"),
        (libc::EPOLLRDHUP, "EPOLLRDHUP"),
        (libc::EPOLLONESHOT, "EPOLLONESHOT"),
        (libc::EPOLLET, "EPOLLET"),
    ];
    let set = names.iter().filter(|(bit, _)| events & *bit as u32 != 0);
    let set: Vec<&str> = set.map(|(_, name)| *name).collect();
    let events = match set.as_slice() {
        [] => "nothing".to_owned(),
        set => set.join("|"),
    };
    match operation {
        libc::EPOLL_CTL_ADD => format!("registered for {events}"),
        _ => format!("changed to {events}"),
    }
}

fn trace_requests(server: &Server) -> (Tracer, Requests) {
    let requests = Requests::default();
    let record = Arc::clone(&requests);
    let pid = server.process().pid().as_raw();
    let hook = move |call: &Call| {
        if call.name() == "epoll_ctl" && call.args[1] as i32 != libc::EPOLL_CTL_DEL {
            let event = read_memory(pid, call.args[3], 4).unwrap_or_default();
            let events = event.try_into().map_or(0, u32::from_ne_bytes);
            let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
            record.push((call.args[1] as i32, events));
        }
    };
    (server.trace_with(hook), requests)
}

/// Gives the server a client that does not read at first, and then reads everything.
pub(super) fn squeeze(server: &Server, client: &Client) {
    for _ in 0..3 {
        let sent = server.push(client);
        client.expect_pattern(0, sent);
    }
}

/// Counts waits, even those that did not sleep, and reads that returned bytes.
pub fn waits_and_reads(calls: &[Call]) -> (usize, usize) {
    let count = |wanted: &dyn Fn(&Call) -> bool| calls.iter().filter(|call| wanted(call)).count();
    let waits = count(&|call| call.is_wait() && call.result >= 0);
    let reads = count(&|call| call.is_read() && call.result > 0);
    (waits, reads)
}

/// Checks the visible interest list: an entry for each client, the listener and the signal.
pub fn l06_the_interest_list_is_in_fdinfo(subject: &Subject) {
    let server = subject.start();
    let clients = server.crowd(50);
    let list = server.process().interest_list();
    assert_eq!(list.len(), 50 + 2, "entries on the interest list");
    drop(clients);
    eventually("the interest list to be as before", || {
        server.process().interest_list().len() == 2
    });
}

/// Checks that, out of descriptors, the listener is watched for nothing, and is watched again once a descriptor is
/// free.
pub fn l06_a_paused_listener_is_not_watched(subject: &Subject) {
    let faults = Faults {
        descriptors: Some(32),
        ..Faults::default()
    };
    let server = subject.start_with(&faults);
    let watched = |wanted: usize| {
        let list = server.process().interest_list();
        list.iter().filter(|entry| is_readable(entry)).count() == wanted
    };
    eventually("the listener and the signal to be watched", || watched(2));
    let clients: Vec<Client> = (0..40).map(|_| server.connect()).collect();
    eventually("the server to use its last descriptor", || {
        // It lets in all that wait, and then puts them on the list; it sleeps when it has done both.
        server.process().descriptor_count() == 32 && server.process().state() == 'S'
    });
    // The listener is the only entry that is watched for nothing.
    let on_the_list = server.process().interest_list().len();
    assert!(
        on_the_list > 20,
        "the interest list has only {on_the_list} entries"
    );
    eventually("the server to stop watching the listener", || {
        watched(on_the_list - 1)
    });
    drop(clients);
    eventually("the server to watch the listener again", || watched(2));
    server.connect().echo(b"in");
}

/// Returns whether an entry asks for bytes or clients (EPOLLIN is bit 0 of the mask).
fn is_readable(entry: &str) -> bool {
    let mut words = entry.split_whitespace();
    let mask = words.find(|word| *word == "events:").and(words.next());
    let mask = mask.and_then(|mask| u32::from_str_radix(mask, 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}
