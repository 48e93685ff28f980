//! The lab: `cargo lab …` steps through the course by experiment.
//!
//! It starts the stages as real processes, does real things to them, and looks at them from outside, with
//! the eyes of the [`suite`]: /proc, and a trace of system calls. No stage carries a line for its sake.
//!
//! The lab is built in floors, and a floor imports only from those below it:
//!
//! - the [`suite`] has the eyes: /proc, and a trace of system calls;
//! - [`world`] is what an experiment works with: the stages, small [specimens](world::Specimen) of programs, the
//!   machine and its limits;
//! - [`course`] has the types: chapter, lesson, claim, evidence;
//! - [`chapters`] are the experiments, next to the claims that they decide and the lesson that they make;
//! - [`show`] is how a result looks: as text, as JSON, as a page of HTML;
//! - `probes` do something to a server, and say what happens to it: for the matrix, and to find out what a foreign
//!   server is;
//! - then come the commands, a module each, and [`cli`] on top.

pub mod chapters;
mod check;
pub mod claims;
mod class;
pub mod cli;
mod contents;
pub mod course;
mod doctor;
mod hunt;
pub mod lesson;
mod load;
pub mod matrix;
mod probes;
mod scale;
pub mod show;
mod task;
mod tour;
pub mod world;
pub mod xray;

pub use course::Evidence;
pub use world::Lab;
