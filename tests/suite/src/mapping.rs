//! A mapping of a process, and how numbers are read out of files of /proc.

use std::ops::Range;

/// A mapping of a process, and its memory.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Its addresses.
    pub addresses: Range<u64>,
    /// Its file; none if it has no file.
    pub file: Option<String>,
    pub(crate) figures: Vec<String>,
}

impl Mapping {
    /// Reads the first line of an entry: addresses, rights, offset, device, inode and path.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let is_file = fields.nth(3)? != "0";
        let path = fields.collect::<Vec<_>>().join(" ");
        Some(Self {
            addresses: from_hex(start)?..from_hex(end)?,
            file: is_file.then_some(path),
            figures: Vec::new(),
        })
    }

    /// Returns one of its figures by name, `Rss` or `Pss`, in KiB.
    pub fn kib(&self, name: &str) -> Option<u64> {
        number_behind(self.figures.iter().map(String::as_str), name)
    }
}

/// Returns the number behind `name:` in the first line that begins so.
pub(crate) fn number_behind<'a>(
    mut lines: impl Iterator<Item = &'a str>,
    name: &str,
) -> Option<u64> {
    let rest = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Reads a number in hex, with or without `0x` before it.
pub(crate) fn from_hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text.trim_start_matches("0x"), 16).ok()
}
