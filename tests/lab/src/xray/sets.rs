//! The findings of a wait, read from the memory of the program that waited.

use suite::Call;

use crate::world::handed::{array, entries, event, set};

/// Ready descriptors that are shown, at most.
const SHOWN: usize = 4;

/// The flags of epoll(7) and poll(2), which have the same values, in words.
const FLAGS: [(u32, &str); 9] = [
    (libc::EPOLLIN as u32, "readable"),
    (libc::EPOLLOUT as u32, "writable"),
    (libc::EPOLLPRI as u32, "urgent"),
    (libc::EPOLLRDHUP as u32, "half-close"),
    (libc::EPOLLHUP as u32, "hung up"),
    (libc::EPOLLERR as u32, "error"),
    (libc::POLLNVAL as u32, "not open"),
    (libc::EPOLLONESHOT as u32, "once"),
    (libc::EPOLLET as u32, "edge"),
];

/// Returns the flags in words: `readable+edge`, for one.
pub(super) fn flags(bits: u32) -> String {
    let set = FLAGS.iter().filter(|(flag, _)| bits & flag != 0);
    let words: Vec<_> = set.map(|(_, word)| *word).collect();
    match words.is_empty() {
        true => "nothing".to_owned(),
        false => words.join("+"),
    }
}

/// Returns a token as its program chose it; large ones as /proc/PID/fdinfo has them.
pub(super) fn token(data: u64) -> String {
    match data {
        0..=0xffff => format!("token {data}"),
        _ => format!("token {data:x}"),
    }
}

/// Returns the ready ones of a wait: `[token 2: readable]`, `[8 readable]`. The call must have been woken by
/// some, and its thread must be stopped.
pub(super) fn ready(call: &Call) -> String {
    let found = match call.name() {
        "poll" | "ppoll" => polled(call),
        "select" | "pselect6" => selected(call),
        _ => events(call),
    };
    match found.len().checked_sub(SHOWN) {
        None | Some(0) => format!("[{}]", found.join(", ")),
        Some(more) => format!("[{}, {more} more]", found[..SHOWN].join(", ")),
    }
}

/// Returns the events that epoll_wait(2) has written.
fn events(call: &Call) -> Vec<String> {
    let size = size_of::<libc::epoll_event>();
    let bytes = array(call, call.args[1], call.result as u64, size).unwrap_or_default();
    let in_words = |bytes: &[u8]| {
        let (bits, data) = event(bytes);
        format!("{}: {}", token(data), flags(bits))
    };
    bytes.chunks_exact(size).map(in_words).collect()
}

/// Returns the entries of poll(2) that have got `revents`.
fn polled(call: &Call) -> Vec<String> {
    let mut found = entries(call).unwrap_or_default();
    found.retain(|(_, revents)| *revents != 0);
    let in_words = |(fd, revents)| format!("{fd} {}", flags(revents as u32));
    found.into_iter().map(in_words).collect()
}

/// Returns the bits that select(2) has left in its sets.
fn selected(call: &Call) -> Vec<String> {
    let names = ["readable", "writable", "exceptional"];
    let mut found = Vec::new();
    for (place, name) in (1..).zip(names) {
        let ready = set(call, place).unwrap_or_default().into_iter();
        found.extend(ready.map(|fd| format!("{name} {fd}")));
    }
    found
}
