//! Tasks and hunts: the reader writes a piece of a stage, or finds what somebody else broke in it, and the suite
//! judges.
//!
//! From below: [`source`] finds a function's body in a file, [`patch`] applies a fault, [`store`] keeps what the
//! learner wrote, [`compile`] runs cargo, and [`judge`] builds a stage and runs cases. A [`task`] is a text file, with
//! commands in a module each. The door is
//! `cargo lab`, which shows what a command [says](talk::Talk) to a person or to a program.

pub mod compile;
pub mod course;
pub mod dependencies;
pub mod git;
pub mod hole;
pub mod hunt;
pub mod judge;
pub mod patch;
pub mod progress;
pub mod section;
pub mod source;
pub mod store;
pub mod talk;
pub mod task;
pub mod verify;
