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
pub(crate) use load::Idle;
pub use load::{Latency, Load, Losses, Measured, Pace, Plan};
pub use rounds::rounds;
pub(crate) use stats::slope;
pub use stats::{Spread, median};

use suite::Server;

/// Receives the name of each step of a measurement as the step begins.
pub type OnStep<'a> = &'a dyn Fn(&str);

/// Starts the stage of this number on an address of its own; the caller knows how to build it.
pub type StartStage<'a> = &'a dyn Fn(u8) -> anyhow::Result<Server>;
