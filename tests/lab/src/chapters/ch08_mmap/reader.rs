//! A process that reads a file, page by page, in one way or the other.

use std::fs::File;
use std::io::stdin;
use std::os::unix::fs::FileExt;
use std::path::Path;

use anyhow::{Context, bail};
use nix::sys::resource::{UsageWho, getrusage};
use suite::page_size;

use super::pages::Pages;
use crate::Lab;
use crate::world::Specimen;

/// Starts the specimen for the file at `path`.
pub(super) fn start(lab: &Lab, path: &Path) -> anyhow::Result<Specimen> {
    let mut specimen = lab.specimen("reader", &[&path.to_string_lossy()])?;
    specimen.expect("ready")?;
    Ok(specimen)
}

/// Has it do what `command` says, and returns how many faults that was, minor and major.
pub(super) fn faults(reader: &mut Specimen, command: &str) -> anyhow::Result<(u64, u64)> {
    reader.tell(command)?;
    let answer = reader.hear()?;
    let (minor, major) = answer.split_once(' ').context("no two numbers")?;
    Ok((minor.parse()?, major.parse()?))
}

/// The file, and its mapping once there is one.
struct Subject {
    file: File,
    number: usize,
    pages: Option<Pages>,
    buffer: Vec<u8>,
}

/// The specimen: does a command a line, and says how many faults it was.
pub(super) fn main(arguments: &[String]) -> anyhow::Result<()> {
    let path = arguments.first().context("which file?")?;
    // All is done once with a page of its own program, so that no faults are counted later that the code itself
    // and its stack cause.
    let mut program = Subject::open(&std::env::current_exe()?)?;
    program.number = 1;
    for command in ["read", "map", "expect random access", "touch"] {
        program.faults(command)?;
    }
    let mut subject = Subject {
        buffer: program.buffer,
        ..Subject::open(Path::new(path))?
    };
    println!("ready");
    for line in stdin().lines() {
        println!("{}", subject.faults(&line?)?);
    }
    Ok(())
}

impl Subject {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        Ok(Self {
            number: file.metadata()?.len() as usize / page_size(),
            file,
            pages: None,
            buffer: vec![0; page_size()],
        })
    }

    /// Executes a command, and returns the faults that it causes, minor and major.
    fn faults(&mut self, command: &str) -> anyhow::Result<String> {
        let before = getrusage(UsageWho::RUSAGE_SELF)?;
        self.execute(command)?;
        let after = getrusage(UsageWho::RUSAGE_SELF)?;
        let minor = after.minor_page_faults() - before.minor_page_faults();
        let major = after.major_page_faults() - before.major_page_faults();
        Ok(format!("{minor} {major}"))
    }

    fn execute(&mut self, command: &str) -> anyhow::Result<()> {
        match (command, &self.pages) {
            ("read", _) => {
                for page in 0..self.number {
                    let at = page * page_size();
                    self.file.read_exact_at(&mut self.buffer, at as u64)?;
                }
            }
            ("map", _) => self.pages = Some(Pages::map(&self.file, self.number)?),
            ("expect random access", Some(pages)) => pages.expect_random_access()?,
            ("touch", Some(pages)) => {
                for page in 0..self.number {
                    pages.touch(page)?;
                }
            }
            _ => bail!("what is `{command}`?"),
        }
        Ok(())
    }
}
