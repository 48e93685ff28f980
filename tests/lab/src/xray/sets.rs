//! The findings of a wait, read from the memory of the program that waited.

use suite::{Call, read_memory};

/// Ready descriptors that are shown, at most.
const SHOWN: usize = 4;

/// Entries that are read, at most.
const READ: u64 = 1 << 20;

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
    let bytes = bytes(call, call.args[1], call.result as u64, size);
    let in_words = |event: &[u8]| {
        // `events` comes first, `data` last; on x86-64 nothing is between.
        let (bits, data) = (word(&event[..4]), word(&event[size - 8..]));
        format!("{}: {}", token(data), flags(bits as u32))
    };
    bytes.chunks_exact(size).map(in_words).collect()
}

/// Returns the entries of poll(2) that have got `revents`.
fn polled(call: &Call) -> Vec<String> {
    let size = size_of::<libc::pollfd>();
    let bytes = bytes(call, call.args[0], call.args[1], size);
    let entries = bytes
        .chunks_exact(size)
        .map(|entry| (word(&entry[..4]), word(&entry[6..])));
    let ready = entries.filter(|(_, revents)| *revents != 0);
    ready
        .map(|(fd, revents)| format!("{fd} {}", flags(revents as u32)))
        .collect()
}

/// Returns the bits that select(2) has left in its sets.
fn selected(call: &Call) -> Vec<String> {
    let names = ["readable", "writable", "exceptional"];
    let mut found = Vec::new();
    for (address, name) in call.args[1..4]
        .iter()
        .zip(names)
        .filter(|(address, _)| **address != 0)
    {
        // The kernel copies whole longs.
        let set = bytes(call, *address, call.args[0].div_ceil(64), 8);
        let is_set = |fd: &usize| {
            set.get(fd / 8)
                .is_some_and(|byte| byte >> (fd % 8) & 1 == 1)
        };
        let ready = (0..call.args[0] as usize).filter(is_set);
        found.extend(ready.map(|fd| format!("{name} {fd}")));
    }
    found
}

/// Returns an array out of the memory of the calling thread; nothing if it cannot be read.
fn bytes(call: &Call, address: u64, number: u64, size: usize) -> Vec<u8> {
    let length = number.min(READ) as usize * size;
    read_memory(call.tid, address, length).unwrap_or_default()
}

/// Returns a number of at most 8 bytes.
pub(super) fn word(bytes: &[u8]) -> u64 {
    let mut all = [0; 8];
    // Little-endian machines have the low bytes first, the others last.
    let place = if cfg!(target_endian = "little") {
        0
    } else {
        8 - bytes.len()
    };
    all[place..place + bytes.len()].copy_from_slice(bytes);
    u64::from_ne_bytes(all)
}
