//! The X-ray counts exactly: the same each time, whatever else the machine does.

use std::sync::LazyLock;

use assert_cmd::Command;
use lab::Lab;
use lab::world::CourseServer;
use lab::xray::{Followed, Scene, Xray, by_the_lab, look};
use suite::older_name;

static LAB: LazyLock<Lab> = LazyLock::new(|| Lab::new(env!("CARGO_BIN_EXE_lab")));

fn xray(stage: u8, idle: usize) -> Xray {
    let xray = look(&LAB, CourseServer::Stage(stage), idle);
    xray.unwrap_or_else(|error| panic!("stage {stage}: {error:#}"))
}

/// The calls by their older names, which are the same on every architecture, for one time.
fn calls(scene: &Scene) -> Vec<(&'static str, u64)> {
    let each = |count| {
        assert_eq!(count % scene.times, 0, "not the same each time: {scene:?}");
        count / scene.times
    };
    let calls = scene.calls.iter();
    calls
        .map(|call| (older_name(call.name), each(call.count)))
        .collect()
}

/// A sum, for one time.
fn each(scene: &Scene, sum: impl Fn(&Scene) -> u64) -> u64 {
    assert_eq!(sum(scene) % scene.times, 0, "not the same each time");
    sum(scene) / scene.times
}

fn follow(stage: u8, idle: usize, echoes: usize) -> Followed {
    let followed = by_the_lab(&LAB, CourseServer::Stage(stage), idle, echoes, &mut |_| {
        Ok(())
    });
    followed.unwrap_or_else(|error| panic!("stage {stage}: {error:#}"))
}

/// What a stage did in the part `number`, each call in words, under its older name.
fn words(followed: &Followed, number: usize) -> Vec<String> {
    let lines = followed.parts[number].lines.iter();
    lines
        .map(|line| {
            let (name, rest) = line.words.split_once('(').unwrap_or((&line.words, ""));
            format!("{}({rest}", older_name(name))
        })
        .collect()
}

fn contains(words: &[String], wanted: &str) -> bool {
    words.iter().any(|words| words == wanted)
}

#[test]
fn an_echo_of_stage_6_is_three_calls_and_hands_nothing_in() {
    let xray = xray(6, 50);
    let echo = [("epoll_wait", 1), ("recvfrom", 1), ("sendto", 1)];
    assert_eq!(calls(&xray.echo), echo);
    assert_eq!(xray.echo.interest_bytes, 0);
    assert_eq!(xray.echo.submitted_per_event(), Some(0.0));
    assert_eq!(each(&xray.echo, |scene| scene.events), 1);
    // The kernel is told once, with 12 bytes on x86-64 and 16 on aarch64.
    assert_eq!(each(&xray.connection, |scene| scene.count("epoll_ctl")), 1);
    let event = size_of::<libc::epoll_event>() as u64;
    assert_eq!(each(&xray.connection, |scene| scene.interest_bytes), event);
    assert_eq!(each(&xray.arrival, |scene| scene.interest_bytes), event);
}

#[test]
fn an_echo_of_stage_5_hands_in_every_descriptor() {
    let xray = xray(5, 50);
    let echo = [("poll", 1), ("recvfrom", 1), ("sendto", 1)];
    assert_eq!(calls(&xray.echo), echo);
    // The idle clients, the one that acts, the listener and the signal.
    assert_eq!(each(&xray.echo, |scene| scene.submitted), 50 + 3);
    assert_eq!(each(&xray.echo, |scene| scene.interest_bytes), 8 * (50 + 3));
    assert_eq!(xray.echo.submitted_per_event(), Some(53.0));
    // A connection is three waits, of which the first comes before the client is among them.
    let submitted = each(&xray.connection, |scene| scene.submitted);
    assert_eq!(submitted, 52 + 53 + 53);
}

#[test]
fn an_echo_of_stage_4_hands_in_two_bitmaps() {
    let xray = xray(4, 50);
    let echo = [("select", 1), ("recvfrom", 1), ("sendto", 1)];
    assert_eq!(calls(&xray.echo), echo);
    // The idle clients, the one that acts and the listener, behind the three standard descriptors.
    assert_eq!(each(&xray.echo, |scene| scene.submitted), 3 + 50 + 2);
    assert_eq!(each(&xray.echo, |scene| scene.interest_bytes), 2 * 8);
    assert_eq!(xray.echo.event_bytes, xray.echo.interest_bytes);
}

#[test]
fn a_connection_of_stage_7_is_registered_once() {
    let xray = xray(7, 20);
    assert_eq!(xray.echo.count("epoll_ctl"), 0);
    assert_eq!(each(&xray.echo, |scene| scene.events), 1);
    assert_eq!(each(&xray.connection, |scene| scene.count("epoll_ctl")), 1);
    // It is told that a new client can be written to.
    assert_eq!(each(&xray.arrival, |scene| scene.events), 2);
}

