//! The cell of a program that nobody knows: a folder, limits, and where possible a user of its own.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Gid, Uid, setgid, setgroups, setuid};

use crate::Process;

/// What a program may cost that nobody knows: a core dump, the size of a file, the writable memory of one process, and
/// its seconds of CPU time. Memory has to do for a thread with a stack of 8 MiB for each of 1,100 clients; when a machine
/// has less, the kernel kills such a program before any other.
const LIMITS: [(Resource, u64); 4] = [
    (Resource::RLIMIT_CORE, 0),
    (Resource::RLIMIT_FSIZE, 256 << 20),
    (Resource::RLIMIT_DATA, 12 << 30),
    (Resource::RLIMIT_CPU, 300),
];

/// A cell: what runs in it cannot fill the machine, nor, as another user, touch what is outside.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Where it works, and its home.
    pub folder: PathBuf,
    /// The user and the group that it runs as; the caller's own if there is none.
    pub user: Option<u32>,
    /// How many processes and threads its user may have.
    pub tasks: u64,
}

static OF_ALL_SERVERS: OnceLock<Cell> = OnceLock::new();

impl Cell {
    /// Has every server of this process start in this cell from now on. The first one stays.
    pub fn hold_all_servers(self) {
        let _ = OF_ALL_SERVERS.set(self);
    }

    /// Has `command` start in the cell, with an environment of its own.
    pub fn hold(&self, command: &mut Command) {
        command.current_dir(&self.folder).env_clear();
        command.env("HOME", &self.folder);
        command.env("TMPDIR", &self.folder).env("LANG", "C.UTF-8");
        if let Some(path) = env::var_os("PATH") {
            command.env("PATH", path);
        }
        let Self { user, tasks, .. } = *self;
        let enter = move || {
            if let Some(user) = user {
                setgroups(&[])?;
                setgid(Gid::from_raw(user))?;
                setuid(Uid::from_raw(user))?;
            }
            for (resource, most) in LIMITS {
                lower(resource, most)?;
            }
            lower(Resource::RLIMIT_NPROC, tasks)?;
            // No program that belongs to root may undo this.
            // SAFETY: the hazard is an option whose value is an address; this one's is a number.
            unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1_u64, 0_u64, 0_u64, 0_u64) };
            Ok(())
        };
        // SAFETY: this runs in a child that was forked from a process of several threads, one of which may hold the
        // allocator's lock. It makes system calls only, and allocates nothing.
        unsafe { command.pre_exec(enter) };
    }
}

/// Has a server start in the cell of all servers, if there is one.
pub(crate) fn hold(command: &mut Command) {
    if let Some(cell) = OF_ALL_SERVERS.get() {
        cell.hold(command);
    }
}

fn lower(resource: Resource, most: u64) -> nix::Result<()> {
    let (_, hard) = getrlimit(resource)?;
    let most = most.min(hard);
    setrlimit(resource, most, most)
}

/// Returns how many processes and threads each user has, of those that can be seen: user and number, one by one.
pub fn tasks_by_user() -> impl Iterator<Item = (u32, u64)> {
    Process::all().filter_map(|process| {
        let status = process.glance("status");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u32>().ok()
        };
        Some((field("Uid:")?, field("Threads:")?.into()))
    })
}
