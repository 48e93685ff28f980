//! Several loops at one address: who is woken by an arrival, and how clients spread.

#[path = "programs/loops.rs"]
mod loops;
#[path = "programs/mod.rs"]
mod programs;

use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use loops::{loops, sleeps};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use suite::{Client, Process, Server, Subject, deadline, eventually, seen};

fn cores(options: &[&str]) -> Subject {
    programs::program("cores", env!("CARGO_BIN_EXE_cores"), options)
}

/// How many clients each loop has: what is on its interest list, but for the listener and the end.
fn clients(server: &Server) -> Vec<usize> {
    let process = server.process();
    let is_epoll = |(_, target): &(i32, String)| target == "anon_inode:[eventpoll]";
    let epolls = process.descriptors().into_iter().filter(is_epoll);
    let lists = epolls.map(|(number, _)| process.interests(number));
    lists.map(|list| list.len() - 2).collect()
}

/// How many of four loops one arrival wakes. The first that comes out of its wait is held there, before it can accept,
/// until `expected` are awake; and then for a moment, in which no other may be.
fn woken_by_one(how: &str) -> usize {
    let expected = if how == "shared" { 4 } else { 1 };
    let server = cores(&["--loops", "4", "--listener", how]).start();
    sleeps(&server);
    let loops = loops(&server);
    assert_eq!(loops.len(), 4, "loops");
    let (to_test, counted) = mpsc::channel();
    let mut first = Some(to_test);
    let tracer = server.trace_with(move |call| {
        let is_woken = call.is_wait() && call.result > 0;
        let Some(to_test) = first.take_if(|_| is_woken) else {
            return;
        };
        // One that has come out of its wait stands still there, in the hands of the tracer.
        let are = |wanted: fn(char) -> bool| {
            let state = |tid: &&i32| wanted(Process::new(**tid).state());
            loops.iter().filter(state).count()
        };
        let end = Instant::now() + deadline();
        while are(|state| state == 't') < expected && Instant::now() < end {
            thread::sleep(Duration::from_millis(2));
        }
        thread::sleep(A_MOMENT);
        to_test.send(are(|state| state != 'S')).unwrap_or_default();
    });
    // They are back in their waits after the trace has begun.
    sleeps(&server);
    server.connect().echo(b"in");
    drop(tracer);
    counted.recv().unwrap_or(0)
}

/// How long is watched for what must not happen. A server that is right passes however short it is.
const A_MOMENT: Duration = Duration::from_millis(100);

/// All that watch one listener are woken by one arrival: the herd.
#[test]
fn one_arrival_wakes_all_that_share_a_listener() {
    assert_eq!(
        woken_by_one("shared"),
        4,
        "loops that one arrival wakes, of 4"
    );
}

/// With EPOLLEXCLUSIVE one is, and with a listener for each, its own.
#[test]
fn one_arrival_wakes_one_loop_by_exclusive_and_by_reuseport() {
    for how in ["exclusive", "reuseport"] {
        let woken = woken_by_one(how);
        assert_eq!(woken, 1, "loops that one arrival wakes, of 4, by {how}");
    }
}

/// How often each of four loops goes to sleep while 20 clients come, one at a time, and say nothing: as often as it was
/// woken. The least first.
fn sleeps_of_20(how: &str) -> Vec<u64> {
    let server = cores(&["--loops", "4", "--listener", how]).start();
    sleeps(&server);
    let loops = loops(&server);
    let count = |tid: &i32| seen(Process::new(*tid).sleeps());
    let before: Vec<u64> = loops.iter().map(count).collect();
    let mut here = Vec::new();
    for number in 1..=20 {
        here.push(server.connect());
        eventually("the client to be let in", || {
            clients(&server).iter().sum::<usize>() == number
        });
        sleeps(&server);
    }
    let after = loops.iter().map(count);
    let mut slept: Vec<u64> = after
        .zip(before)
        .map(|(after, before)| after - before)
        .collect();
    slept.sort_unstable();
    slept
}

