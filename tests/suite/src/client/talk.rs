//! Bytes there and back, in one deadline.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::Instant;

use nix::sys::socket::{MsgFlags, send};

use super::{Client, End};
use crate::pattern::preview;
use crate::words::number;
use crate::{assert_same, deadline, pattern};

/// The most bytes that a client takes before EOF if it does not know how many to expect.
const MOST_TO_THE_END: usize = 8 << 20;

impl Client {
    /// Sends `bytes`, all of them.
    #[track_caller]
    pub fn send(&self, bytes: &[u8]) {
        let (who, end) = (self.who, Instant::now() + deadline());
        let mut sent = 0;
        while sent < bytes.len() {
            match (&self.stream).write(&bytes[sent..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(length) if length > 0 && Instant::now() < end => sent += length,
                Ok(_) => panic!("{who}{}: {}", unsent(bytes, sent), too_slow("took")),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let seconds = deadline().as_secs();
                    panic!(
                        "{who}{}: the server took nothing more for {seconds} s",
                        unsent(bytes, sent)
                    )
                }
                Err(error) => panic!("{who}{}: {error}", unsent(bytes, sent)),
            }
        }
    }

    /// Sends `byte` as urgent data.
    #[track_caller]
    pub fn send_urgent(&self, byte: u8) {
        let sent = send(self.stream.as_raw_fd(), &[byte], MsgFlags::MSG_OOB);
        assert_eq!(sent, Ok(1), "cannot send an urgent byte");
    }

    /// Receives `length` bytes, or fewer if the connection ends first.
    #[track_caller]
    pub fn receive(&self, length: usize) -> Vec<u8> {
        let (bytes, outcome) = self.read_up_to(length);
        if let Err(why) = outcome {
            let got = preview(&bytes);
            panic!(
                "{}waited for {} bytes, got {got}, then: {why}",
                self.who,
                number(length)
            );
        }
        bytes
    }

    /// Reads until EOF or `most` bytes, within one deadline, so that neither a server that talks forever nor one that
    /// sends a byte now and then can hold a client up. Returns the bytes, and how the connection ended.
    pub(super) fn read_up_to(&self, most: usize) -> (Vec<u8>, Result<(), String>) {
        let end = Instant::now() + deadline();
        let mut bytes = Vec::new();
        let mut buffer = vec![0; most.min(65_536)];
        while bytes.len() < most {
            let room = buffer.len().min(most - bytes.len());
            let read = (&self.stream).read(&mut buffer[..room]);
            let length = read.as_ref().map_or(0, |length| *length);
            bytes.extend_from_slice(&buffer[..length]);
            match read {
                Ok(0) => break,
                Err(error) if error.kind() != ErrorKind::Interrupted => {
                    return (bytes, Err(explain(&error)));
                }
                _ => {}
            }
            if Instant::now() >= end && bytes.len() < most {
                return (bytes, Err(too_slow("sent")));
            }
        }
        (bytes, Ok(()))
    }

    /// Sends `bytes` and receives as many at the same time, and checks that they are equal.
    #[track_caller]
    pub fn echo(&self, bytes: &[u8]) {
        let back = thread::scope(|scope| {
            // Bytes that fit into a socket buffer need no second thread.
            let writer = match bytes.len() {
                ..4096 => {
                    self.send(bytes);
                    None
                }
                _ => Some(scope.spawn(|| self.send(bytes))),
            };
            let back = self.receive(bytes.len());
            if let Some(Err(panic)) = writer.map(|writer| writer.join()) {
                std::panic::resume_unwind(panic);
            }
            back
        });
        assert_same(bytes, &back);
    }

    /// Sends `length` bytes of [`pattern`], from `offset` on.
    #[track_caller]
    pub fn send_pattern(&self, offset: usize, length: usize) {
        let end = offset + length;
        for at in (offset..end).step_by(65_536) {
            self.send(pattern(at, 65_536.min(end - at)));
        }
    }

    /// Receives everything that still comes. Returns it, and how the connection ended.
    #[track_caller]
    pub fn receive_to_end(&self) -> (Vec<u8>, End) {
        self.receive_at_most(MOST_TO_THE_END)
    }

    /// Works like [`receive_to_end`](Self::receive_to_end), but fails at `most` bytes.
    #[track_caller]
    pub(super) fn receive_at_most(&self, most: usize) -> (Vec<u8>, End) {
        let (bytes, outcome) = self.read_up_to(most);
        let (who, came) = (self.who, preview(&bytes));
        match outcome {
            Ok(()) if bytes.len() < most => (bytes, End::Eof),
            Ok(()) => {
                panic!(
                    "{who}waited for EOF, and the server is still talking: so far it has sent {came}"
                )
            }
            Err(why) if why == RESET => (bytes, End::Reset),
            Err(why) => panic!("{who}waited for EOF, got {came}, then: {why}"),
        }
    }
}

/// The words of [`explain`] for a reset.
const RESET: &str = "the connection was reset";
pub(super) fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::WouldBlock => format!("nothing for {} s", deadline().as_secs()),
        ErrorKind::ConnectionReset => RESET.to_owned(),
        _ => error.to_string(),
    }
}

fn unsent(bytes: &[u8], sent: usize) -> String {
    let all = preview(bytes);
    match sent {
        0 => format!("cannot send {all}"),
        _ => format!("cannot send {all}, only the first {}", number(sent as u64)),
    }
}

fn too_slow(what: &str) -> String {
    format!("the server {what} no more in {} s", deadline().as_secs())
}
