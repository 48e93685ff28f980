//! The lesson: a file's pages, from the page cache to the socket.
//!
//! In the order of a request: [`Root`] opens a file beneath the directory that is served, [`Mapping`]
//! maps it, [`MappedFile`] knows which [`Version`] of the file that was, [`Cache`] shares it with the next
//! request for it, and [`Transfer`] hands its pages to `writev`. The program itself never reads a byte of a
//! file that is mapped; [`Mapping`] says why it must not. A few file systems have nothing to map: what they
//! hold is a [`CopiedFile`], and a [`Source`] is either. Nothing here knows of HTTP.

mod cache;
mod copied;
mod file;
mod mapping;
mod root;
mod source;
mod transfer;
mod version;

pub use cache::Cache;
pub use copied::CopiedFile;
pub use file::MappedFile;
pub use mapping::{Mapping, Part};
pub use root::Root;
pub use source::Source;
pub use transfer::{TURN, Transfer};
pub use version::Version;
