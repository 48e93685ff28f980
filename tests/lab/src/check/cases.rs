//! The cases, and where the course explains what each asks for.

use anyhow::ensure;
use suite::cases::{DRAIN, ECHO, EVENT_LOOP, IDLE};
use suite::profile::{Crowd, Term, Worker};
use suite::{Case, Profile};

use crate::world::Source;

/// The cases that a server of this profile is judged by, of those whose names have one of `parts` in them.
pub(super) fn wanted(profile: &Profile, parts: &[String]) -> anyhow::Result<Vec<Case>> {
    let is_event_loop = profile.stage >= 4;
    let lists = [
        (true, ECHO),
        (is_event_loop, EVENT_LOOP),
        (profile.term == Term::Drains, DRAIN),
        (is_event_loop && profile.crowd == Crowd::All, IDLE),
    ];
    let due = lists.iter().filter(|(is_due, _)| *is_due);
    let all: Vec<Case> = due.flat_map(|(_, list)| list.iter().copied()).collect();
    for part in parts {
        let found = all.iter().any(|(name, _)| name.contains(part.as_str()));
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        ensure!(
            found,
            "this server is judged by no case that is called {part}; there are {}",
            names.join(", ")
        );
    }
    let wanted = |(name, _): &Case| {
        parts.is_empty() || parts.iter().any(|part| name.contains(part.as_str()))
    };
    Ok(all.into_iter().filter(wanted).collect())
}

/// Why a case says nothing of a server of this profile, if so.
pub(super) fn not_judged(profile: &Profile, name: &str) -> Option<&'static str> {
    match name {
        "e13_sigterm" | "e13_sigint" | "e13_ignored_signal" if profile.term == Term::Any => {
            Some("what a signal does is not laid down for any server")
        }
        "e02_small_writes" => Some("whether a server answers in small pieces is its own affair"),
        "e16_no_task_to_be_had" if profile.worker == Worker::Unknown => {
            Some("whether it needs a process or a thread for a client is its own affair")
        }
        _ => None,
    }
}

/// What a case asks for, and where the course explains it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    /// What has to hold, in a sentence.
    pub(super) rule: &'static str,
    /// The lines that see to it.
    pub(super) source: Source,
}

impl Meaning {
    /// The chapter that the source is in.
    pub(super) fn chapter(self) -> &'static str {
        self.source.file.split('-').next().unwrap_or_default()
    }
}

const fn meaning(rule: &'static str, file: &'static str, text: &'static str) -> Meaning {
    let source = Source { file, text };
    Meaning { rule, source }
}

