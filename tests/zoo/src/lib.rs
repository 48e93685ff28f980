//! The zoo: faults as patches, one file each, with the cases that each must turn red.
//!
//! A patch begins with what is wrong, in a sentence. Then come
//!
//! - `Stage: N`, whose `tests/echo.rs` is run; another of its tests, if one is named behind it; for a package that is no
//!   stage, its name (`Stage: beyond proxy`),
//! - `Turns red: CASE …`, which have to fail,
//! - `May turn red: CASE …`, which fail sometimes, if there are such; `any`, if chance decides which client is hit, and so
//!   every case may fail,
//! - `Seen in: …`, where the fault was found outside.
//!
//! If a chapter shows what the fault turns red, no other case fails: the test `breaks` of the book sees to it.
//!
//! From below: a [`Fault`] is a patch. A [`Workbench`] makes programs of it, [`Made`], and their cases are run. [`for_each`] does
//! so with all, and compiles the next one in the meantime.

use std::path::Path;

mod changed;
mod commands;
mod fault;
mod line;
mod look;
mod made;
mod test;
mod workbench;

pub use fault::{Fault, faults};
pub use line::for_each;
pub use look::{Look, look_at};
pub use made::Made;
use test::Test;
pub use test::package_folder;
pub use workbench::{Cases, Workbench};

/// Returns the top of the workspace, without `..`: tests look for paths below it in /proc, where there is none.
fn workspace() -> &'static Path {
    let zoo = Path::new(env!("CARGO_MANIFEST_DIR"));
    zoo.ancestors().nth(2).unwrap_or(zoo)
}
