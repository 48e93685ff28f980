//! What poll refuses, what it answers about a closed descriptor, and its first caller: Rust's own runtime.

use std::os::fd::{AsRawFd, RawFd};

use nix::errno::Errno;
use nix::poll::PollFlags;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{pipe, write};
use suite::Call;

use crate::chapters::ch04_select::value::{select_at_once, set_of};
use crate::world::handed::entries;
use crate::world::{in_a_row, value_or_error};
use crate::{Evidence, Lab};

/// The limit that the specimen sets for itself.
const LIMIT: usize = 64;

/// Shows poll's own limit, and a closed descriptor among the watched ones.
pub(super) fn refusals(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let lines = [
        ("poll of 64 entries, RLIMIT_NOFILE being 64", "0"),
        ("poll of 65 entries", "EINVAL"),
        ("a ready one and a closed one: select", "EBADF"),
        ("poll: entries that have an answer", "2"),
        ("in the entry of the ready one", "POLLIN"),
        ("in the entry of the closed one", "POLLNVAL"),
    ];
    evidence.hear(&mut lab.specimen("poll-and-select", &[])?, &lines)
}

/// The specimen: prints the result of each call, a line each.
pub(super) fn poll_and_select(_: &[String]) -> anyhow::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, LIMIT as u64, hard)?;
    println!("{}", value_or_error(poll(&mut [entry(-1); LIMIT])));
    println!("{}", value_or_error(poll(&mut [entry(-1); LIMIT + 1])));

    let (ready, writer) = pipe()?;
    write(&writer, b"x")?;
    // A number that names nothing: this process has one thread, and opens nothing from here on.
    let closed = pipe()?.0.as_raw_fd();
    let mut set = set_of(&[ready.as_raw_fd(), closed]);
    println!("{}", value_or_error(select_at_once(&mut set)));
    let mut entries = [entry(ready.as_raw_fd()), entry(closed)];
    println!("{}", value_or_error(poll(&mut entries)));
    for entry in entries {
        let flags = PollFlags::from_bits_retain(entry.revents);
        println!("{}", in_a_row(flags.iter_names().map(|(name, _)| name)));
    }
    Ok(())
}

const fn entry(fd: RawFd) -> libc::pollfd {
    libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    }
}

/// Calls poll(2) without waiting.
fn poll(entries: &mut [libc::pollfd]) -> nix::Result<i32> {
    // SAFETY: the kernel writes to as many entries as it is told; a larger number would overrun the array, and this is
    // its length.
    let ready = unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as libc::nfds_t, 0) };
    Errno::result(ready)
}

/// Traces a Rust program that does nothing, from its first system call on.
pub(super) fn before_main(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let words = [&lab.program(), "specimen", "pause"];
    let mut specimen = lab.specimen("become", &words)?;
    specimen.expect("ready")?;
    let (tracer, asked) = specimen.process().watch_calls(|call| {
        let is_poll = matches!(call.name(), "poll" | "ppoll");
        is_poll.then(|| entries(call))
    });
    // The words of its main.
    specimen.go_on("ready")?;
    let calls = tracer.finish();
    let is_start = |call: &&Call| call.name() == "execve" && call.result == 0;
    let started = calls.iter().filter(is_start).count();
    evidence.count("programs started while it was traced", started, 1);
    let asked = asked.iter().collect::<anyhow::Result<Vec<_>>>()?;
    evidence.count("calls of poll before main", asked.len(), 1);
    let numbers = in_a_row(asked.iter().flatten().map(|(fd, _)| fd));
    evidence.outcome("about the descriptors", numbers, "0 1 2");
    Ok(())
}
