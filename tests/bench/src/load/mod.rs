//! A load generator on one thread, which compares every byte that comes back.

mod clock;
mod connection;
mod crowd;
mod generator;
mod idle;
mod measured;
mod plan;
mod turn;

pub(crate) use clock::own_time;
pub use generator::Load;
pub(crate) use idle::Idle;
pub use measured::{Latency, Losses, Measured};
pub use plan::{Pace, Plan};
