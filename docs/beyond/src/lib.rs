//! Programs for readers who have finished the eight stages. Each stands on the stages' libraries, and no
//! stage imports any of it.

pub mod cli;
pub mod cores;
pub mod pool;
pub mod proxy;
pub mod reactor;
pub mod timers;
pub mod uring;