#[test]
fn stages_2_and_3_make_one_task_for_each_client() {
    let processes = xray(2, 10);
    assert_eq!(calls(&processes.echo), [("recvfrom", 1), ("sendto", 1)]);
    let made = |scene: &Scene| scene.count("clone3") + scene.count("clone");
    assert_eq!(each(&processes.arrival, made), 1);
    assert_eq!(each(&processes.connection, made), 1);
    // The signal of the child's end breaks off the parent's wait, and that counts.
    assert_eq!(each(&processes.connection, |scene| scene.count("ppoll")), 2);
    let threads = xray(3, 10);
    assert_eq!(calls(&threads.echo), [("recvfrom", 1), ("sendto", 1)]);
    assert_eq!(each(&threads.arrival, made), 1);
    assert!(processes.idle_bytes > threads.idle_bytes);
}

#[test]
fn every_column_and_sign_is_explained() {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    let text = lab.args(["xray", "01"]).assert().success();
    let text = String::from_utf8_lossy(&text.get_output().stdout).into_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    // What has no idle clients has no column of that name.
    assert!(
        text.contains("of: an echo an arrival a connection"),
        "{text}"
    );
    assert!(text.contains("S/E is how many descriptors"), "{text}");
    assert!(text.contains("A – means there is nothing"), "{text}");
}

#[test]
fn stage_1_has_no_idle_clients() {
    let xray = xray(1, 50);
    assert_eq!((xray.idle, xray.idle_bytes), (0, None));
    assert!(xray.fewer.is_some());
    assert_eq!(calls(&xray.arrival), [("accept4", 1), ("setsockopt", 1)]);
    assert_eq!(calls(&xray.echo), [("recvfrom", 1), ("sendto", 1)]);
}

#[test]
fn stage_4_has_as_many_idle_clients_as_fit_into_a_set() {
    let xray = xray(4, 2_000);
    assert_eq!(xray.idle, 1_000);
    assert!(xray.fewer.is_some_and(|why| why.contains("2,000 → 1,000")));
    assert_eq!(each(&xray.echo, |scene| scene.submitted), 1_005);
}

#[test]
fn an_echo_makes_every_stage_sleep_once() {
    for stage in 1..=8 {
        let xray = xray(stage, 3);
        let sleeps = xray.switches.voluntary;
        assert_eq!(sleeps, xray.echo.times, "stage {stage}");
    }
}

#[test]
fn epoll_is_said_in_words() {
    let followed = follow(6, 2, 2);
    assert_eq!(followed.parts.len(), 4);
    // A debug build also asks whether a descriptor is open before it is closed.
    let connects = [
        "epoll_wait(5, room for 1,024, forever) = 1: [token 1ffffffff: readable]",
        "accept4(3) = 8",
        "setsockopt(8, send at once)",
        "accept4(3) = EAGAIN: it would block",
        "ioctl(8, never block)",
        "epoll_ctl(5, ADD, 8, readable, token 2)",
    ];
    let echoes = [
        "epoll_wait(5, room for 1,024, forever) = 1: [token 2: readable]",
        "recvfrom(8, 16,384 bytes) = 6 \"hello\\n\"",
        "sendto(8, 6 bytes \"hello\\n\") = 6",
    ];
    assert_eq!(words(&followed, 0), connects);
    assert_eq!(words(&followed, 1), echoes);
    assert_eq!(words(&followed, 2), echoes);
    let leaves = words(&followed, 3);
    assert!(contains(&leaves, "recvfrom(8, 16,384 bytes) = 0, the end"));
    assert_eq!(leaves.last().map(String::as_str), Some("close(8)"));
}

#[test]
fn edges_are_said_in_words() {
    let connects = follow(7, 2, 0);
    let connects = words(&connects, 0);
    let registered = "epoll_ctl(5, ADD, 8, readable+writable+urgent+half-close+edge, token 2)";
    assert!(contains(&connects, registered), "{connects:#?}");
    assert!(contains(&connects, "accept4(3) = EAGAIN: it would block"));
    let edge = "epoll_wait(5, room for 1,024, forever) = 1: [token 2: writable]";
    assert!(contains(&connects, edge), "{connects:#?}");
}

#[test]
fn poll_and_select_are_said_in_words() {
    let polls = follow(5, 70, 1);
    let first = &words(&polls, 1)[0];
    assert_eq!(first, "poll(73 descriptors, forever) = 1: [75 readable]");
    let selects = follow(4, 70, 1);
    let first = &words(&selects, 1)[0];
    assert_eq!(first, "select(75 descriptors, forever) = 1: [readable 74]");
}

#[test]
fn each_task_has_a_name() {
    let followed = follow(2, 1, 1);
    let whose = |part: usize, name: &str| {
        let mut lines = followed.parts[part].lines.iter();
        let line = lines.find(|line| line.name == name);
        line.map_or("nobody's", |line| &line.who)
    };
    assert_eq!(whose(0, "accept4"), "parent");
    assert_eq!(whose(1, "recvfrom"), "child 1");
    assert_eq!(whose(2, "wait4"), "parent");
    let clone = words(&followed, 0);
    assert!(
        clone
            .iter()
            .any(|call| call.starts_with("clone(a process) = ")),
        "{clone:#?}"
    );
}

#[test]
fn the_program_ends_when_it_has_followed_enough() {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    let ended = lab
        .args(["xray", "06", "--follow", "--by-hand", "--json"])
        .assert();
    let ended = ended.success();
    let output = String::from_utf8_lossy(&ended.get_output().stdout);
    assert!(output.contains("\"kind\": \"follow\""), "{output}");
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.args(["xray", "09"]).assert().code(2);
}
