//! What a wait copies: the events, into the program's memory. Nothing is shared.

use std::ffi::{c_int, c_void};
use std::fs::File;
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::epoll::Epoll;
use nix::sys::eventfd::EventFd;
use suite::page_size;

use crate::world::{Pages, Watcher, outcome};
use crate::{Evidence, Lab};

/// The byte that fills the memory for events beforehand.
const UNTOUCHED: u8 = 0xAA;
/// No byte of it is [`UNTOUCHED`].
const TOKEN: u64 = 0x0102_0304_0506_0708;

/// epoll has nothing to map, cannot write where the program cannot, and writes 12 bytes for an event (C41).
pub(super) fn events_are_copied(_: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let watcher = Watcher::new()?;
    let fd = EventFd::from_value(1)?;
    watcher.watch_input(&fd, TOKEN)?;
    let epoll = &watcher.0;
    let mapped = outcome(&Pages::map(&epoll.0, 1), "done");
    evidence.outcome("mmap of the epoll descriptor", mapped, "ENODEV");
    let page = Pages::map(File::open("/dev/zero")?, 1)?;
    // SAFETY: a write could mislead a reader of the page; nothing reads it.
    let refused = unsafe { wait_into(epoll, page.address().cast_mut()) };
    let refused = outcome(&refused, "done");
    evidence.outcome("a wait into memory that is read-only", refused, "EFAULT");
    let mut memory = vec![UNTOUCHED; page_size()];
    // SAFETY: the kernel may write a page there; the memory is that long, and unused during the wait.
    let events = unsafe { wait_into(epoll, memory.as_mut_ptr().cast()) }?;
    evidence.count("the same wait into writable memory: events", events, 1);
    let changed = memory.iter().filter(|byte| **byte != UNTOUCHED).count();
    evidence.count("bytes of that memory that have changed", changed, 12);
    let token = TOKEN.to_ne_bytes();
    let copied = match memory.windows(8).any(|bytes| bytes == token) {
        true => "as registered",
        false => "not there",
    };
    evidence.outcome("among them the 8 of the token", copied, "as registered");
    Ok(())
}

/// Waits without checking whether memory at `start` is writable. Returns the number of events.
///
/// # Safety
///
/// The kernel may write a page at `start`, over memory that something else uses.
unsafe fn wait_into(epoll: &Epoll, start: *mut c_void) -> nix::Result<c_int> {
    let room = page_size() / size_of::<libc::epoll_event>();
    let fd = epoll.0.as_raw_fd();
    // SAFETY: more events than fit would be written beyond the page; the kernel is told how many fit, and the caller
    // provides the page.
    Errno::result(unsafe { libc::epoll_wait(fd, start.cast(), room as c_int, 0) })
}
