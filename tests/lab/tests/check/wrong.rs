//! Servers that are wrong in one thing, each found out by the case that is meant for it.

use std::fs;

use super::{check, failures, here, in_python, rust};

/// A wrong server.
struct Wrong {
    /// The name of its file.
    name: &'static str,
    /// What it is judged as.
    row: &'static str,
    /// The case that is meant for it.
    case: &'static str,
    /// What that case has to say of it; or, after a `|`, what it says if the server is faster or slower.
    seen: &'static str,
    /// A case that it passes.
    control: &'static str,
}

const fn wrong(
    name: &'static str,
    row: &'static str,
    case: &'static str,
    seen: &'static str,
    control: &'static str,
) -> Wrong {
    Wrong {
        name,
        row,
        case,
        seen,
        control,
    }
}

#[rustfmt::skip]
const WRONG: &[Wrong] = &[
    wrong("blocking_write", "05", "e06_slow_readers", "for the server to be held back", "e01"),
    wrong("dies_out_of_descriptors", "any", "e11_out_of_descriptors", "refused|reset|got nothing|came back", "e01"),
    wrong("dies_with_bytes_under_way", "05", "e13_sigterm", "60,000 bytes", "e01"),
    wrong("edge_without_drain", "05", "e01_bytes_come_back", "then: nothing for", "e09"),
    wrong("fionread_taken_for_all", "05", "e13_urgent_mark", "from byte 6 on", "e13_sigterm"),
    wrong("ignored_signal_taken", "05", "e13_ignored_signal", "refused|reset|are missing|got nothing|came back", "e13_sigint"),
    wrong("leak_on_reset", "05", "e07_resets", "are still open", "e01"),
    wrong("no_reuse_address", "05", "e14_restart", "it exited with 1", "e01"),
    wrong("one_accept_an_edge", "05", "e10_crowd", "then: nothing for", "e01"),
    wrong("one_reset_ends_all", "05", "e07_resets", "refused|reset|came back", "e01"),
    wrong("queue_is_reset", "05", "e13_in_the_queue", "the connection was reset", "e13_sigterm"),
    wrong("rdhup_before_flush", "05", "e04_half_close", "the connection was reset", "e01"),
    wrong("short_write_ignored", "05", "e05_writes_all_then_reads", " bytes are missing", "e09"),
    wrong("single_blocking_client", "any", "e09_second_client", "then: nothing for", "e01"),
    wrong("spin_on_emfile", "05", "e11_out_of_descriptors", "% busy while it waits for descriptors", "e01"),
    wrong("text_not_bytes", "05", "e01_bytes_come_back", "waited for 256 bytes, got nothing", "e09"),
    wrong("unbounded_buffer", "05", "e05_writes_all_then_reads", "although the client read nothing", "e01"),
    wrong("unchecked_fd_setsize", "any", "e10_crowd", "reset", "e01"),
    wrong("wakes_by_the_clock", "05", "e03_silence", "it had nothing to do", "e01"),
    wrong("zombies", "any", "e08_comings_and_goings", "to give back everything that 1,000 clients cost", "e01"),
];

/// The wrong server `name` fails in its case for its reason, and passes another.
fn is_found_out(name: &str) {
    let in_rust = here(&format!("servers/wrong/{name}.rs")).exists();
    let server = match in_rust {
        true => Some(rust(name)),
        false => in_python(&format!("tests/wrong/{name}.py")),
    };
    let Some(server) = server else { return };
    let wrong = WRONG.iter().find(|wrong| wrong.name == name);
    let wrong = wrong.unwrap_or_else(|| panic!("{name} is not in the list"));
    // Some of them hang, for a client that only looks at how they start, too: there is no need to wait for long.
    let short = (5 * suite::slowness()).to_string();
    let (report, content) = check(
        &["--as", wrong.row, "--patience", &short, wrong.case],
        &server,
    );
    let seen = report["cases"][0]["outcome"]["failed"]["seen"].as_str();
    assert!(
        seen.is_some_and(|seen| wrong.seen.split('|').any(|words| seen.contains(words))),
        "{report:#}"
    );
    assert!(!content, "it failed, and the exit code is 0");
    let (report, content) = check(
        &["--as", wrong.row, "--patience", &short, wrong.control],
        &server,
    );
    assert!(
        content,
        "the control case fails, too:\n{}",
        failures(&report)
    );
}

macro_rules! wrong {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                is_found_out(stringify!($name));
            }
        )*

        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

wrong! {
    blocking_write
    dies_out_of_descriptors
    dies_with_bytes_under_way
    edge_without_drain
    fionread_taken_for_all
    ignored_signal_taken
    leak_on_reset
    no_reuse_address
    one_accept_an_edge
    one_reset_ends_all
    queue_is_reset
    rdhup_before_flush
    short_write_ignored
    single_blocking_client
    spin_on_emfile
    text_not_bytes
    unbounded_buffer
    unchecked_fd_setsize
    wakes_by_the_clock
    zombies
}

#[test]
fn every_wrong_server_is_tested_and_says_what_it_fails() {
    for folder in ["servers/wrong", "tests/wrong"] {
        for file in fs::read_dir(here(folder)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(TESTED.contains(&name), "{name} is not tested");
            let wrong = WRONG.iter().find(|wrong| wrong.name == name).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let turns_red = text.lines().find(|line| line.contains(" Turns red: "));
            assert!(
                turns_red.is_some_and(|line| line.contains(wrong.case)),
                "{name}: {turns_red:?}"
            );
        }
    }
}
