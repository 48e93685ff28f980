//! The lab: `cargo lab …` steps through the course by experiment.
//!
//! It starts the stages as real processes, does real things to them, and looks at them from outside, with
//! the eyes of the [`suite`]: /proc, and a trace of system calls. No stage carries a line for its sake.
//!
//! [`world`] is what an experiment works with: the stages, small [specimens](world::Specimen) of
//! programs, the machine. [`chapters`] are the experiments, beside the claims that they decide and the lesson
//! that they make, a module for each chapter of the course. [`show`] is how a result looks: as text, as
//! JSON, as a page of HTML. The other modules are a command each.

pub mod chapters;
pub mod check;
pub mod claims;
pub mod cli;
pub mod doctor;
pub mod evidence;
pub mod hunt;
pub mod lesson;
pub mod load;
pub mod matrix;
pub mod scale;
pub mod show;
pub mod stats;
pub mod task;
pub mod tour;
pub mod world;
pub mod xray;

pub use evidence::{Evidence, Expected};
pub use world::Lab;
