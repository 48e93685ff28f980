//! What has to come, and what must not.

use nix::poll::PollFlags;

use super::talk::explain;
use super::{Client, End, WATCH};
use crate::pattern::{difference, preview};
use crate::words::number;
use crate::{assert_same, pattern};

/// How many bytes a client takes before EOF at most, if there should be none.
const MOST_BEFORE_EOF: usize = 64 << 10;

impl Client {
    /// Receives as many bytes as there are in `bytes`, which they have to be.
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
        /// So many bytes have to come within one deadline.
        const CHUNK: usize = 65_536;
        for at in (offset..offset + length).step_by(CHUNK) {
            let wanted = CHUNK.min(offset + length - at);
            let (bytes, outcome) = self.read_up_to(wanted);
            if bytes[..] != pattern(at, wanted)[..bytes.len()] {
                // What is missing may be more than a chunk.
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
                    panic!("{who}waited for {length} bytes, and EOF came behind the first {came}")
                }
                Err(why) => {
                    panic!("{who}waited for {length} bytes, got the first {came}, then: {why}")
                }
            }
        }
    }

    /// Nothing more may come but EOF.
    #[track_caller]
    pub fn expect_eof(&self) {
        let (bytes, end) = self.receive_at_most(MOST_BEFORE_EOF);
        assert!(
            bytes.is_empty(),
            "{}waited for EOF, and before it came {}",
            self.who,
            preview(&bytes)
        );
        assert!(
            end == End::Eof,
            "{}waited for EOF, and the connection was reset",
            self.who
        );
    }

    /// Receives whatever comes, which has to end by a reset.
    #[track_caller]
    pub fn expect_reset(&self) {
        let (bytes, end) = self.receive_to_end();
        assert!(
            end == End::Reset,
            "{}waited for a reset, and got {}, then EOF",
            self.who,
            preview(&bytes)
        );
    }

    /// The server must let the connection go, by EOF or by a reset, without sending anything.
    #[track_caller]
    pub fn expect_turned_away(&self) {
        let (bytes, _) = self.receive_at_most(MOST_BEFORE_EOF);
        assert!(
            bytes.is_empty(),
            "a client that is to be turned away got {}",
            preview(&bytes)
        );
    }

    /// Nothing may come for now: neither bytes, nor EOF, nor a reset.
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
                "{}a client that says nothing is to hear nothing, and it got {came}",
                self.who
            );
        }
    }
}
