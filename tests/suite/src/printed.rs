//! What a server prints.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many bytes are kept of what comes first,
const FIRST: usize = 64 << 10;
/// and how many of what comes last: of a traceback, say, that says the most.
const LAST: usize = 16 << 10;

/// What a process prints, read as it comes, because a full pipe would block it. What is kept of it has a bound.
#[derive(Clone, Debug, Default)]
pub(crate) struct Printed(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    text: Mutex<Text>,
    grown: Condvar,
}

#[derive(Debug)]
struct Text {
    first: Vec<u8>,
    last: VecDeque<u8>,
    /// How many bytes were between the two, and were let go.
    left_out: u64,
    /// How many bytes of the first were given as lines.
    taken: usize,
    is_over: bool,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            first: Vec::new(),
            last: VecDeque::new(),
            left_out: 0,
            taken: 0,
            is_over: true,
        }
    }
}

impl Printed {
    /// Begins to read what a process prints, from the other end of its pipe.
    pub(crate) fn of(pipe: Option<impl Read + Send + 'static>) -> Self {
        let printed = Self::default();
        if let Some(pipe) = pipe {
            printed.lock().is_over = false;
            let copy = printed.clone();
            thread::spawn(move || copy.collect(pipe));
        }
        printed
    }

    fn collect(&self, mut pipe: impl Read) {
        let mut buffer = [0; 16 << 10];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            self.lock().push(&buffer[..length]);
            self.0.grown.notify_all();
        }
        self.lock().is_over = true;
        self.0.grown.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Text> {
        self.0.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what has come so far. Where something was left out, a line says so.
    pub(crate) fn text(&self) -> String {
        self.lock().to_string()
    }

    /// Returns all that has come, when nobody is left who could print more. If there is somebody after all, this
    /// waits for a second and no longer.
    pub(crate) fn complete_text(&self) -> String {
        self.wait_for(Duration::from_secs(1), |text| text.is_over);
        self.text()
    }

    /// Returns the next line, if it comes within `time`. Otherwise, or if the process ends or the line has no end
    /// within what is kept, returns what there is of it.
    pub(crate) fn next_line(&self, time: Duration) -> String {
        let has_line = |text: &Text| text.line().is_some() || text.first.len() == FIRST;
        self.wait_for(time, |text| has_line(text) || text.is_over);
        let mut text = self.lock();
        let line = match text.line() {
            Some(length) => text.first[text.taken..text.taken + length].to_vec(),
            None => text.first[text.taken..].to_vec(),
        };
        text.taken += line.len();
        String::from_utf8_lossy(&line).into_owned()
    }

    /// Returns whether nobody is left who could print more.
    pub(crate) fn is_over(&self) -> bool {
        self.lock().is_over
    }

    /// Returns how many bytes have come so far.
    pub(crate) fn length(&self) -> u64 {
        let text = self.lock();
        (text.first.len() + text.last.len()) as u64 + text.left_out
    }

    /// Returns whether more has come than lines are made of.
    pub(crate) fn is_full(&self) -> bool {
        self.lock().first.len() == FIRST
    }

    fn wait_for(&self, time: Duration, condition: impl Fn(&Text) -> bool) {
        let end = Instant::now() + time;
        let mut text = self.lock();
        while !condition(&text) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.0.grown.wait_timeout(text, left);
            text = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Text {
    fn push(&mut self, bytes: &[u8]) {
        let (first, rest) = bytes.split_at(bytes.len().min(FIRST - self.first.len()));
        self.first.extend_from_slice(first);
        self.last.extend(rest);
        let beyond = self.last.len().saturating_sub(LAST);
        self.last.drain(..beyond);
        self.left_out += beyond as u64;
    }

    /// Returns the length of the next line, if all of it is there.
    fn line(&self) -> Option<usize> {
        let rest = &self.first[self.taken..];
        rest.iter().position(|byte| *byte == b'\n').map(|at| at + 1)
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.first))?;
        if self.left_out > 0 {
            write!(f, "\n… {} bytes were left out here …\n", self.left_out)?;
        }
        let last: Vec<u8> = self.last.iter().copied().collect();
        f.write_str(&String::from_utf8_lossy(&last))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use super::*;

    /// Reads what comes by itself, in pieces, `total` bytes of it.
    #[expect(clippy::unwrap_used, reason = "a test may panic")]
    fn printed(bytes: &'static [u8], total: usize) -> Printed {
        let (reader, mut writer) = io::pipe().unwrap();
        let printed = Printed::of(Some(reader));
        let mut left = total;
        while left > 0 {
            let length = left.min(bytes.len());
            writer.write_all(&bytes[..length]).unwrap();
            left -= length;
        }
        printed
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let printed = printed(&[b'x'; 4096], 10 << 20);
        let text = printed.complete_text();
        assert!(
            text.len() < FIRST + LAST + 100,
            "{} bytes are kept",
            text.len()
        );
        let left_out = (10 << 20) - FIRST - LAST;
        assert!(text.contains(&format!("… {left_out} bytes were left out here …")));
    }

    #[test]
    fn a_line_without_an_end_ends_with_what_is_kept() {
        let printed = printed(&[b'x'; 4096], 1 << 20);
        let line = printed.next_line(Duration::from_secs(60));
        assert_eq!(line.len(), FIRST);
    }

    #[test]
    fn lines_come_one_by_one() {
        let printed = printed(b"one\ntwo\nthr", 11);
        let lines = [0; 3].map(|_| printed.next_line(Duration::from_secs(60)));
        assert_eq!(lines, ["one\n", "two\n", "thr"]);
    }
}
