//! Everything of the course that uses the clock: the load generator, servers that take turns, curves.
//!
//! A [`Plan`] describes a load, a [`Load`] connects its clients and measures, and a [`Measured`] is the result.
//! Contenders take turns ([`rounds`]), each on the same core ([`Cores`]), and the median of the rounds' ratios counts.
//! [`measure`] looks at one server, [`compare`] and [`files`] put servers side by side, [`scale`] shows what grows with
//! the number of clients, and a [`Figure`] draws curves as characters or as a picture.
//!
//! Nothing here prints, parses options or builds a stage: `cargo lab load` and `cargo lab scale` do that.

mod alone;
mod compare;
mod cores;
mod fact;
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
pub use fact::Fact;
pub use figure::{Curve, Figure};
pub use load::{Idle, Latency, Load, Losses, Measured, Pace, Plan, hold_idle};
pub use rounds::rounds;
pub(crate) use stats::slope;
pub use stats::{Spread, median};

use std::net::SocketAddr;

use suite::Server;

/// Receives the name of each step of a measurement as the step begins.
pub type OnStep<'a> = &'a dyn Fn(&str);

/// Starts the programs that a measurement needs. The lab implements it, because the lab knows how to build the stages.
pub trait Programs {
    /// Starts stage `number` on an address of its own.
    ///
    /// # Errors
    ///
    /// Fails if it does not compile or start.
    fn stage(&self, number: u8) -> anyhow::Result<Server>;

    /// Starts a process that runs [`hold_idle`], with a descriptor table of its own.
    ///
    /// # Errors
    ///
    /// Fails if it does not start, or connects no client.
    fn idle(&self, address: SocketAddr, wanted: usize) -> anyhow::Result<Idle>;
}
