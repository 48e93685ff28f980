//! One suite judges every echo server, from outside.
//!
//! A server is a real process ([`Server`]); a [`Client`] talks to it; a [`Process`] shows what /proc
//! knows of it, a [`Tracer`] its system calls. [`profile`] says what is expected of each stage,
//! [`cases`] are the echo contract E1 … E17 (RFC 862 over TCP), [`lessons`] what a single stage adds.
//!
//! The cases run on any server: see the example `check`.

#[macro_use]
mod list;

pub mod cases;
mod client;
mod faults;
mod flood;
pub mod lessons;
mod limits;
mod log;
pub mod net;
mod pattern;
mod pressure;
mod process;
pub mod profile;
mod readiness;
mod server;
mod subject;
mod trace;

use std::thread;
use std::time::{Duration, Instant};

pub use client::{Client, End, leave};
pub use faults::{Faults, duplicate};
pub use flood::Flood;
pub use limits::room_for;
pub use list::Case;
pub use pattern::{assert_same, pattern};
pub use pressure::{PLENTY, fill_all};
pub use process::Process;
pub use profile::Profile;
pub use server::Server;
pub use subject::{Subject, fresh_address};
pub use trace::{Call, Tracer, read_memory};

/// How long anything may take that should happen at once. Only a server that is wrong takes so long.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// Waits until `condition` holds.
///
/// # Panics
///
/// If it does not before the [`DEADLINE`]: it names `what`.
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !condition() {
        assert!(
            Instant::now() < end,
            "not within {} s: {what}",
            DEADLINE.as_secs()
        );
        // /proc has nothing to wait on.
        thread::sleep(Duration::from_millis(2));
    }
}
