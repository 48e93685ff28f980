//! What HTTP has to know of a file.

use std::path::Path;

/// The name of a media type, and its parameter.
pub(crate) type MediaType = (&'static str, &'static str);

/// A file that is to be sent, in plain numbers.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its path, whose ending suggests its media type.
    pub path: &'a Path,
    /// Bytes in it.
    pub size: u64,
    /// What names it on its file system.
    pub inode: u64,
    /// The time of its last write, in seconds since 1970.
    pub modified: i64,
    /// The time of its inode's last change: seconds since 1970, and nanoseconds.
    pub changed: (i64, i64),
}

impl File<'_> {
    /// The time of a file whose times tell nothing of its bytes. It is always still to come, so that nothing
    /// that is made of it counts.
    pub const UNKNOWN: (i64, i64) = (i64::MAX, 0);

    /// Returns the media type that the path suggests. The file's bytes play no part in it; a text is
    /// taken for UTF-8.
    pub(crate) fn media_type(&self) -> MediaType {
        match mime_guess::from_path(self.path).first_raw() {
            Some(text) if text.starts_with("text/") => (text, "; charset=utf-8"),
            Some(other) => (other, ""),
            None => ("application/octet-stream", ""),
        }
    }
}
