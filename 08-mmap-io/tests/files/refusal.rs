//! Calls that the kernel refuses as a test wants it, in one thread and in what that thread starts (seccomp(2)).

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::sync::mpsc;
use std::thread;

use libc::{BPF_ABS, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Does `work` in a thread to which no file system gives pages that are shared: mmap(2) of such pages fails
/// with ENODEV, also for a server that it starts. (Programs are loaded into private ones.)
pub(crate) fn without_mappings<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    // The number of the call is the first field of struct seccomp_data; args[3] are the flags.
    let filter = [
        op(BPF_LD | BPF_W | BPF_ABS, 0, 0),
        op(BPF_JMP | BPF_JEQ | BPF_K, 3, libc::SYS_mmap as u32),
        op(BPF_LD | BPF_W | BPF_ABS, 0, 16 + 3 * 8),
        op(BPF_JMP | BPF_JEQ | BPF_K, 1, libc::MAP_SHARED as u32),
        op(
            BPF_RET | BPF_K,
            0,
            libc::SECCOMP_RET_ERRNO | libc::ENODEV as u32,
        ),
        op(BPF_RET | BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ];
    thread::scope(|scope| {
        let worker = scope.spawn(move || {
            install(filter, 0).expect("a filter");
            work()
        });
        worker.join().expect("the work")
    })
}

/// Does `work` in a thread whose calls of openat2(2) fail with EAGAIN the first `times` times. Gives what it
/// returned, and how many such calls there were.
pub(crate) fn refused<T: Send>(times: usize, work: impl FnOnce() -> T + Send) -> (T, usize) {
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        let worker = scope.spawn(move || {
            let _ = sender.send(listen_to_openat2());
            work()
        });
        let listener = receiver.recv().expect("a thread").expect("a filter");
        let mut calls = 0;
        while let Some(id) = next_call(&listener) {
            let (error, flags) = if calls < times {
                (-libc::EAGAIN, 0)
            } else {
                (0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32)
            };
            let mut answer = libc::seccomp_notif_resp {
                id,
                val: 0,
                error,
                flags,
            };
            // A call that a signal interrupted is made again, and asked for again.
            if notify(&listener, libc::SECCOMP_IOCTL_NOTIF_SEND, &mut answer).is_ok() {
                calls += 1;
            }
        }
        (worker.join().expect("the work"), calls)
    })
}

/// Waits for a call, and gives its id; none when the thread that calls has ended. (A wait may end for other
/// reasons: seccomp_notify_poll in kernel/seccomp.c.)
fn next_call(listener: &OwnedFd) -> Option<u64> {
    loop {
        let mut fds = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut fds, PollTimeout::NONE);
        let events = fds[0].revents().unwrap_or(PollFlags::empty());
        // SAFETY: zero has to be a value of each field, and is: all are numbers.
        let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        if events.contains(PollFlags::POLLIN)
            && notify(listener, libc::SECCOMP_IOCTL_NOTIF_RECV, &mut call).is_ok()
        {
            return Some(call.id);
        }
        if events.contains(PollFlags::POLLHUP) {
            return None;
        }
    }
}

fn notify<T>(listener: &OwnedFd, request: libc::Ioctl, data: &mut T) -> io::Result<()> {
    // SAFETY: the kernel reads and writes a struct whose size is a part of the request's number; the two
    // callers pass the struct that belongs to theirs.
    match unsafe { libc::ioctl(listener.as_raw_fd(), request, &raw mut *data) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Has the kernel ask before each openat2(2) of this thread (seccomp_unotify(2)). Gives where it asks.
fn listen_to_openat2() -> io::Result<OwnedFd> {
    let filter = [
        op(BPF_LD | BPF_W | BPF_ABS, 0, 0),
        op(BPF_JMP | BPF_JEQ | BPF_K, 1, libc::SYS_openat2 as u32),
        op(BPF_RET | BPF_K, 0, libc::SECCOMP_RET_USER_NOTIF),
        op(BPF_RET | BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let listener = install(filter, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER)?;
    // SAFETY: closing a descriptor that belongs to somebody else would be a hazard; this one is new.
    Ok(unsafe { OwnedFd::from_raw_fd(listener as i32) })
}

/// A step of a filter. If it compares, and the values differ, as many steps are left out.
const fn op(code: u32, jf: u8, k: u32) -> libc::sock_filter {
    let code = code as u16;
    libc::sock_filter { code, jt: 0, jf, k }
}

/// Puts a filter on the calls of this thread.
fn install<const N: usize>(
    mut filter: [libc::sock_filter; N],
    flags: libc::c_ulong,
) -> io::Result<i64> {
    let program = libc::sock_fprog {
        len: N as u16,
        filter: filter.as_mut_ptr(),
    };
    let mode = libc::SECCOMP_SET_MODE_FILTER;
    // Without this a thread that is not root's may not filter its calls.
    // SAFETY: the hazard is an option whose value is an address; this one has none.
    unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    // SAFETY: the kernel reads the program, and the filter that it points to: local variables.
    let installed = unsafe { libc::syscall(libc::SYS_seccomp, mode, flags, &raw const program) };
    match installed {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}
