//! What the table of profiles says of a stage is what the matrix measures: a test for each stage.

use lab::Lab;
use lab::matrix::{FAULTS, Found, measure};
use suite::profile::{ANY, Beyond, Crowd, Others, Profile, STAGES, Term, Worker};
use suite::{Subject, room_for};

/// What a profile implies for the cell of a fault.
fn implied(profile: &Profile, fault: &str) -> Vec<String> {
    let word = |word: &str| vec![word.to_owned()];
    let is_alone = profile.worker == Worker::Process;
    match fault {
        "silent" | "stalled" | "flood" => word(match profile.others {
            Others::Wait => "waits",
            Others::Served | Others::Workers(_) => "served",
        }),
        "memory" => (0..=profile.stalled_kib)
            .map(|kib| format!("{kib} K"))
            .collect(),
        "crowd" => match profile.crowd {
            Crowd::InTurn => word("1"),
            Crowd::All => word("1,100"),
            // Descriptors 0 to 2 are taken, and one to fourteen of the server's own are granted.
            Crowd::Below1024 => (1_007..=1_020).map(lab::show::number).collect(),
        },
        "value" if profile.crowd == Crowd::Below1024 => word("shed"),
        "descriptors" => match profile.beyond {
            Beyond::Queue => word("queue"),
            Beyond::Never if profile.others == Others::Wait => word("turns"),
            _ => word("served"),
        },
        "tasks" if matches!(profile.worker, Worker::Process | Worker::Thread) => word("shed"),
        "fault" => word(if is_alone { "one" } else { "all" }),
        "sigterm" => word(match profile.term {
            Term::ParentDies => "parent",
            Term::Drains => "drains",
            _ => "dies",
        }),
        "second-sigterm" if profile.term == Term::Drains => word("ends"),
        "second-sigterm" => word("first"),
        "queue" if profile.term == Term::Drains => word("served"),
        "queue" => word("lost"),
        // A level-triggered epoll goes on reporting an open file that another process keeps open.
        "shared" if matches!(profile.stage, 6 | 8) => word("spins"),
        "shared" | "accept" => word("rests"),
        "small-writes" => word("sent"),
        "ignored" => word("lives"),
        // What the contract asks of every stage.
        "value" | "tasks" | "urgent" | "stop" | "lowered" => word("served"),
        "reset" | "killed" => word("one"),
        "half-close" => word("whole"),
        "deaf" => word("lives"),
        "zombies" => word("0"),
        "restart" => word("back"),
        _ => panic!("nothing is said of {fault}"),
    }
}

fn cell(subject: &Subject, name: &str) -> Found {
    let fault = FAULTS.iter().find(|fault| fault.name == name);
    measure(
        subject,
        fault.unwrap_or_else(|| panic!("there is no fault {name}")),
    )
}

fn is_as_the_profile_says(stage: u8) {
    let lab = Lab::new(env!("CARGO_BIN_EXE_lab"));
    let subject = lab.stage(stage);
    let subject = subject.unwrap_or_else(|error| panic!("{error:#}"));
    for fault in FAULTS {
        // A crowd that does not fit into the limits here is smaller, and shows less.
        if fault.name == "crowd" && room_for(1_100) < 1_100 {
            continue;
        }
        let found = cell(&subject, fault.name);
        let implied = implied(&STAGES[usize::from(stage) - 1], fault.name);
        assert!(implied.contains(&found.word), "{}: {found:?}", fault.name);
        assert!(found.word.chars().count() <= 6, "{found:?}");
    }
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

/// A server that is wrong stands out in the map, in the cell of its fault.
#[test]
fn wrong_servers_stand_out() {
    let wrong = [
        ("single_blocking_client", "silent", "waits"),
        ("blocking_write", "stalled", "waits"),
        ("unbounded_buffer", "memory", "no end"),
        ("one_reset_ends_all", "reset", "all"),
        ("one_reset_ends_all", "killed", "all"),
        ("leak_on_reset", "killed", "leaks"),
        ("short_write_ignored", "half-close", "cut"),
        ("rdhup_before_flush", "half-close", "cut"),
        ("unchecked_fd_setsize", "value", "dies"),
        ("unchecked_fd_setsize", "crowd", "dies"),
        ("spin_on_emfile", "descriptors", "spins"),
        ("zombies", "zombies", "100"),
        ("zombies", "tasks", "dies"),
        ("zombies", "deaf", "dies"),
        ("dies_with_bytes_under_way", "sigterm", "dies"),
        ("queue_is_reset", "queue", "lost"),
        ("ignored_signal_taken", "ignored", "dies"),
        ("no_reuse_address", "restart", "taken"),
    ];
    for (name, fault, word) in wrong {
        let servers = env!("CARGO_BIN_EXE_servers");
        let subject = Subject {
            command: [servers, name, "{addr}"].map(Into::into).into(),
            announces: true,
            profile: ANY,
        };
        let found = cell(&subject, fault);
        assert_eq!(found.word, word, "{name}, {fault}: {found:?}");
    }
}
