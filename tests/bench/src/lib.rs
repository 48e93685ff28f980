//! Everything of the course that uses the clock: the load generator, servers that take turns, curves.
//!
//! A [`Plan`] says what load there is to be; a [`Load`] connects its clients and measures; what it has shown is a
//! [`Measured`]. Whatever is compared takes turns ([`rounds`]), each contender on the same core ([`Cores`]), and of
//! the rounds' own ratios the median counts. [`measure`] looks at one server, [`compare`] and [`files`] put servers
//! side by side, [`scale`] shows what grows with the number of clients, and a [`Figure`] is how a curve looks, as
//! characters or as a picture.
//!
//! Nothing here prints, parses options or builds a stage: `cargo lab load` and `cargo lab scale` do that.

mod alone;
mod compare;
mod cores;
mod figure;
pub mod files;
mod load;
mod rounds;
pub mod scale;
mod stand;
mod stats;

pub use alone::{LoadReport, STEPS, measure};
pub use compare::{ServerComparison, Standing, compare};
pub(crate) use cores::Cores;
pub use cores::{Restore, own_descriptors, stay_on_one_core};
pub use figure::{Curve, Figure};
pub use load::{Idle, Latency, Load, Losses, Measured, Pace, Plan, hold_idle};
pub use rounds::rounds;
pub use stats::{Spread, median};
pub(crate) use stats::{median_ratio, slope};

use std::net::SocketAddr;

use suite::Server;

/// Is called with the name of each step of a measurement, when the step begins.
pub type OnStep<'a> = &'a dyn Fn(&str);

/// Starts what a measurement needs: the lab does, which knows how the stages are built.
pub trait Programs {
    /// Starts stage `number` at an address of its own.
    ///
    /// # Errors
    ///
    /// If it does not compile or start.
    fn stage(&self, number: u8) -> anyhow::Result<Server>;

    /// Starts a process that runs [`hold_idle`]: its table of descriptors is another one.
    ///
    /// # Errors
    ///
    /// If it does not start, or connects nobody.
    fn idle(&self, address: SocketAddr, wanted: usize) -> anyhow::Result<Idle>;
}
