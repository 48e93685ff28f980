//! A system call, as a person would say it.

use nix::errno::Errno;
use suite::{Call, read_memory};

use super::sets::{flags, ready, token};
use crate::show::number;
use crate::world::handed;

/// Bytes of a message that are shown, at most.
const SHOWN: usize = 16;

/// Returns the call with its arguments in words, and its outcome: `recvfrom(7, 16,384 bytes) = 6 "hello\n"`.
/// Its arguments and its results are read from the memory of its thread, which therefore must be stopped at the
/// call's exit, as it is in a tracer's hook.
pub fn in_words(call: &Call) -> String {
    let arguments = arguments(call);
    let outcome = match call.result {
        -516..=-512 => ": broken off by a signal".to_owned(),
        // It puts back what the call returned that the signal came into.
        _ if call.name() == "rt_sigreturn" => String::new(),
        error @ ..0 => match Errno::from_raw(-error as i32) {
            Errno::EAGAIN => " = EAGAIN: it would block".to_owned(),
            error => format!(" = {error:?}"),
        },
        _ => success(call),
    };
    format!("{}({arguments}){outcome}", call.name())
}

fn arguments(call: &Call) -> String {
    let [first, second, third, fourth, ..] = call.args;
    let fd = first as i32;
    match call.name() {
        "epoll_wait" | "epoll_pwait" => {
            let (room, limit) = (number(u64::from(third as u32)), milliseconds(fourth));
            format!("{fd}, room for {room}, {limit}")
        }
        "epoll_ctl" => epoll_ctl(call),
        "poll" => format!("{}, {}", descriptors(second), milliseconds(third)),
        "io_uring_enter" => {
            let (requests, wanted) = (number(u64::from(second as u32)), third as u32);
            format!("{fd}, {requests} to submit, {wanted} to wait for")
        }
        "ppoll" => format!("{}, {}", descriptors(second), sleep(third)),
        "select" | "pselect6" => format!("{}, {}", descriptors(first), sleep(call.args[4])),
        "read" | "recvfrom" | "pread64" => format!("{fd}, {} bytes", number(third)),
        "write" | "sendto" => {
            let (length, text) = (number(third), quoted(call, second, third));
            format!("{fd}, {length} bytes {text}")
        }
        "writev" => format!("{fd}, {} parts", number(third)),
        "ioctl" => format!("{fd}, {}", ioctl(call)),
        "setsockopt" => match (second as i32, third as i32) {
            (libc::IPPROTO_TCP, libc::TCP_NODELAY) => format!("{fd}, send at once"),
            _ => format!("{fd}, …"),
        },
        "fcntl" => format!("{fd}, {}", fcntl(second as i32)),
        "shutdown" => format!("{fd}, {}", direction(second as i32)),
        "accept" | "accept4" | "close" => fd.to_string(),
        "wait4" if fd == -1 => "any child".to_owned(),
        "clone" | "clone3" | "fork" | "vfork" => new_task(call).to_owned(),
        _ => "…".to_owned(),
    }
}

fn success(call: &Call) -> String {
    let result = call.result as u64;
    match call.name() {
        _ if call.is_wait() && result > 0 => format!(" = {result}: {}", ready(call)),
        "read" | "recvfrom" if result > 0 => {
            let bytes = quoted(call, call.args[1], result);
            format!(" = {} {bytes}", number(result))
        }
        "io_uring_enter" => format!(" = {} submitted", number(result)),
        "read" | "recvfrom" => " = 0, the end".to_owned(),
        // Of these, 0 says that it is done, and nothing else.
        "close" | "shutdown" | "epoll_ctl" | "ioctl" | "setsockopt" | "fcntl" if result == 0 => {
            String::new()
        }
        // Names, not counts.
        "accept" | "accept4" | "clone" | "clone3" | "fork" | "vfork" | "wait4" | "gettid" => {
            format!(" = {result}")
        }
        _ => match result {
            0..=0xffff_ffff => format!(" = {}", number(result)),
            address => format!(" = {address:#x}"),
        },
    }
}

fn epoll_ctl(call: &Call) -> String {
    let [epoll, operation, fd, event, ..] = call.args;
    let (epoll, fd) = (epoll as i32, fd as i32);
    let name = match operation as i32 {
        libc::EPOLL_CTL_ADD => "ADD",
        libc::EPOLL_CTL_MOD => "MOD",
        _ => return format!("{epoll}, DEL, {fd}"),
    };
    let size = size_of::<libc::epoll_event>();
    let bytes = read_memory(call.tid, event, size).unwrap_or_else(|_| vec![0; size]);
    let (bits, data) = handed::event(&bytes);
    let (flags, token) = (flags(bits), token(data));
    format!("{epoll}, {name}, {fd}, {flags}, {token}")
}

fn ioctl(call: &Call) -> &'static str {
    if call.args[1] != libc::FIONBIO {
        return "…";
    }
    let value = read_memory(call.tid, call.args[2], 4);
    match value.is_ok_and(|value| handed::word(&value) == 0) {
        true => "may block",
        false => "never block",
    }
}

const fn fcntl(command: i32) -> &'static str {
    match command {
        libc::F_GETFL => "its flags?",
        libc::F_SETFL => "set its flags",
        libc::F_GETFD => "is it open?",
        libc::F_SETFD => "close it on exec",
        libc::F_DUPFD | libc::F_DUPFD_CLOEXEC => "a copy",
        _ => "…",
    }
}

const fn direction(how: i32) -> &'static str {
    match how {
        libc::SHUT_RD => "no more reading",
        libc::SHUT_WR => "no more writing",
        _ => "both ways",
    }
}

/// Returns whether clone(2) makes a thread, which shares its maker's memory, or a process.
fn new_task(call: &Call) -> &'static str {
    match call.clone_flags().unwrap_or(0) & libc::CLONE_THREAD as u64 {
        0 => "a process",
        _ => "a thread",
    }
}

fn descriptors(count: u64) -> String {
    match count {
        1 => "1 descriptor".to_owned(),
        count => format!("{} descriptors", number(count)),
    }
}

fn milliseconds(limit: u64) -> String {
    match limit as i32 {
        ..0 => "forever".to_owned(),
        0 => "no sleep".to_owned(),
        limit => format!("{} ms", number(limit as u64)),
    }
}

/// Returns how long a wait may sleep that has its limit in memory, where the kernel may have written the rest of it.
const fn sleep(limit: u64) -> &'static str {
    match limit {
        0 => "forever",
        _ => "for a time",
    }
}

/// Returns the first bytes at an address, as Rust would write them.
fn quoted(call: &Call, address: u64, length: u64) -> String {
    let shown = length.min(SHOWN as u64) as usize;
    let bytes = read_memory(call.tid, address, shown).unwrap_or_default();
    let more = if length as usize > shown { "…" } else { "" };
    format!("\"{}\"{more}", bytes.escape_ascii())
}
