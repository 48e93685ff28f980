//! The world of an experiment: the stages as programs, specimens, the machine and its limits.

mod attempt;
mod checkout;
mod hostile;
pub mod interrupt;
mod limits;
mod machine;
mod names;
mod pool;
mod specimen;
mod stages;
mod waiting;
mod waits;

use std::io;
use std::path::PathBuf;

use suite::{Call, Server, Subject, Tracer};

pub use attempt::{attempt, attempt_in_time};
pub use checkout::{changed_sources, question_about_changes};
pub use limits::{Room, ensure_descriptors};
pub use machine::Machine;
pub use names::wanted;
pub use pool::{Receipt, in_parallel};
pub(crate) use specimen::SPECIMENS;
pub use specimen::{Specimen, SpecimenMain};
use stages::Built;
pub use stages::{CourseServer, build, cargo};
pub use suite::{Source, reason, workspace};
pub use waiting::{has_to_wait, soon};
pub use waits::{Wait, Waits, crowd};

/// The laboratory: what every experiment is given.
#[derive(Debug)]
pub struct Lab {
    program: PathBuf,
    built: Built,
}

impl Lab {
    /// A laboratory whose own program, which is also all of its specimens, is at `program`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            built: Built::default(),
        }
    }

    /// Returns `server`, built from its sources as they are now.
    ///
    /// # Errors
    ///
    /// If it does not compile.
    pub fn server(&self, server: CourseServer) -> anyhow::Result<Subject> {
        self.built.subject(server)
    }

    /// Returns stage `number`, as [`server`](Self::server) does.
    ///
    /// # Errors
    ///
    /// If it does not compile.
    pub fn stage(&self, number: u8) -> anyhow::Result<Subject> {
        self.server(CourseServer::stage(number))
    }

    /// Starts stage `number` at an address of its own.
    ///
    /// # Errors
    ///
    /// If it does not compile or start.
    pub fn start(&self, number: u8) -> anyhow::Result<Server> {
        let subject = self.stage(number)?;
        attempt(|| subject.start())
    }

    /// Starts the specimen `name`: see [`Specimen`].
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub fn specimen(&self, name: &str, arguments: &[&str]) -> anyhow::Result<Specimen> {
        Specimen::start(&self.program, name, arguments, suite::Faults::default())
    }

    /// As [`specimen`](Self::specimen), under faults.
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub fn specimen_with(
        &self,
        name: &str,
        arguments: &[&str],
        faults: suite::Faults,
    ) -> anyhow::Result<Specimen> {
        Specimen::start(&self.program, name, arguments, faults)
    }

    /// A trace of the system calls of process `pid`, from now on.
    ///
    /// # Errors
    ///
    /// Returns the errors of ptrace(2); it says what to do if tracing is not allowed.
    pub fn trace(&self, pid: i32) -> anyhow::Result<Tracer> {
        self.trace_with(pid, |_| ())
    }

    /// As [`trace`](Self::trace), with a [hook](Tracer::attach_with).
    ///
    /// # Errors
    ///
    /// As [`trace`](Self::trace).
    pub fn trace_with(
        &self,
        pid: i32,
        hook: impl FnMut(&Call) + Send + 'static,
    ) -> anyhow::Result<Tracer> {
        Tracer::attach_with(pid, hook).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => anyhow::anyhow!(
                "system calls cannot be traced here ({error}): allow ptrace (docker run \
                 --cap-add SYS_PTRACE), or see `cargo lab doctor`"
            ),
            _ => anyhow::Error::new(error).context("cannot trace a process"),
        })
    }
}
