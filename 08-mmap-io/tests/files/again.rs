//! An opening that the kernel wants to be tried again: openat2(2) says EAGAIN when something was renamed while
//! it took a step `..`, as it could not tell whether that led out of the root.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use stage_08::pages::Root;
use stage_08::{Session, Site, Timeouts};
use suite::Client;

use crate::site::{answer, folder, get};

#[test]
fn an_opening_is_tried_again() {
    let folder = folder("again");
    std::fs::write(folder.join("file"), "here").expect("a file");
    for times in [0, 1, 3] {
        let mut root = Root::open(&folder).expect("the folder");
        let look = |_: &_, version: stage_08::pages::Version| Ok(version.size);
        let (found, calls) = refused(times, || root.with_file(Path::new("file"), look));
        assert_eq!(found.ok(), Some(Some(4)), "refused {times} times");
        assert_eq!(calls, times + 1);
    }
}

/// Not without end: the others wait meanwhile.
#[test]
fn an_opening_is_not_tried_for_ever() {
    let folder = folder("again-and-again");
    std::fs::write(folder.join("file"), "here").expect("a file");
    let root = Root::open(&folder).expect("the folder");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let client = Client::connect(listener.local_addr().expect("an address"));
    client.send(get("/file").as_bytes());
    let (stream, _) = listener.accept().expect("a client");
    let (result, calls) = refused(usize::MAX, || {
        let mut site = Site::new(root, Timeouts::default());
        let mut session = Session::new(stream, &mut site)?;
        session.on_ready(&mut [0; 4_096], &mut site);
        Ok::<_, io::Error>(())
    });
    result.expect("a session");
    let answer = answer(&client);
    assert_eq!(
        (answer.status, answer.field("Retry-After")),
        (503, Some("1"))
    );
    assert!((2..=20).contains(&calls), "{calls} tries");
}

/// Does `work` in a thread whose calls of openat2(2) fail with EAGAIN the first `times` times. Gives what it
/// returned, and how many such calls there were.
fn refused<T: Send>(times: usize, work: impl FnOnce() -> T + Send) -> (T, usize) {
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
            calls += 1;
            let mut answer = libc::seccomp_notif_resp {
                id,
                val: 0,
                error,
                flags,
            };
            notify(&listener, libc::SECCOMP_IOCTL_NOTIF_SEND, &mut answer).expect("an answer");
        }
        (worker.join().expect("a thread that ends"), calls)
    })
}

/// Waits for a call, and gives its id; none when the thread that calls has ended.
fn next_call(listener: &OwnedFd) -> Option<u64> {
    let mut fds = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    poll(&mut fds, PollTimeout::NONE).expect("a call, or the end");
    if !fds[0]
        .revents()
        .is_some_and(|events| events.contains(PollFlags::POLLIN))
    {
        return None;
    }
    // SAFETY: zero has to be a value of each field, and is: all are numbers.
    let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    notify(listener, libc::SECCOMP_IOCTL_NOTIF_RECV, &mut call).expect("the call");
    Some(call.id)
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
    use libc::{BPF_ABS, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W};
    let op = |code: u32, jf, k| libc::sock_filter {
        code: code as u16,
        jt: 0,
        jf,
        k,
    };
    let mut filter = [
        // The number of the call is the first field of struct seccomp_data.
        op(BPF_LD | BPF_W | BPF_ABS, 0, 0),
        op(BPF_JMP | BPF_JEQ | BPF_K, 1, libc::SYS_openat2 as u32),
        op(BPF_RET | BPF_K, 0, libc::SECCOMP_RET_USER_NOTIF),
        op(BPF_RET | BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    let (mode, flags) = (
        libc::SECCOMP_SET_MODE_FILTER,
        libc::SECCOMP_FILTER_FLAG_NEW_LISTENER,
    );
    // SAFETY: the kernel reads the program, and the filter that it points to: local variables. The
    // descriptor is new, and nobody else's.
    unsafe {
        // Without this a thread that is not root's may not filter its calls.
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        match libc::syscall(libc::SYS_seccomp, mode, flags, &raw const program) {
            -1 => Err(io::Error::last_os_error()),
            listener => Ok(OwnedFd::from_raw_fd(listener as i32)),
        }
    }
}
