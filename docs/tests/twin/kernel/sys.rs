//! The system calls of a scenario by number, also by the number of a descriptor that is closed: a type that owns its descriptor
//! could not make those.

use std::mem::MaybeUninit;
use std::os::fd::RawFd;
use std::ptr;

use libc::{c_int, c_short, c_void};
use nix::errno::Errno;

pub(super) type Result<T> = std::result::Result<T, Errno>;

/// Makes a call until no signal interrupts it. Only a sleeper is to see `EINTR`, and it does not come here.
fn retry(mut call: impl FnMut() -> isize) -> Result<usize> {
    loop {
        match Errno::result(call()) {
            Err(Errno::EINTR) => {}
            result => return result.map(isize::cast_unsigned),
        }
    }
}

pub(super) fn epoll_ctl(ep: RawFd, op: c_int, fd: RawFd, events: u32, data: u64) -> Result<()> {
    let mut event = libc::epoll_event { events, u64: data };
    // SAFETY: `event` is a whole structure that outlives the call, which only reads it.
    Errno::result(unsafe { libc::epoll_ctl(ep, op, fd, &mut event) }).map(drop)
}

/// Returns the events and the data of at most `max` entries.
pub(super) fn epoll_wait(ep: RawFd, max: usize, timeout: c_int) -> Result<Vec<(u32, u64)>> {
    let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; max];
    let room = c_int::try_from(max).map_err(|_| Errno::EINVAL)?;
    // SAFETY: the kernel writes at most `room` events, and the vector has as many.
    let found = Errno::result(unsafe { libc::epoll_wait(ep, events.as_mut_ptr(), room, timeout) })?;
    events.truncate(found.cast_unsigned() as usize);
    Ok(events
        .iter()
        .map(|event| (event.events, event.u64))
        .collect())
}

/// Returns what is true of each entry.
pub(super) fn poll(entries: &[(RawFd, c_short)], timeout: c_int) -> Result<Vec<c_short>> {
    let entry = |&(fd, events): &(RawFd, c_short)| libc::pollfd {
        fd,
        events,
        revents: 0,
    };
    let mut array: Vec<libc::pollfd> = entries.iter().map(entry).collect();
    let length = array.len() as libc::nfds_t;
    // SAFETY: the array has `length` entries and outlives the call.
    Errno::result(unsafe { libc::poll(array.as_mut_ptr(), length, timeout) })?;
    Ok(array.iter().map(|entry| entry.revents).collect())
}

/// A set of descriptors for select(2).
#[derive(Clone, Copy)]
pub(super) struct Set(libc::fd_set);

impl Set {
    pub(super) fn of(numbers: &[RawFd]) -> Self {
        let mut set = MaybeUninit::uninit();
        // SAFETY: FD_ZERO writes the whole set.
        unsafe { libc::FD_ZERO(set.as_mut_ptr()) };
        // SAFETY: it has just been written whole.
        let mut set = unsafe { set.assume_init() };
        for &fd in numbers {
            assert!(is_bit(fd), "{fd} has no bit");
            // SAFETY: the set has a bit for this number.
            unsafe { libc::FD_SET(fd, &mut set) };
        }
        Self(set)
    }

    pub(super) fn has(&self, fd: RawFd) -> bool {
        // SAFETY: only numbers that were put in are asked for, so each has a bit.
        unsafe { libc::FD_ISSET(fd, &self.0) }
    }
}

/// Returns whether a set has a bit for this number.
pub(super) fn is_bit(fd: RawFd) -> bool {
    usize::try_from(fd).is_ok_and(|fd| fd < libc::FD_SETSIZE)
}

/// Leaves in the sets the bits of what is ready.
pub(super) fn select(bits: c_int, read: &mut Set, write: &mut Set, sleeps: bool) -> Result<()> {
    let mut at_once = libc::timeval {
        tv_sec: 0,
        tv_usec: 0,
    };
    let timeout = if sleeps {
        ptr::null_mut()
    } else {
        &raw mut at_once
    };
    // SAFETY: the sets and the time outlive the call, and `bits` is at most the size of a set.
    let outcome =
        unsafe { libc::select(bits, &mut read.0, &mut write.0, ptr::null_mut(), timeout) };
    Errno::result(outcome).map(drop)
}

pub(super) fn read(fd: RawFd, bytes: &mut [u8]) -> Result<usize> {
    // SAFETY: the kernel writes at most as many bytes as the slice has.
    retry(|| unsafe { libc::read(fd, bytes.as_mut_ptr().cast::<c_void>(), bytes.len()) })
}

