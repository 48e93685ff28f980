//! The cost of a wake-up: what the waiting call receives, and what it returns.

use std::io::Write;

use anyhow::{Context, ensure};
use serde::Serialize;
use suite::{Call, Client, Server, leave};

use super::Lab;

/// A call that waited for descriptors to become ready, and was woken. All sizes follow from its arguments and its
/// result; nothing here is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Wait {
    /// Its name: glibc's `select` is `pselect6`, and Rust's `poll` may be `ppoll`.
    pub name: &'static str,
    /// Descriptors that the kernel receives and looks at. For select it is `nfds`, the highest descriptor plus one, and
    /// for poll the number of entries. For epoll it is 0, because the kernel already has them.
    pub submitted: u64,
    /// Bytes that describe what the program waits for, copied into the kernel.
    pub bytes_in: u64,
    /// Descriptors that the call reports as ready.
    pub ready: u64,
    /// Bytes that name the ready descriptors, copied out of the kernel.
    pub bytes_out: u64,
}

impl Wait {
    /// Returns the wait that `call` was, if it found something. A call that a signal interrupted, or that timed out, is
    /// no wake-up.
    pub(crate) fn of(call: &Call) -> Option<Self> {
        let ready = u64::try_from(call.result).ok().filter(|ready| *ready > 0)?;
        let (submitted, bytes_in, bytes_out) = match call.name() {
            "select" | "pselect6" => {
                let bytes = bitmaps(call);
                (call.args[0], bytes, bytes)
            }
            // Each struct pollfd goes in whole; only its `revents` comes back (fs/select.c, do_sys_poll).
            "poll" | "ppoll" => {
                let entries = call.args[1];
                let revents = size_of::<libc::c_short>() as u64;
                let entry = size_of::<libc::pollfd>() as u64;
                (entries, entries * entry, entries * revents)
            }
            _ if call.is_wait() => (0, 0, ready * size_of::<libc::epoll_event>() as u64),
            _ => return None,
        };
        Some(Self {
            name: call.name(),
            submitted,
            bytes_in,
            ready,
            bytes_out,
        })
    }
}

/// Returns the bytes of the sets that a select receives. Of each set, the longs that have bits below `nfds` are copied
/// in and back out (fs/select.c, core_sys_select).
fn bitmaps(call: &Call) -> u64 {
    let [nfds, sets @ ..] = call.args;
    let sets = sets[..3].iter().filter(|set| **set != 0).count();
    let long = size_of::<libc::c_ulong>() as u64;
    nfds.div_ceil(long * 8) * long * sets as u64
}

/// The wake-ups of a stage, for the echoes of one client.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    /// Descriptors on its epoll interest list, which the kernel keeps from one wait to the next
    /// (/proc/PID/fdinfo); 0 if it has no epoll.
    pub(crate) registered: usize,
    /// The waits, one after the other.
    pub(crate) waits: Vec<Wait>,
}

impl Waits {
    /// Starts stage `number` and connects `idle` clients, each answered once and then silent, and one that sends
    /// `echoes` short messages. Returns the waits that those messages cost.
    pub(crate) fn beside(
        lab: &Lab,
        number: u8,
        idle: usize,
        echoes: usize,
    ) -> anyhow::Result<Self> {
        let server = lab.start(number)?;
        let clients = server.crowd(idle + 1);
        let waits = Self::of(&server, &clients[idle], echoes);
        leave(clients);
        Ok(waits)
    }

    /// Returns the waits that `echoes` short messages of `client` cost its server, each sent when the one before is
    /// back. The client has been answered before, and all others are silent.
    pub(crate) fn of(server: &Server, client: &Client, echoes: usize) -> Self {
        let tracer = server.trace();
        (0..echoes).for_each(|_| client.echo(b"a word"));
        // A wait is in the record once the echo that it was for is back.
        let calls = tracer.finish();
        Self {
            registered: server.process().interest_list().len(),
            waits: calls.iter().filter_map(Wait::of).collect(),
        }
    }

    /// Returns the wait that all of them were. They have to be alike, because one client at a time is active.
    pub(crate) fn each(&self) -> anyhow::Result<Wait> {
        let all = &self.waits;
        let first = all.first().context("no wait was recorded")?;
        ensure!(
            all.iter().all(|wait| wait == first),
            "the waits differ: {all:?}"
        );
        Ok(*first)
    }
}

/// Returns how many of `calls` have this name.
pub(crate) fn named(calls: &[Call], name: &str) -> usize {
    calls.iter().filter(|call| call.name() == name).count()
}

/// Returns whether the server answers a client, rather than end the connection by EOF or by a reset.
pub(crate) fn is_served(client: &Client) -> bool {
    // If this fails, the connection has ended already, which the next call finds, too.
    let _ = client.stream().write(b"?");
    client.has_bytes() && client.receive(1) == b"?"
}
