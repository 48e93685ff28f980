//! System calls that the kernel refuses, by a filter (seccomp(2)).

use std::io;

use super::prctl;

/// Makes the kernel answer `error` to two system calls, as it does at a limit that does not bind root, such as
/// RLIMIT_NPROC (seccomp(2)).
pub(super) fn refuse(calls: [i64; 2], error: i32) -> io::Result<()> {
    filter_calls(&mut [
        load(NUMBER),
        skip_if(calls[0], 2, 0),
        skip_if(calls[1], 1, 0),
        answer(libc::SECCOMP_RET_ALLOW),
        answer(libc::SECCOMP_RET_ERRNO | error as u32),
    ])
}

/// Makes the kernel answer EPERM to each attempt to set a limit. A limit can still be read, which is a prlimit(2)
/// without new limits.
pub(super) fn refuse_to_change_limits() -> io::Result<()> {
    filter_calls(&mut [
        load(NUMBER),
        skip_if(libc::SYS_setrlimit, 6, 0),
        skip_if(libc::SYS_prlimit64, 0, 4),
        load(THIRD_ARGUMENT),
        skip_if(0, 0, 3),
        load(THIRD_ARGUMENT + 4),
        skip_if(0, 0, 1),
        answer(libc::SECCOMP_RET_ALLOW),
        answer(libc::SECCOMP_RET_ERRNO | libc::EPERM as u32),
    ])
}

/// Offsets in struct seccomp_data (seccomp(2)). An argument has two words of 32 bits.
const NUMBER: u32 = 0;
const THIRD_ARGUMENT: u32 = 32;

/// Loads the word at `offset`.
const fn load(offset: u32) -> libc::sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset)
}

/// Skips `equal` instructions if the loaded word is `value`, and `other` instructions if it is not.
const fn skip_if(value: i64, equal: u8, other: u8) -> libc::sock_filter {
    let code = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    instruction(code, equal, other, value as u32)
}

/// Ends the filter with `verdict`.
const fn answer(verdict: u32) -> libc::sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, 0, 0, verdict)
}

const fn instruction(code: u32, jt: u8, jf: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    }
}

fn filter_calls(filter: &mut [libc::sock_filter]) -> io::Result<()> {
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    // Without this a process that is not root may not filter its calls.
    prctl(libc::PR_SET_NO_NEW_PRIVS, 1)?;
    let mode = libc::SECCOMP_MODE_FILTER as libc::c_ulong;
    // SAFETY: the kernel reads the program, and the filter that it points to: local variables.
    match unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
