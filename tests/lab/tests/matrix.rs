//! What the table of profiles says of a stage is what the matrix measures: a test for each stage.

use std::env;
use std::io::{self, Write};
use std::process::Command;
use std::sync::{LazyLock, Mutex};
use std::thread;

use lab::Lab;
use lab::matrix::{FAULTS, Fault, expected, measure};
use suite::profile::{ANY, STAGES};
use suite::{Subject, reason, room_for};

static LAB: LazyLock<Lab> = LazyLock::new(|| Lab::new(env!("CARGO_BIN_EXE_lab")));

/// Measures a few faults at the same time: most of them wait for something most of the time.
fn is_as_the_profile_says(stage: u8) {
    const AT_ONCE: usize = 3;
    let subject = LAB.stage(stage);
    let subject = subject.unwrap_or_else(|error| panic!("{error:#}"));
    let faults = Mutex::new(FAULTS.iter());
    let next = || faults.lock().ok()?.next();
    thread::scope(|scope| {
        let work = || {
            while let Some(fault) = next() {
                cell_is_as_the_profile_says(&subject, stage, fault);
            }
        };
        let workers = [(); AT_ONCE].map(|()| scope.spawn(work));
        for worker in workers {
            // Nobody prints the panic of a thread without a name.
            let done = worker.join();
            done.unwrap_or_else(|panic| panic!("{}", reason(&*panic)));
        }
    });
}

fn cell_is_as_the_profile_says(subject: &Subject, stage: u8, fault: &Fault) {
    if fault.name == "crowd" && room_for(1_100) < 1_100 {
        // It would be smaller, and show less.
        assert!(env::var_os("CI").is_none(), "CI has room for 1,100 clients");
        // Not by eprintln: the harness hides what a test prints that passes.
        let _ = writeln!(io::stderr(), "skipped: the crowd, for lack of descriptors");
        return;
    }
    let found = measure(subject, fault);
    let expected = expected(&STAGES[usize::from(stage) - 1], fault);
    assert!(
        expected.admits(&found),
        "{}: {expected:?}, {found:?}",
        fault.name
    );
    assert!(found.word.chars().count() <= 6, "{found:?}");
}

macro_rules! stages {
    ($($name:ident $number:literal)*) => { $(
        #[test]
        fn $name() {
            is_as_the_profile_says($number);
        }
    )* };
}

stages! {
    stage_01 1
    stage_02 2
    stage_03 3
    stage_04 4
    stage_05 5
    stage_06 6
    stage_07 7
    stage_08 8
}

#[test]
fn labels_leave_room_for_eight_servers() {
    for fault in FAULTS {
        assert!(fault.label.chars().count() <= 14, "{}", fault.label);
    }
}

/// The command prints what it measures, and, asked for what is expected, the same.
#[test]
fn the_map_of_what_is_expected_is_that_of_what_is_measured() {
    let printed = |more: &[&str]| {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.args(["matrix", "--stage", "1", "--stage", "6"]);
        lab.args(["--fault", "urgent", "--fault", "silent"])
            .args(more);
        let output = lab
            .output()
            .unwrap_or_else(|error| panic!("cannot run the lab: {error}"));
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let measured = printed(&[]);
    assert!(measured.contains("waits   served\n"), "{measured}");
    assert_eq!(measured, printed(&["--expected"]));
}

/// The server `name`, which is wrong, stands out in the map: its cell of a fault says `word`.
fn stands_out(name: &str, fault: &str, word: &str) {
    let servers = env!("CARGO_BIN_EXE_servers");
    let subject = Subject {
        command: [servers, name, "{addr}"].map(Into::into).into(),
        announces: true,
        profile: ANY,
    };
    let fault = FAULTS.iter().find(|known| known.name == fault);
    let fault = fault.unwrap_or_else(|| panic!("there is no such fault"));
    let found = measure(&subject, fault);
    assert_eq!(found.word, word, "{name}, {}: {found:?}", fault.name);
}

macro_rules! wrong {
    ($($test:ident $name:literal, $fault:literal, $word:literal)*) => { $(
        #[test]
        fn $test() {
            stands_out($name, $fault, $word);
        }
    )* };
}

wrong! {
    single_blocking_client_silent "single_blocking_client", "silent", "waits"
    blocking_write_stalled "blocking_write", "stalled", "waits"
    unbounded_buffer_memory "unbounded_buffer", "memory", "no end"
    one_reset_ends_all_reset "one_reset_ends_all", "reset", "all"
    one_reset_ends_all_killed "one_reset_ends_all", "killed", "all"
    leak_on_reset_killed "leak_on_reset", "killed", "leaks"
    short_write_ignored_half_close "short_write_ignored", "half-close", "cut"
    rdhup_before_flush_half_close "rdhup_before_flush", "half-close", "cut"
    unchecked_fd_setsize_value "unchecked_fd_setsize", "value", "dies"
    unchecked_fd_setsize_crowd "unchecked_fd_setsize", "crowd", "dies"
    spin_on_emfile_descriptors "spin_on_emfile", "descriptors", "spins"
    zombies_zombies "zombies", "zombies", "100"
    zombies_tasks "zombies", "tasks", "dies"
    zombies_deaf "zombies", "deaf", "dies"
    dies_with_bytes_under_way_sigterm "dies_with_bytes_under_way", "sigterm", "dies"
    queue_is_reset_queue "queue_is_reset", "queue", "lost"
    ignored_signal_taken_ignored "ignored_signal_taken", "ignored", "dies"
    no_reuse_address_restart "no_reuse_address", "restart", "taken"
}
