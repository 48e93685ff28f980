//! The world of an experiment: the stages as programs, the specimens, the machine and its limits.

mod attempt;
mod checkout;
pub(crate) mod handed;
pub(crate) mod interrupt;
mod machine;
mod names;
mod pages;
mod pool;
mod specimen;
mod stages;
mod waiting;
mod waits;
mod watcher;
mod words;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use suite::{Server, Subject};

pub(crate) use attempt::{attempt, attempt_in_time};
pub use checkout::Changes;
pub use machine::Machine;
pub(crate) use machine::ensure_descriptors;
pub(crate) use names::wanted;
pub(crate) use pages::Pages;
pub(crate) use pool::{Receipt, in_parallel};
pub(crate) use specimen::{SPECIMENS, be_told};
pub use specimen::{Specimen, SpecimenMain};
pub use stages::{CourseServer, build, cargo};
pub(crate) use suite::{Room, reason};
pub use suite::{Source, workspace};
pub(crate) use waiting::{has_to_wait, soon};
pub use waits::Wait;
pub(crate) use waits::{Waits, is_served, named};
pub(crate) use watcher::{Watcher, polled};
pub(crate) use words::{asleep_in, deadly_signal, in_a_row, outcome, value_or_error};

/// The laboratory, which every experiment receives.
#[derive(Debug)]
pub struct Lab {
    program: PathBuf,
    /// The servers that this process has built.
    built: Mutex<BTreeMap<CourseServer, Subject>>,
}

impl Lab {
    /// Creates a laboratory whose own program, which also runs all specimens, is at `program`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            built: Mutex::default(),
        }
    }

    /// Returns `server`, built from its current sources.
    ///
    /// # Errors
    ///
    /// Fails if it does not compile.
    pub fn server(&self, server: CourseServer) -> anyhow::Result<Subject> {
        // A thread that waits here waits for the compiler anyway.
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(subject) = built.get(&server) {
            return Ok(subject.clone());
        }
        let subject = server.built()?;
        built.insert(server, subject.clone());
        Ok(subject)
    }

    /// Returns stage `number`, as [`server`](Self::server) does.
    ///
    /// # Errors
    ///
    /// Fails if it does not compile.
    pub fn stage(&self, number: u8) -> anyhow::Result<Subject> {
        self.server(CourseServer::Stage(number))
    }

    /// Starts stage `number` on an address of its own.
    ///
    /// # Errors
    ///
    /// Fails if it does not compile or start.
    pub fn start(&self, number: u8) -> anyhow::Result<Server> {
        let subject = self.stage(number)?;
        attempt(|| subject.start())
    }

    /// Returns the path of the lab's own program.
    pub(crate) fn program(&self) -> Cow<'_, str> {
        self.program.to_string_lossy()
    }
}
