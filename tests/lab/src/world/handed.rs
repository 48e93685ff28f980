//! The sets and entries that a wait was handed, in the memory of its thread, which has to be stopped.

use std::ffi::c_ulong;
use std::io;

use suite::{Call, read_memory};

/// The most things that are read.
const MOST: u64 = 1 << 20;

/// Returns `number` things of `size` bytes each, which are at `address`.
pub(crate) fn array(call: &Call, address: u64, number: u64, size: usize) -> io::Result<Vec<u8>> {
    read_memory(call.tid, address, number.min(MOST) as usize * size)
}

/// Returns the descriptors in a set of select(2), whose address is the argument number `place`. The kernel copies whole
/// longs, as many as the first argument asks for.
pub(crate) fn set(call: &Call, place: usize) -> anyhow::Result<Vec<u64>> {
    const LONG: u64 = c_ulong::BITS as u64;
    let (nfds, size) = (call.args[0], size_of::<c_ulong>());
    let bytes = array(call, call.args[place], nfds.div_ceil(LONG), size)?;
    let longs: Vec<u64> = bytes.chunks_exact(size).map(word).collect();
    let is_set = |fd: &u64| longs[(fd / LONG) as usize] >> (fd % LONG) & 1 == 1;
    Ok((0..longs.len() as u64 * LONG).filter(is_set).collect())
}

/// Returns the entries of a poll(2): of each its descriptor, and what was found (`revents`).
pub(crate) fn entries(call: &Call) -> anyhow::Result<Vec<(u64, u64)>> {
    let size = size_of::<libc::pollfd>();
    let bytes = array(call, call.args[0], call.args[1], size)?;
    let entry = |entry: &[u8]| (word(&entry[..4]), word(&entry[6..]));
    Ok(bytes.chunks_exact(size).map(entry).collect())
}

/// Returns the flags and the token of a `struct epoll_event`: `events` comes first, `data` last; on x86-64 nothing is
/// between.
pub(crate) fn event(bytes: &[u8]) -> (u32, u64) {
    (word(&bytes[..4]) as u32, word(&bytes[bytes.len() - 8..]))
}

/// Returns a number of at most 8 bytes, as the machines of the course have it: the lowest byte comes first.
pub(crate) fn word(bytes: &[u8]) -> u64 {
    let mut all = [0; 8];
    all[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(all)
}
