//! Whether a client is served, or has to wait: decided by what the server does, not by the time it takes.

use std::thread;
use std::time::{Duration, Instant};

use suite::{Client, Process, Server};

use super::net;

/// Whether `client`, which has sent something, is not served: it stands in the queue of those that were
/// not accepted, and the server sleeps in a call that is not about it. If neither this nor an answer
/// is seen for two seconds, it waits, too.
pub fn has_to_wait(server: &Server, client: &Client) -> bool {
    let end = Instant::now() + Duration::from_secs(2);
    let mut in_vain = 0;
    while !client.is_readable(5) {
        let queued = net::listener(server.address()).is_some_and(|row| row.unread > 0);
        let stuck = queued && !is_about_to_accept(server.process());
        in_vain = if stuck { in_vain + 1 } else { 0 };
        if in_vain == 5 || Instant::now() > end {
            return true;
        }
    }
    false
}

/// Waits for what should happen at once, and gives whether it does: what is watched for may be a fault, so
/// this gives up after two seconds.
pub fn soon(mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(2);
    while !condition() {
        if Instant::now() > end {
            return false;
        }
        thread::sleep(Duration::from_millis(2));
    }
    true
}

/// Whether one of its threads runs, or sleeps in a call that a new client ends.
fn is_about_to_accept(process: Process) -> bool {
    let family = [vec![process], process.descendants()].concat();
    let mut threads = family.iter().flat_map(|process| process.threads());
    threads.any(|thread| {
        let call = Process::new(thread.as_raw()).blocked_in();
        call.is_none_or(|(number, _)| is_for_many(number.cast_signed()))
    })
}

const fn is_for_many(call: i64) -> bool {
    matches!(
        call,
        libc::SYS_accept
            | libc::SYS_accept4
            | libc::SYS_poll
            | libc::SYS_ppoll
            | libc::SYS_select
            | libc::SYS_pselect6
            | libc::SYS_epoll_wait
            | libc::SYS_epoll_pwait
            | libc::SYS_epoll_pwait2
            | libc::SYS_io_uring_enter
    )
}
