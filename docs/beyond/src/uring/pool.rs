//! Buffers that the kernel picks from when bytes arrive (*provided buffers*).

use std::ffi::c_void;
use std::io;
use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::IoUring;
use io_uring::types::BufRingEntry;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use stage_01::BUFFER_SIZE;

/// How many buffers there are, for all clients together. A power of two, as the kernel wants it.
const COUNT: u16 = 256;

/// Room for the ring of entries. The buffers begin behind it.
const ENTRIES: usize = COUNT as usize * size_of::<BufRingEntry>();

const SIZE: NonZeroUsize = NonZeroUsize::new(ENTRIES + COUNT as usize * BUFFER_SIZE).unwrap();

/// The name of the pool in requests.
pub(super) const GROUP: u16 = 0;

/// The buffers, and the ring by which they are handed to the kernel: the program writes an entry, and moves
/// the ring's tail behind it; the kernel takes entries from the head (io_uring_provided_buffers(7)).
///
/// A client that is silent has no buffer, so ten thousand of them cost none.
#[derive(Debug)]
pub(super) struct Pool {
    memory: NonNull<c_void>,
    /// How many entries have been written, as the ring counts them.
    tail: u16,
    /// How many buffers the program has.
    lent: u16,
}

/// Bytes that were received, less those that are sent.
#[derive(Debug)]
pub(super) struct Chunk {
    place: Place,
    sent: usize,
    length: usize,
}

/// Where the bytes are.
#[derive(Debug)]
enum Place {
    /// In a buffer of the pool. Only one chunk has its number, until it is given back.
    Pool(u16),
    /// In memory of their own.
    Own(Box<[u8]>),
}

impl Pool {
    /// Maps memory for the buffers, and hands all of them to the kernel.
    ///
    /// # Errors
    ///
    /// Returns the errors of mmap(2) and io_uring_register(2).
    pub(super) fn new(ring: &IoUring) -> io::Result<Self> {
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a mapping at a chosen address could replace another one. The kernel chooses here.
        let memory = unsafe { mmap_anonymous(None, SIZE, access, MapFlags::MAP_PRIVATE) }?;
        let mut pool = Self {
            memory,
            tail: 0,
            lent: COUNT,
        };
        let address = memory.as_ptr() as u64;
        // SAFETY: the kernel reads entries and writes into buffers for as long as the ring exists. The
        // memory is unmapped when the pool is dropped, and the ring's owner drops the ring first.
        unsafe {
            ring.submitter()
                .register_buf_ring_with_flags(address, COUNT, GROUP, 0)
        }?;
        (0..COUNT).for_each(|number| pool.hand_over(number));
        Ok(pool)
    }

    /// Returns the chunk that a receive has put into buffer `number`.
    pub(super) fn take(&mut self, number: u16, length: usize) -> Chunk {
        self.lent += 1;
        Chunk {
            place: Place::Pool(number),
            sent: 0,
            length,
        }
    }

    /// Gives the buffer of a chunk back to the kernel.
    pub(super) fn give_back(&mut self, chunk: Chunk) {
        if let Place::Pool(number) = chunk.place {
            self.hand_over(number);
        }
    }

    /// Moves what is unsent of a chunk to memory of its own, and gives its buffer back.
    pub(super) fn copy_out(&mut self, chunk: &mut Chunk) {
        if let Place::Pool(number) = chunk.place {
            let place = Place::Own(self.unsent(chunk).into());
            *chunk = Chunk {
                place,
                sent: 0,
                length: chunk.length - chunk.sent,
            };
            self.hand_over(number);
        }
    }

    /// Returns how many buffers the kernel has to receive into.
    pub(super) fn buffers(&self) -> usize {
        usize::from(COUNT - self.lent)
    }

    /// Returns the bytes of a chunk that are not sent yet.
    pub(super) fn unsent<'a>(&'a self, chunk: &'a Chunk) -> &'a [u8] {
        let all = match &chunk.place {
            Place::Own(bytes) => bytes,
            Place::Pool(number) => {
                let start = self.buffer(*number).as_ptr();
                // SAFETY: the kernel may write into a buffer that it has. This one it has filled to this length
                // and handed over, and it gets it back only with the chunk.
                unsafe { slice::from_raw_parts(start, chunk.length) }
            }
        };
        &all[chunk.sent..]
    }

    /// Writes an entry for buffer `number`, and moves the tail behind it. From here on the buffer is the
    /// kernel's.
    fn hand_over(&mut self, number: u16) {
        let entries = self.memory.cast::<BufRingEntry>();
        let place = usize::from(self.tail % COUNT);
        // SAFETY: an entry beyond the ring's end would be a buffer's memory. The place is below COUNT.
        let entry = unsafe { entries.add(place) };
        let address = self.buffer(number).as_ptr() as u64;
        // SAFETY: the kernel could be reading the entry. It reads those before the tail, and there are as many
        // entries as buffers, so that it has read this one. The first entry shares its memory with the tail,
        // which these three fields leave out.
        let entry = unsafe { &mut *entry.as_ptr() };
        entry.set_addr(address);
        entry.set_len(BUFFER_SIZE as u32);
        entry.set_bid(number);
        self.tail = self.tail.wrapping_add(1);
        self.lent -= 1;
        // SAFETY: the pointer must be to the ring's first entry, which the mapping begins with.
        let tail = unsafe { BufRingEntry::tail(entries.as_ptr()) }.cast::<AtomicU16>();
        // SAFETY: the kernel reads the tail at any time, so it is only touched as an atomic. Release: a reader
        // that sees the new tail sees the entry.
        unsafe { &*tail }.store(self.tail, Ordering::Release);
    }

    fn buffer(&self, number: u16) -> NonNull<u8> {
        let offset = ENTRIES + usize::from(number % COUNT) * BUFFER_SIZE;
        // SAFETY: a pointer beyond the mapping is none. The number is below COUNT.
        unsafe { self.memory.cast::<u8>().add(offset) }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: the kernel could still write into it. The ring's owner has ended every request, and has closed
        // the ring. An error leaves it mapped, which harms nobody.
        let _ = unsafe { munmap(self.memory, SIZE.get()) };
    }
}

impl Chunk {
    /// Counts bytes that were sent. Returns whether all are.
    pub(super) const fn advance(&mut self, bytes: usize) -> bool {
        self.sent += bytes;
        self.sent >= self.length
    }

    /// Returns whether it fills a whole buffer: mostly there is more to come.
    pub(super) const fn is_full(&self) -> bool {
        self.length == BUFFER_SIZE
    }

    /// Returns whether it is in memory of its own.
    pub(super) const fn is_own(&self) -> bool {
        matches!(self.place, Place::Own(_))
    }
}
