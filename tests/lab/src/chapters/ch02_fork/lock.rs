//! A lock whose waiters sleep in the kernel, and whose other users never go there (futex(2), futex(7)).

use std::ptr::null;
use std::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Release};

use nix::errno::Errno;

const FREE: u32 = 0;
const TAKEN: u32 = 1;
/// Somebody may be asleep, waiting for it.
const AWAITED: u32 = 2;

/// A lock for processes as for threads: it is where all of its users see it, and zero is free.
#[derive(Debug, Default)]
pub(super) struct Lock(AtomicU32);

impl Lock {
    /// Takes it; a system call is made only to sleep.
    pub(super) fn take(&self) -> nix::Result<()> {
        let taken = self.0.compare_exchange(FREE, TAKEN, Acquire, Acquire);
        while taken.is_err() && self.0.swap(AWAITED, Acquire) != FREE {
            self.futex(libc::FUTEX_WAIT, AWAITED)?;
        }
        Ok(())
    }

    /// Frees it; a system call is made only if somebody may be asleep.
    pub(super) fn free(&self) -> nix::Result<()> {
        match self.0.swap(FREE, Release) {
            AWAITED => self.futex(libc::FUTEX_WAKE, 1),
            _ => Ok(()),
        }
    }

    /// Returns whether somebody is about to sleep for it, or asleep.
    pub(super) fn is_awaited(&self) -> bool {
        self.0.load(Acquire) == AWAITED
    }

    /// FUTEX_WAIT sleeps as long as the lock has the value, FUTEX_WAKE wakes so many.
    fn futex(&self, operation: libc::c_int, value: u32) -> nix::Result<()> {
        let (lock, forever) = (self.0.as_ptr(), null::<libc::timespec>());
        // SAFETY: the kernel reads the lock, which is there as long as `self`, and no time.
        let done = unsafe { libc::syscall(libc::SYS_futex, lock, operation, value, forever) };
        match Errno::result(done) {
            // It had another value already, or a signal came: the caller looks again.
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(()),
            done => done.map(drop),
        }
    }
}
