//! A server's announcement that it listens.

use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::Server;
use crate::last_words::clipped;
use crate::words::number;
use crate::{deadline, ending, eventually_or, net};

impl Server {
    /// Waits until a server that announces nothing listens. One that has ended never will.
    pub(super) fn listens(&self) {
        let address = self.address;
        eventually_or(
            &format!("the server to listen on {address}"),
            || {
                if let Some(status) = self.end() {
                    let how = ending(status);
                    panic!("the server ended before it listened on {address}: {how}");
                }
                TcpStream::connect(address).is_ok()
            },
            || {
                let line = self.stdout.next_line(Duration::ZERO);
                let printed = match clipped(line.trim_end()) {
                    nothing if nothing.is_empty() => "nothing".to_owned(),
                    line => format!("\"{line}\""),
                };
                format!("it accepts no connection, and on standard output it has printed {printed}")
            },
        );
    }

    /// Reads its announcement, of an address that it was told to listen on.
    pub(super) fn announced_for(&mut self, told: SocketAddr) -> SocketAddr {
        let address = self.announced("listening on ");
        let suits = |port: u16| told.port() == 0 || told.port() == port;
        assert!(
            suits(address.port()) && (address.ip() == told.ip() || address.ip().is_unspecified()),
            "the server was told to listen on {told}, but it announces {address}"
        );
        assert!(
            net::listens_on(self.process(), address.port()) != Some(false),
            "the server announces {address}, but no socket of its own listens there"
        );
        address
    }

    /// Reads the next line of its standard output, which must be `prefix` and an address.
    pub fn announced(&mut self, prefix: &str) -> SocketAddr {
        let line = self.stdout.next_line(deadline());
        let address = line.trim_end().strip_prefix(prefix);
        let address = address.and_then(|address| address.trim_end_matches('/').parse().ok());
        address.unwrap_or_else(|| panic!("{}", self.unannounced(&line, prefix)))
    }

    /// Says what came in place of an announcement.
    fn unannounced(&self, line: &str, prefix: &str) -> String {
        let wanted = format!("`{prefix}ADDR`");
        let shown = clipped(line.trim_end());
        if line.ends_with('\n') {
            return format!("the server printed \"{shown}\" instead of {wanted}");
        }
        if self.stdout.is_full() {
            let length = number(line.len() as u64);
            return format!(
                "the server printed {length} bytes without a line end instead of {wanted}: \"{shown}\""
            );
        }
        let printed = match shown.as_str() {
            "" => "nothing",
            _ => &format!("\"{shown}\" without a line end"),
        };
        if !self.stdout.is_over() {
            let seconds = deadline().as_secs();
            return format!(
                "waited {seconds} s for the server to print {wanted}; it has printed {printed}"
            );
        }
        // Its end is not seen in the same moment as that of its output.
        let began = Instant::now();
        while self.end().is_none() && began.elapsed() < Duration::from_millis(500) {
            thread::sleep(Duration::from_millis(2));
        }
        match self.end() {
            Some(status) => {
                let how = ending(status);
                format!(
                    "the server ended before it printed {wanted}: {how}; on standard output it had printed {printed}"
                )
            }
            None => format!(
                "the server closed its standard output before it printed {wanted}; it had printed {printed}"
            ),
        }
    }

    /// Returns the next line of its standard output, if it comes within `milliseconds`: what has come of it, if
    /// the server ends or the time is up.
    pub fn line_within(&mut self, milliseconds: u16) -> String {
        self.stdout
            .next_line(Duration::from_millis(milliseconds.into()))
    }
}
