//! A lock whose waiters sleep in the kernel, and whose other users never go there (futex(2), futex(7)).

use std::io;
use std::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Release};

const FREE: u32 = 0;
const TAKEN: u32 = 1;
/// Somebody may be asleep, waiting for it.
const AWAITED: u32 = 2;

/// A lock for processes as for threads: it is where all of its users see it, and zero is free.
#[derive(Debug, Default)]
pub(super) struct Lock(AtomicU32);

impl Lock {
    /// Takes it; a system call is made only to sleep.
    pub(super) fn take(&self) -> io::Result<()> {
        if self
            .0
            .compare_exchange(FREE, TAKEN, Acquire, Acquire)
            .is_ok()
        {
            return Ok(());
        }
        while self.0.swap(AWAITED, Acquire) != FREE {
            self.futex(libc::FUTEX_WAIT, AWAITED)?;
        }
        Ok(())
    }

    /// Frees it; a system call is made only if somebody may be asleep.
    pub(super) fn free(&self) -> io::Result<()> {
        match self.0.swap(FREE, Release) {
            AWAITED => self.futex(libc::FUTEX_WAKE, 1),
            _ => Ok(()),
        }
    }

    /// Whether somebody is about to sleep for it, or asleep.
    pub(super) fn is_awaited(&self) -> bool {
        self.0.load(Acquire) == AWAITED
    }

    /// FUTEX_WAIT sleeps as long as the lock has the value, FUTEX_WAKE wakes so many.
    fn futex(&self, operation: libc::c_int, value: u32) -> io::Result<()> {
        let forever = std::ptr::null::<libc::timespec>();
        let lock = self.0.as_ptr();
        // SAFETY: the kernel reads the lock, which is there as long as `self`, and no time.
        let done = unsafe { libc::syscall(libc::SYS_futex, lock, operation, value, forever) };
        match io::Error::last_os_error() {
            // EAGAIN: it had another value already. EINTR: by a signal. Both look again.
            error if done == -1 => match error.raw_os_error() {
                Some(libc::EAGAIN | libc::EINTR) => Ok(()),
                _ => Err(error),
            },
            _ => Ok(()),
        }
    }
}