/// That of the case `name`.
#[rustfmt::skip]
pub(super) fn meaning_of(name: &str) -> Option<Meaning> {
    const ECHO: &str = "01-blocking/src/lib.rs";
    const CONNECTION: &str = "04-select/src/connection.rs";
    const SHUTDOWN: &str = "05-poll/src/shutdown.rs";
    Some(match name {
        "e01_bytes_come_back" => meaning("The same bytes come back, in order, and nothing else: all 256 values, up to 1 MiB at a time.", ECHO, "pub fn echo("),
        "e02_chopped" => meaning("It makes no difference how the bytes are cut into pieces.", ECHO, "pub fn echo("),
        "e02_small_writes" => meaning("A small write leaves at once, though the one before it is not acknowledged.", "01-blocking/src/accept.rs", "set_nodelay"),
        "e03_silence" => meaning("Nothing is sent unprompted, nobody is sent away for being silent, and an idle server sleeps without a time limit.", "05-poll/src/lib.rs", "pub fn sleep_limit"),
        "e04_half_close" => meaning("After the client's FIN every byte still comes back, and then EOF.", CONNECTION, "pub fn interest("),
        "e05_writes_all_then_reads" => meaning("A client that writes 64 MiB before it reads is held back, and loses nothing.", CONNECTION, "pub fn on_readable("),
        "e06_slow_readers" => meaning("Clients that never read cost a bounded buffer each, and the others are served.", CONNECTION, "pub fn on_readable("),
        "e07_resets" => meaning("A client that is reset is gone, and nobody else; its descriptor is free again.", CONNECTION, "pub fn on_ready("),
        "e08_comings_and_goings" => meaning("1,000 clients that have left leave nothing behind: no descriptor, child, thread or memory.", "02-fork-per-conn/src/children.rs", "pub fn reap("),
        "e09_second_client" => meaning("A second client is served while the first one is there and silent (or waits, where that is the profile).", "02-fork-per-conn/src/lib.rs", "pub fn run("),
        "e10_crowd" => meaning("1,100 clients at the same time are served, as far as the profile goes.", "05-poll/src/lib.rs", "pub fn run("),
        "e10_ten_thousand_idle" => meaning("10,000 idle clients cost next to no memory and no processor time.", "06-epoll-lt/src/lib.rs", "pub fn run("),
        "e11_out_of_descriptors" => meaning("Without descriptors the present clients are served, the others wait, and the processor rests.", "01-blocking/src/accept.rs", "Exhausted(io::Error)"),
        "e11_limit_lowered" => meaning("When somebody lowers the limit of descriptors below what is open, the present clients are served.", "05-poll/src/lib.rs", "Errno::EINVAL"),
        "e11_accept_always_fails" => meaning("When accept fails each time, the server rests in between, and hears a signal.", "04-select/src/acceptor.rs", "let Some(error) = failed"),
        "e12_urgent_data" => meaning("An urgent byte is no part of the stream, and disturbs nothing.", "07-epoll-et/src/shortcut.rs", "may_hide_something: bool"),
        "e12_urgent_mark" => meaning("A read that ends at the urgent mark has not drained the socket.", "07-epoll-et/src/shortcut.rs", "may_hide_something: bool"),
        "e12_stopped_and_continued" => meaning("To be stopped and continued (EINTR) changes nothing.", "01-blocking/src/lib.rs", "pub fn retry"),
        "e12_stopped_amid_a_write" => meaning("A write that is cut short by a stop loses nothing of what was to be written.", ECHO, "pub fn echo("),
        "e12_spurious_readiness" => meaning("To find nothing to read after having been told to is no error.", CONNECTION, "WouldBlock => None"),
        "e13_sigterm" | "e13_sigint" => meaning("On SIGTERM and SIGINT it ends as its profile says: it dies of the signal, or it echoes what has arrived and exits with 0.", SHUTDOWN, "pub fn begin("),
        "e13_late_reader" => meaning("On SIGTERM a client that reads late, within two seconds, loses nothing.", SHUTDOWN, "const GRACE"),
        "drain_within_two_seconds" => meaning("On SIGTERM a client that never reads holds the end up for two seconds, and no longer.", SHUTDOWN, "const GRACE"),
        "e13_still_talking" => meaning("On SIGTERM a client that is owed bytes and goes on talking loses none.", "05-poll/src/quiet.rs", "pub fn is_socket_quiet("),
        "e13_in_the_queue" => meaning("On SIGTERM it accepts the clients that wait in the queue, and echoes what they have sent.", "05-poll/src/lib.rs", "acceptor.close("),
        "e13_urgent_mark" => meaning("On SIGTERM it also echoes what has arrived behind the urgent mark.", "05-poll/src/quiet.rs", "fn is_drained("),
        "e13_ignored_signal" => meaning("A signal that was ignored when the server started stays ignored.", SHUTDOWN, "fn is_ignored("),
        "e13_second_signal" => meaning("The second SIGTERM ends a server that is draining.", SHUTDOWN, "sigprocmask(SigmaskHow::SIG_UNBLOCK"),
        "e14_restart" => meaning("It listens on the same port again at once.", "01-blocking/src/listen.rs", "pub fn listen("),
        "e15_flood" => meaning("A client that streams at full speed does not keep the others from being served.", "07-epoll-et/src/drive.rs", "const BUDGET"),
        "e16_no_task_to_be_had" => meaning("Without a process or thread to be had that client is turned away, and the server goes on.", "03-thread-per-conn/src/lib.rs", "pub fn run("),
        "e17_one_gibibyte" => meaning("1 GiB goes through one connection, both ways at once, and the memory stays where it was.", CONNECTION, "pub fn on_readable("),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_explained_by_a_line_that_is_there() {
        for (name, _) in [ECHO, EVENT_LOOP, DRAIN, IDLE].concat() {
            let meaning = meaning_of(name).unwrap_or_else(|| panic!("{name} is not explained"));
            assert!(
                meaning.source.line().is_some(),
                "{name}: {:?}",
                meaning.source
            );
        }
    }
}
