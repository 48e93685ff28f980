//! A file's pages, in the address space of the program.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::ptr::NonNull;

use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};

/// A whole file, mapped for as long as this value lives; read-only, and shared with the page cache.
///
/// It gives out an address, and never a slice. Anyone who may write the file can change or cut it while
/// it is mapped. Bytes behind a `&[u8]` must not change, and touching a page beyond the file's end
/// raises SIGBUS, which ends the process (mmap(2)). A system call that meets such a page fails with
/// EFAULT instead. So the kernel alone reads what is mapped here.
#[derive(Debug)]
pub struct Mapping {
    address: NonNull<c_void>,
    /// The file's length. An empty file has one page mapped, too.
    length: usize,
}

impl Mapping {
    /// Maps the first `length` bytes of `file`. The mapping outlives the descriptor.
    ///
    /// # Errors
    ///
    /// Returns the errors of mmap(2): ENOMEM if the process has too many mappings (vm.max_map_count), ENODEV if
    /// the file system has no pages to map.
    pub fn new(file: &File, length: usize) -> io::Result<Self> {
        let size = mapped_size(length);
        // SAFETY: a mapping at an address of the caller's choice could replace memory that is in
        // use; here the kernel chooses (no address, no MAP_FIXED).
        let address = unsafe {
            mmap(
                None,
                size,
                ProtFlags::PROT_READ,
                MapFlags::MAP_SHARED,
                file,
                0,
            )?
        };
        Ok(Self { address, length })
    }

    /// Returns how many bytes are mapped.
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Returns whether the file was empty.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Returns a part of it, for a system call to read from. What lies beyond the end is left out.
    pub fn part(&self, part: Range<usize>) -> Part<'_> {
        let end = part.end.min(self.length);
        let start = part.start.min(end);
        let base = self.address.as_ptr();
        // No further than one past the end, so it stays in the mapping's bounds.
        Part::new(base.wrapping_byte_add(start), end - start)
    }
}

/// Memory for a system call to read from, by its address and length, for as long as the borrow lasts. Unlike
/// a slice it promises nothing about the bytes.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Part<'a> {
    iovec: libc::iovec,
    memory: PhantomData<&'a ()>,
}

impl Part<'_> {
    const fn new(address: *mut c_void, length: usize) -> Self {
        Self {
            iovec: libc::iovec {
                iov_base: address,
                iov_len: length,
            },
            memory: PhantomData,
        }
    }

    /// Returns where it begins.
    pub const fn address(&self) -> *const c_void {
        self.iovec.iov_base
    }
}

impl<'a> From<&'a [u8]> for Part<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::new(bytes.as_ptr().cast_mut().cast(), bytes.len())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        let size = mapped_size(self.length).get();
        // SAFETY: pages that something still points to would vanish under it. The address was given
        // out with a borrow only (see Part), and the length is that of the mapping.
        let _ = unsafe { munmap(self.address, size) };
    }
}

/// Returns how many bytes are mapped of a file: at least one, because an empty mapping is EINVAL (mmap(2)). A page
/// behind the end of a file can be mapped, and nobody touches it.
const fn mapped_size(length: usize) -> NonZeroUsize {
    match NonZeroUsize::new(length) {
        Some(size) => size,
        None => NonZeroUsize::MIN,
    }
}
