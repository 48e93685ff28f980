//! What this machine offers the tests: descriptors, memory for sockets, pages.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::{Process, system};

/// The soft limit that most systems start a program with.
pub(crate) const USUAL_SOFT_LIMIT: u64 = 1024;

/// The hard limit; calling for it makes it this process's soft limit, too.
static LIMIT: LazyLock<u64> = LazyLock::new(|| {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or_default();
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => hard,
        Err(_) => soft,
    }
});

/// Raises the soft limit to the hard one.
pub(crate) fn raise() {
    LazyLock::force(&LIMIT);
}

/// Raises this process's soft limit to the hard one, and returns how many descriptors it may have. So may a server that
/// it starts.
pub fn descriptor_limit() -> u64 {
    *LIMIT
}

/// Returns how many of `wanted` clients fit next to what other tests have open. Prints a note if they are fewer.
pub fn room_for(wanted: usize) -> usize {
    const OTHERS: usize = 3_000;
    let limit = usize::try_from(*LIMIT).unwrap_or(usize::MAX);
    let room = limit.saturating_sub(OTHERS).max(limit / 4).min(wanted);
    if room < wanted {
        eprintln!("{wanted} clients → {room}: the descriptor limit is {limit}");
    }
    room
}

/// Room for a crowd of clients, as long as this lives.
pub struct CrowdRoom {
    /// How many clients fit.
    pub size: usize,
    _alone: MutexGuard<'static, ()>,
}

/// Waits until no other test of this process has a crowd, and returns the [room](room_for) for one: the descriptors of two
/// might be too many.
pub fn crowd(wanted: usize) -> CrowdRoom {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock();
    CrowdRoom {
        size: room_for(wanted),
        // A test that failed has left no crowd behind.
        _alone: alone.unwrap_or_else(PoisonError::into_inner),
    }
}

/// Lowers a running process's descriptor limits, soft and hard, to `limit` (prlimit(2)).
///
/// # Panics
///
/// Panics if prlimit(2) fails.
pub fn lower_descriptor_limit(process: Process, limit: u64) {
    let lower = move || {
        let new = libc::rlimit {
            rlim_cur: limit,
            rlim_max: limit,
        };
        let pid = process.pid().as_raw();
        // SAFETY: the kernel reads the new limits through a pointer, to a local variable, and is given no place
        // to write the old ones to.
        match unsafe { libc::prlimit(pid, libc::RLIMIT_NOFILE, &raw const new, ptr::null_mut()) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    };
    let as_its_user = || {
        // Root may do it to another user's process only with CAP_SYS_RESOURCE; that user may.
        let [user, group] = ["Uid", "Gid"].map(|name| process.status(name).unwrap_or(0) as u32);
        let mut command = Command::new("true");
        command.uid(user).gid(group);
        // SAFETY: this runs in a child that was forked from a process of several threads, one of which may hold the
        // allocator's lock. It makes a system call only, and allocates nothing.
        unsafe { command.pre_exec(lower) };
        command.status().map(drop)
    };
    if let Err(error) = lower().or_else(|_| as_its_user()) {
        panic!("cannot lower the server's limit of descriptors: {error}");
    }
}

/// Returns the memory of all sockets below which the kernel does not economise, so that each connection gets what it
/// asks for (tcp(7), tcp_mem).
static TCP_MEMORY: LazyLock<u64> = LazyLock::new(|| {
    let pages = system::number("net/ipv4/tcp_mem");
    // A separate network namespace, as in a container, does not show it. Then assume the kernel's initial value, a
    // share of the machine's memory (tcp_init_mem, net/ipv4/tcp.c).
    let memory = || system::memory_kib("MemTotal");
    let share = || memory().map(|kib| kib * 1024 / 64 * 3);
    let bytes = pages.map(|pages| pages * page_size() as u64).or_else(share);
    bytes.unwrap_or_else(|| panic!("cannot observe how much memory sockets may use"))
});

/// Returns how many of `wanted` clients that do not read fit into memory, if each fills buffers of `bytes`. Beyond that
/// the kernel would drop what a client sends, and hold no server back. They may take half of what is free now, because
/// other tests, and other users of this machine, may ask at the same moment.
pub fn room_for_stalled(wanted: usize, bytes: usize) -> usize {
    let held = system::tcp_pages().unwrap_or(0) * page_size() as u64;
    let room = TCP_MEMORY.saturating_sub(held) / 2 / bytes.max(1) as u64;
    usize::try_from(room).unwrap_or(wanted).clamp(4, wanted)
}

/// Returns the bytes of a page: 4,096 on x86-64, up to 65,536 on ARM.
pub fn page_size() -> usize {
    // SAFETY: sysconf takes a number and returns one.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or_else(|_| panic!("cannot observe the size of a page"))
}
