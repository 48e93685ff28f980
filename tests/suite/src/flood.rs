//! A client that streams.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread::Scope;

use crate::net::Socket;
use crate::{Client, Server, Tracer};

/// Bytes that a flood sends at a time.
const CHUNK: usize = 65_536;

/// A client that sends and receives as fast as it can.
#[derive(Debug)]
pub struct Flood {
    client: Client,
    echoed: AtomicUsize,
    over: AtomicBool,
}

impl Flood {
    /// Makes a flood of a client that is already served.
    pub fn new(client: Client) -> Self {
        let (echoed, over) = (AtomicUsize::new(0), AtomicBool::new(false));
        client.echo(b"here I come");
        Self {
            client,
            echoed,
            over,
        }
    }

    /// Returns the client itself.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Returns how many bytes have come back so far.
    pub fn echoed(&self) -> usize {
        self.echoed.load(Relaxed)
    }

    /// Makes sure, until the result is dropped, that `server` always finds more of the flood while it lasts, by holding
    /// the server after each system call until there is something to read. Otherwise the flood would dry up whenever
    /// the server is faster.
    pub fn never_dries_up(&self, server: &Server) -> Tracer {
        let socket = Socket::of(server.process(), self.client.address());
        let socket =
            socket.unwrap_or_else(|| panic!("cannot observe the server's end of the flood"));
        server.trace_with(move |_| socket.wait_readable(1_000))
    }

    /// Starts the flood. Dropping the result ends it, after its last byte is back, even in a panic.
    pub fn start<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) -> impl Drop {
        struct End<'a>(&'a AtomicBool);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.store(true, Relaxed);
            }
        }
        scope.spawn(|| {
            for offset in (0..).step_by(CHUNK) {
                if self.over.load(Relaxed) {
                    return self.client.half_close();
                }
                self.client.send_pattern(offset, CHUNK);
            }
        });
        scope.spawn(|| {
            for offset in (0..).step_by(CHUNK) {
                if self.client.at_eof() {
                    return;
                }
                self.client.expect_pattern(offset, CHUNK);
                self.echoed.fetch_add(CHUNK, Relaxed);
            }
        });
        End(&self.over)
    }
}
