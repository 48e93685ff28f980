//! What TCP does in its own time: each step waits until the other end has seen it.

use std::net::{TcpListener, TcpStream};
use std::os::fd::{IntoRawFd, RawFd};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::sys;

// include/net/tcp_states.h
const FIN_WAIT1: u8 = 4;
const TIME_WAIT: u8 = 6;
const CLOSE: u8 = 7;
const LAST_ACK: u8 = 9;
const CLOSING: u8 = 11;

/// Returns both ends of a connection over the loopback.
pub(super) fn pair() -> anyhow::Result<[RawFd; 2]> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let theirs = TcpStream::connect(listener.local_addr()?)?;
    let (ours, _) = listener.accept()?;
    for end in [&ours, &theirs] {
        end.set_nonblocking(true)?;
        end.set_nodelay(true)?;
    }
    Ok([ours.into_raw_fd(), theirs.into_raw_fd()])
}

/// Returns whether this is a TCP connection.
pub(super) fn is_tcp(fd: RawFd) -> bool {
    sys::tcp_state(fd).is_ok()
}

fn until(what: &str, mut is_true: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_true().with_context(|| what.to_owned())? {
        ensure!(Instant::now() < deadline, "{what} does not come");
        thread::yield_now();
    }
    Ok(())
}

/// Waits until the other end has `bytes` to read.
pub(super) fn arrival(at: RawFd, bytes: i32) -> anyhow::Result<()> {
    until("what was sent", || {
        Ok(sys::queued(at, libc::FIONREAD)? == bytes)
    })
}

/// Waits until this end has heard the other's FIN.
pub(super) fn hears_the_end(at: RawFd) -> anyhow::Result<()> {
    until("the FIN", || Ok(sys::tcp_state(at)? >= TIME_WAIT))
}

/// Waits until this end's FIN has been answered: until then the other end may not have heard it, and the answer wakes this one.
pub(super) fn answer(of: RawFd) -> anyhow::Result<()> {
    let is_under_way = |state| [FIN_WAIT1, LAST_ACK, CLOSING].contains(&state);
    until("the answer to the FIN", || {
        Ok(!is_under_way(sys::tcp_state(of)?))
    })
}

/// Waits until a reset has come.
pub(super) fn reset(at: RawFd) -> anyhow::Result<()> {
    until("the reset", || Ok(sys::tcp_state(at)? == CLOSE))
}