pub(super) fn write(fd: RawFd, bytes: &[u8]) -> Result<usize> {
    // SAFETY: the kernel reads at most as many bytes as the slice has.
    retry(|| unsafe { libc::write(fd, bytes.as_ptr().cast::<c_void>(), bytes.len()) })
}

pub(super) fn close(fd: RawFd) -> Result<()> {
    // SAFETY: only descriptors that a scenario has made are closed, and no other value owns their numbers.
    Errno::result(unsafe { libc::close(fd) }).map(drop)
}

/// Makes another descriptor of an open file: the lowest free number from `least`.
pub(super) fn duplicate(fd: RawFd, least: c_int) -> Result<RawFd> {
    // SAFETY: this command takes a number, and no memory.
    Errno::result(unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, least) })
}

pub(super) fn shutdown(fd: RawFd) -> Result<()> {
    // SAFETY: the call takes two numbers.
    Errno::result(unsafe { libc::shutdown(fd, libc::SHUT_WR) }).map(drop)
}

pub(super) fn listen(fd: RawFd, backlog: c_int) -> Result<()> {
    // SAFETY: the call takes two numbers.
    Errno::result(unsafe { libc::listen(fd, backlog) }).map(drop)
}

/// Takes a client out of the queue of a listener.
pub(super) fn accept(fd: RawFd) -> Result<RawFd> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: without an address to fill in, the call takes no memory.
    Errno::result(unsafe { libc::accept4(fd, ptr::null_mut(), ptr::null_mut(), flags) })
}

pub(super) fn set_pipe_size(fd: RawFd, bytes: c_int) -> Result<()> {
    // SAFETY: this command takes a number, and no memory.
    Errno::result(unsafe { libc::fcntl(fd, libc::F_SETPIPE_SZ, bytes) }).map(drop)
}

/// Returns what an ioctl(2) with the request writes: SIOCINQ, SIOCOUTQ.
pub(super) fn queued(fd: RawFd, request: libc::Ioctl) -> Result<c_int> {
    let mut bytes: c_int = 0;
    // SAFETY: both requests write one int.
    Errno::result(unsafe { libc::ioctl(fd, request, &raw mut bytes) })?;
    Ok(bytes)
}

/// Sets an option that is an int, or two (SO_LINGER).
pub(super) fn set_option<T>(fd: RawFd, name: c_int, value: &T) -> Result<()> {
    let length = size_of::<T>() as libc::socklen_t;
    let value = ptr::from_ref(value).cast::<c_void>();
    // SAFETY: the kernel reads `length` bytes of a value that outlives the call.
    Errno::result(unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, name, value, length) }).map(drop)
}

/// Sends the answer that TCP holds back for a while.
pub(super) fn acknowledge(fd: RawFd) -> Result<()> {
    let on: c_int = 1;
    let (name, length) = (libc::TCP_QUICKACK, size_of::<c_int>() as libc::socklen_t);
    let value = (&raw const on).cast::<c_void>();
    // SAFETY: the kernel reads one int, which outlives the call.
    Errno::result(unsafe { libc::setsockopt(fd, libc::IPPROTO_TCP, name, value, length) }).map(drop)
}

/// Returns the state of a TCP connection, as include/net/tcp_states.h numbers them.
pub(super) fn tcp_state(fd: RawFd) -> Result<u8> {
    let mut info = MaybeUninit::<libc::tcp_info>::zeroed();
    let mut length = size_of::<libc::tcp_info>() as libc::socklen_t;
    let place = info.as_mut_ptr().cast::<c_void>();
    // SAFETY: the kernel writes at most `length` bytes, the size of what `place` leads to.
    let outcome =
        unsafe { libc::getsockopt(fd, libc::IPPROTO_TCP, libc::TCP_INFO, place, &mut length) };
    Errno::result(outcome)?;
    // SAFETY: all of it is integers, for which every value is one, 0 too.
    Ok(unsafe { info.assume_init() }.tcpi_state)
}

/// Closes what was inherited from a number on: a shell may keep its script open as 255.
pub(super) fn close_from(first: RawFd) -> Result<()> {
    let (first, last): (libc::c_long, libc::c_long) = (first.into(), RawFd::MAX.into());
    // SAFETY: this process opens nothing up there but what a scenario makes, and the first has not begun.
    Errno::result(unsafe { libc::syscall(libc::SYS_close_range, first, last, 0_i64) }).map(drop)
}
