//! One suite judges every echo server, from outside.
//!
//! A server is a real process ([`Server`]); a [`Client`] talks to it; a [`Process`] shows what /proc knows about it, a
//! [`Tracer`] its system calls. [`profile`] has the expectations of each stage, [`cases`] the echo contract E1 … E17
//! (RFC 862 over TCP), and [`lessons`] what a single stage adds.
//!
//! [`proxy`] is the contract of the capstone, P1 … P12.
//!
//! The cases run on any server: `cargo lab check` consists of them.

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
compile_error!(
    "the tests and the lab need Linux with glibc, not musl: in a container or a virtual machine of Debian, say. \
     See docs/chapters/how-to-use.md"
);

#[macro_use]
mod list;

pub mod cases;
mod cell;
mod client;
mod deadline;
mod family;
mod faults;
mod flood;
mod glance;
mod last_words;
pub mod lessons;
mod limits;
mod mapping;
mod meaning;
pub mod net;
mod pattern;
mod pressure;
mod printed;
mod process;
pub mod profile;
mod programs;
pub mod proxy;
mod readiness;
mod room;
mod run;
mod server;
mod source;
mod stderr;
mod subject;
pub mod system;
mod trace;
mod trial;
mod words;

pub use cell::{Cell, tasks_by_user};
pub use client::{Client, End, leave};
pub use deadline::{
    DEADLINE, PATIENCE, deadline, eventually, eventually_or, set_deadline, slowness,
};
pub use family::kill_descendants;
pub use faults::{Faults, Log};
pub use flood::Flood;
pub use last_words::{LastWords, ending, reason, with_last_words};
pub use limits::{
    CrowdRoom, crowd, descriptor_limit, lower_descriptor_limit, page_size, room_for,
    room_for_stalled,
};
pub use list::{Case, run_case};
pub use mapping::Mapping;
pub use meaning::{Meaning, Pointer, meaning_of};
pub use pattern::{assert_same, pattern};
pub use pressure::{PLENTY, fill_all};
pub use process::{Process, duplicate, seen};
pub use profile::Profile;
pub use programs::{PROGRAMS, program, scratch};
pub use room::Room;
use run::run;
pub use server::Server;
pub use source::{Source, is_without_sources, workspace};
pub use subject::{Subject, fresh_address};
pub use trace::{Call, Tracer, call_name, is_wait, older_name, read_memory};
pub use trial::{Ended, Failure, judge, within_limit};
pub use words::number;
