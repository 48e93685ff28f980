//! What has to come, and what must not.

use nix::poll::PollFlags;

use super::talk::explain;
use super::{Client, End, WATCH};
use crate::pattern::{difference, preview};
use crate::words::number;
use crate::{assert_same, pattern};

/// The most bytes that a client takes before EOF if there should be none.
const MOST_BEFORE_EOF: usize = 64 << 10;

impl Client {
    /// Receives as many bytes as `bytes` has, and checks that they are equal.
    #[track_caller]
    pub fn expect(&self, bytes: &[u8]) {
        let back = self.receive(bytes.len());
        if self.who.is_empty() {
            return assert_same(bytes, &back);
        }
        assert!(
            bytes == back,
            "{}of {} bytes, {} came: {}",
            self.who,
            number(bytes.len()),
            number(back.len()),
            difference(bytes, &back, 0)
        );
    }

    /// Receives `length` bytes of [`pattern`], from `offset` on.
    #[track_caller]
    pub fn expect_pattern(&self, offset: usize, length: usize) {
        /// The number of bytes that must come within one deadline.
        const CHUNK: usize = 65_536;
        for at in (offset..offset + length).step_by(CHUNK) {
            let wanted = CHUNK.min(offset + length - at);
            let (bytes, outcome) = self.read_up_to(wanted);
            if bytes[..] != pattern(at, wanted)[..bytes.len()] {
                // More than a chunk may be missing.
                let rest: Vec<u8> = (0..16)
                    .flat_map(|n| pattern(at + n * CHUNK, CHUNK))
                    .copied()
                    .collect();
                panic!("{}{}", self.who, difference(&rest, &bytes, at));
            }
            let came = number(at - offset + bytes.len());
            let (who, length) = (self.who, number(length));
            match outcome {
                Ok(()) if bytes.len() == wanted => {}
                Ok(()) => {
                    panic!("{who}waited for {length} bytes, but EOF came after the first {came}")
                }
                Err(why) => {
                    panic!("{who}waited for {length} bytes, got the first {came}, then: {why}")
                }
            }
        }
    }

    /// Checks that nothing more comes but EOF.
    #[track_caller]
    pub fn expect_eof(&self) {
        let (bytes, end) = self.receive_at_most(MOST_BEFORE_EOF);
        assert!(
            bytes.is_empty(),
            "{}waited for EOF, but before it came {}",
            self.who,
            preview(&bytes)
        );
        assert!(
            end == End::Eof,
            "{}waited for EOF, but the connection was reset",
            self.who
        );
    }

    /// Receives whatever comes, and checks that it ends by a reset.
    #[track_caller]
    pub fn expect_reset(&self) {
        let (bytes, end) = self.receive_to_end();
        assert!(
            end == End::Reset,
            "{}waited for a reset, but got {}, then EOF",
            self.who,
            preview(&bytes)
        );
    }

    /// Checks that the server ends the connection, by EOF or a reset, without sending anything.
    #[track_caller]
    pub fn expect_turned_away(&self) {
        let (bytes, _) = self.receive_at_most(MOST_BEFORE_EOF);
        assert!(
            bytes.is_empty(),
            "a client that should be turned away got {}",
            preview(&bytes)
        );
    }

    /// Checks that nothing comes for now: no bytes, no EOF, no reset.
    #[track_caller]
    pub fn expect_silence(&self) {
        if self.poll(PollFlags::POLLIN, WATCH) {
            let mut bytes = [0; 64];
            let came = match self.peek(&mut bytes) {
                Ok(0) => "EOF".to_owned(),
                Ok(length) => preview(&bytes[..length]),
                Err(error) => explain(&error),
            };
            panic!(
                "{}a client that says nothing should hear nothing, but it got {came}",
                self.who
            );
        }
    }
}