/// The herd, by counts: 80 wake-ups for 20 clients, where 20 do.
#[test]
fn twenty_arrivals_wake_eighty_times_or_twenty() {
    let shared = sleeps_of_20("shared");
    assert!(
        shared.iter().all(|slept| *slept >= 20),
        "shared: {shared:?}"
    );
    let exclusive = sleeps_of_20("exclusive");
    assert!(
        exclusive[..3] == [0, 0, 0] && exclusive[3] >= 20,
        "exclusive: {exclusive:?}"
    );
    // A thread may sleep for a lock as well.
    let reuseport: u64 = sleeps_of_20("reuseport").iter().sum();
    assert!((20..40).contains(&reuseport), "reuseport: {reuseport}");
}

/// Level-triggered or edge-triggered makes no difference to that: the wait queue of the listener decides, and not the
/// list of those that are ready. Four threads sleep in an epoll each, and nobody accepts.
#[test]
fn the_trigger_does_not_make_the_herd() {
    let flags = |flags: EpollFlags| EpollFlags::EPOLLIN | flags;
    let (level, edge) = (EpollFlags::empty(), EpollFlags::EPOLLET);
    let exclusive = EpollFlags::EPOLLEXCLUSIVE;
    for (flags, expected) in [
        (flags(level), 4),
        (flags(edge), 4),
        (flags(exclusive), 1),
        (flags(edge | exclusive), 1),
    ] {
        assert_eq!(woken_epolls(flags), expected, "{flags:?}");
    }
}

/// Returns how many of four threads one arrival wakes, each of which sleeps in an epoll of its own.
fn woken_epolls(flags: EpollFlags) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"));
    let address = listener
        .local_addr()
        .unwrap_or_else(|error| panic!("{error}"));
    let (to_test, threads) = mpsc::channel();
    let sleep = |to_test: mpsc::Sender<(i32, usize)>| {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC);
        let epoll = epoll.unwrap_or_else(|error| panic!("{error}"));
        let added = epoll.add(&listener, EpollEvent::new(flags, 0));
        assert_eq!(added, Ok(()));
        let tid = nix::unistd::gettid().as_raw();
        to_test.send((tid, 0)).unwrap_or_default();
        // One that is not woken finds nothing by then: with EPOLLEXCLUSIVE, nobody has put it on its list.
        let limit = EpollTimeout::from(1_000_u16);
        let woken = epoll.wait(&mut [EpollEvent::empty()], limit).unwrap_or(0);
        to_test.send((tid, woken)).unwrap_or_default();
    };
    thread::scope(|scope| {
        (0..4).for_each(|_| {
            drop(scope.spawn({
                let to_test = to_test.clone();
                move || sleep(to_test)
            }))
        });
        let asleep: Vec<i32> = threads.iter().take(4).map(|(tid, _)| tid).collect();
        eventually("all threads to sleep", || {
            asleep.iter().all(|tid| Process::new(*tid).state() == 'S')
        });
        let client = Client::connect(address);
        let ends = threads
            .iter()
            .take(4)
            .filter(|(_, woken)| *woken > 0)
            .count();
        drop(client);
        ends
    })
}

/// A hash of the client's address spreads clients over the listeners: roughly even, and by no one's load.
#[test]
fn reuseport_spreads_clients_by_a_hash() {
    let server = cores(&["--loops", "4"]).start();
    let here: Vec<Client> = (0..400).map(|_| server.connect()).collect();
    here.iter().for_each(|client| client.echo(b"in"));
    let spread = clients(&server);
    assert_eq!(spread.len(), 4, "{spread:?}");
    // 100 each, with a standard deviation of 9.
    let is_fair = spread.iter().all(|number| (45..=155).contains(number));
    assert!(is_fair && spread.iter().sum::<usize>() == 400, "{spread:?}");
}

/// With EPOLLEXCLUSIVE the wake-up goes to the first in the queue that sleeps. Clients that come one at a time all go to
/// the same loop.
#[test]
fn exclusive_gives_an_idle_server_s_clients_to_one_loop() {
    let server = cores(&["--loops", "4", "--listener", "exclusive"]).start();
    let mut here = Vec::new();
    for _ in 0..20 {
        sleeps(&server);
        here.push(server.connect());
        here[here.len() - 1].echo(b"in");
    }
    let mut spread = clients(&server);
    spread.sort_unstable();
    assert_eq!(spread, [0, 0, 0, 20], "clients of each loop");
}
