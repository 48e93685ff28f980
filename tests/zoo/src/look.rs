//! What became of the cases that a fault names.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::{Fault, Made};

/// Cases that a server passes in whose way no fault stands, of each test: were all of them red, the server would not even
/// start, and red cases would show nothing.
const CONTROLS: [(&str, &[&str]); 13] = [
    ("echo", &["c1_help", "e01_bytes_come_back", "e03_silence"]),
    (
        "files",
        &[
            "files::a_directory_is_its_index",
            "a_root_that_is_none_is_one_line",
        ],
    ),
    // There is one test, and no server.
    ("tokens", &[]),
    ("pool", &["e01_bytes_come_back", "e02_small_writes"]),
    ("timers", &["e01_bytes_come_back", "e02_small_writes"]),
    ("deadlines", &["in_order_and_not_before"]),
    ("cores", &["e01_bytes_come_back", "e16_no_task_to_be_had"]),
    ("herd", &["one_arrival_wakes_all_that_share_a_listener"]),
    (
        "completion",
        &["one_call_is_for_many_clients", "a_refusal_is_a_line"],
    ),
    ("executor", &["a_waker_wakes_from_another_thread"]),
    ("uring", &["e03_silence", "e09_second_client"]),
    ("reactor", &["e01_bytes_come_back", "e09_second_client"]),
    (
        "proxy",
        &[
            "p01_small_writes",
            "p02_half_close_of_the_client",
            "p05_refused",
        ],
    ),
];

/// How long cases wait for what should happen at once: many of them wait in vain.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often the cases are run at most: what a broken server does may depend on who is faster.
const LOOKS: usize = 3;

/// A fault that was made.
#[derive(Debug)]
pub struct Look {
    /// The cases that it names, and that were red in a look.
    pub red: BTreeSet<String>,
    /// The cases that it names, and that were green in each.
    pub green: BTreeSet<String>,
    /// Whether it made all controls red.
    pub breaks_all: bool,
    /// How long its cases took.
    pub took: Duration,
}

impl Look {
    /// Returns whether the fault does what it says.
    pub fn is_good(&self) -> bool {
        self.green.is_empty() && !self.breaks_all
    }
}

/// Runs the cases that a fault names, and the controls.
///
/// # Errors
///
/// Returns the errors of [`Made::run_cases`], and an error if there are no controls for the test.
pub fn look_at(made: &Made, fault: &Fault) -> anyhow::Result<Look> {
    let began = Instant::now();
    let of_test = CONTROLS.iter().find(|(test, _)| *test == fault.test);
    let (_, controls) = of_test.with_context(|| format!("no controls for {}", fault.test))?;
    let controls: BTreeSet<String> = controls.iter().map(|&case| case.to_owned()).collect();
    let mut look = Look {
        red: BTreeSet::new(),
        green: fault.red.clone(),
        breaks_all: false,
        took: Duration::ZERO,
    };
    for _ in 0..LOOKS {
        let cases = &look.green | &controls;
        let failed = made.run_cases(&cases, PATIENCE)?;
        look.breaks_all = !controls.is_empty() && controls.is_subset(&failed);
        look.red.extend(fault.red.intersection(&failed).cloned());
        look.green = &fault.red - &look.red;
        if look.is_good() {
            break;
        }
    }
    look.took = began.elapsed();
    Ok(look)
}
