//! A file's pages, mapped into this process.

use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::ptr::NonNull;

use anyhow::{Context, ensure};
use nix::errno::Errno;
use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap, munmap};
use suite::page_size;

/// The first bytes of a file, mapped read-only and shared with the page cache. Their contents may change whenever
/// somebody writes to the file, so this never hands out a slice.
#[derive(Debug)]
pub(crate) struct Pages {
    address: NonNull<c_void>,
    length: usize,
}

impl Pages {
    /// Maps the first `number` pages of `file`.
    pub(crate) fn map(file: impl AsFd, number: usize) -> nix::Result<Self> {
        let length = number * page_size();
        let size = NonZeroUsize::new(length).ok_or(Errno::EINVAL)?;
        let (read, shared) = (ProtFlags::PROT_READ, MapFlags::MAP_SHARED);
        // SAFETY: a mapping at an address of the caller's choice could replace memory that is in use; here the
        // kernel chooses.
        let address = unsafe { mmap(None, size, read, shared, file, 0) }?;
        Ok(Self { address, length })
    }

    /// Returns the address of the first byte.
    pub(crate) const fn address(&self) -> *const c_void {
        self.address.as_ptr()
    }

    /// Returns the number of bytes.
    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// Reads the first byte of the page `number`, counted from 0, as a program reads its memory.
    pub(crate) fn touch(&self, number: usize) -> anyhow::Result<u8> {
        let at = number * page_size();
        ensure!(at < self.length, "page {number} is not mapped");
        let byte = self.address.as_ptr().wrapping_byte_add(at);
        // SAFETY: the address lies in the mapping, which lives. The hazard is a page beyond the file's end, which
        // raises SIGBUS: only the specimen touches such a one, and it is meant to die of it.
        Ok(unsafe { byte.cast::<u8>().read_volatile() })
    }

    /// Tells the kernel that pages will be touched in no order, so that it reads none ahead.
    pub(crate) fn expect_random_access(&self) -> anyhow::Result<()> {
        // SAFETY: some advice throws pages away; this one does not.
        let done = unsafe { madvise(self.address, self.length, MmapAdvise::MADV_RANDOM) };
        done.context("cannot advise the kernel")
    }

    /// Returns how many of the pages are in the page cache (mincore(2)).
    pub(crate) fn resident(&self) -> anyhow::Result<usize> {
        let (start, mut pages) = (self.address.as_ptr(), vec![0_u8; self.length / page_size()]);
        // SAFETY: the kernel writes a byte for each page of the mapping; a shorter vector would be overrun, and this
        // one has a byte for each.
        let done = unsafe { libc::mincore(start, self.length, pages.as_mut_ptr().cast()) };
        Errno::result(done).context("mincore")?;
        Ok(pages.iter().filter(|page| **page & 1 == 1).count())
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: pages that something still points to would vanish under it; addresses are used only while
        // this is borrowed.
        let _ = unsafe { munmap(self.address, self.length) };
    }
}
