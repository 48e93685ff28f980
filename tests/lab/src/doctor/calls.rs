//! System calls that a filter may refuse (seccomp(2)).

use std::os::fd::{FromRawFd, OwnedFd};

use libc::{SYS_close_range, SYS_io_uring_setup, SYS_openat2, SYS_pidfd_getfd, SYS_ptrace, c_long};
use nix::errno::Errno;
use suite::{Tracer, system};

use super::Finding;
use super::State::{Fine, Limited, Missing};
use super::findings::or_fine;
use crate::Lab;

/// The calls that the course cannot do without, what breaks without each, and the remedy.
const CALLS: [(&str, c_long, &str); 3] = [
    (
        "close_range",
        SYS_close_range,
        "no server can be started: update Docker, or docker run --security-opt seccomp=unconfined",
    ),
    (
        "pidfd_getfd",
        SYS_pidfd_getfd,
        "the suite cannot look into a server's sockets, and many cases fail: docker run --cap-add SYS_PTRACE",
    ),
    (
        "openat2",
        SYS_openat2,
        "stage 8 does not serve a folder, it ends: update Docker, or docker run --security-opt seccomp=unconfined",
    ),
];

/// Makes a call with no descriptor and null pointers, with which the kernel finds a fault if the call gets that far.
/// Returns the error if the kernel does not have the call, or a filter refuses it.
fn refusal(call: c_long) -> Option<Errno> {
    // SAFETY: a call could write to an address that it is given, or close something in use. The addresses are null, and
    // no descriptor is as high as the first argument; ptrace(2) is asked for something that it does not know.
    let answer = unsafe { libc::syscall(call, c_long::from(u32::MAX), 0, 0, 0, 0, 0) };
    let error = Errno::result(answer).err();
    error.filter(|error| matches!(error, Errno::ENOSYS | Errno::EPERM | Errno::EACCES))
}

/// Tries each call: a finding for each that is refused, or one for all.
pub(super) fn refused() -> Vec<Finding> {
    let refused = CALLS.iter().filter_map(|(name, call, breaks)| {
        let refusal = refusal(*call)?.to_string();
        Some(Finding::new(refusal, Missing).about(name, breaks))
    });
    or_fine(refused, "system calls", "all that are needed")
}

/// Tries a trace: too many things may forbid it (Yama, seccomp, capabilities).
pub(super) fn ptrace(lab: &Lab) -> Finding {
    let mut specimen = match lab.specimen("pause", &[]) {
        Ok(specimen) => specimen,
        Err(error) => {
            return Finding::new(format!("not tried: {}", error.root_cause()), Missing)
                .advise("nothing can be started, and no experiment made: see the other lines");
        }
    };
    let pid = specimen.pid();
    let attach = |()| Ok(Tracer::attach(pid)?);
    let tried = specimen.expect("ready").and_then(attach);
    let Err(error) = tried else {
        return Finding::new("works", Fine);
    };
    if let Some(scope @ 2..) = system::number("kernel/yama/ptrace_scope") {
        return Finding::new(format!("forbidden: kernel.yama.ptrace_scope is {scope}"), Missing).advise(
            "no experiment that counts system calls: sudo sysctl kernel.yama.ptrace_scope=1 (from 3, after a restart only)",
        );
    }
    match refusal(SYS_ptrace) {
        Some(_) => Finding::new("forbidden by a filter (seccomp)", Missing),
        None => Finding::new(error.root_cause().to_string(), Missing),
    }
}

/// Sets a ring up as the server of the chapter does (io_uring_setup(2)).
pub(super) fn io_uring() -> Finding {
    const SINGLE_ISSUER: u32 = 1 << 12;
    const DEFER_TASKRUN: u32 = 1 << 13;
    // struct io_uring_params has 120 bytes; its third member is the flags.
    let mut parameters = [0_u32; 30];
    parameters[2] = SINGLE_ISSUER | DEFER_TASKRUN;
    // SAFETY: the kernel writes its answer over the parameters, which have the size that it expects.
    let ring = unsafe { libc::syscall(SYS_io_uring_setup, 8, parameters.as_mut_ptr()) };
    let error = match Errno::result(ring) {
        Ok(ring) => {
            // SAFETY: closing a descriptor that somebody uses would be a hazard; this one is new, and nobody else's.
            drop(unsafe { OwnedFd::from_raw_fd(ring as i32) });
            return Finding::new("works", Fine);
        }
        Err(error) => error,
    };
    let disabled = system::number("kernel/io_uring_disabled").filter(|disabled| *disabled > 0);
    let seen = Finding::new(error.to_string(), Limited);
    match (error, disabled) {
        (Errno::EINVAL, _) => seen.advise("the chapter on io_uring and `cargo lab xray uring` need Linux 6.1"),
        (Errno::EPERM, Some(_)) => seen.advise(
            "only the chapter on io_uring and `cargo lab xray uring` need it: sudo sysctl kernel.io_uring_disabled=0",
        ),
        (Errno::EPERM | Errno::ENOSYS, _) => seen.advise(
            "only the chapter on io_uring and `cargo lab xray uring` need it: docker run --security-opt seccomp=unconfined",
        ),
        _ => seen,
    }
}
