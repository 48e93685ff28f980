//! A process that reads a file, page by page, in one way or the other.

use std::fs::File;
use std::io::stdin;
use std::os::unix::fs::FileExt;
use std::path::Path;

use anyhow::{Context, bail};
use nix::sys::resource::{UsageWho, getrusage};
use suite::{Process, page_size};

use super::pages::Pages;
use crate::Lab;
use crate::world::Specimen;

/// The specimen that does it.
pub(super) const READER: &str = "reader";

/// The specimen, under command.
pub(super) struct Reader(Specimen);

impl Reader {
    /// Starts one for the file at `path`.
    pub(super) fn start(lab: &Lab, path: &Path) -> anyhow::Result<Self> {
        let mut specimen = lab.specimen(READER, &[&path.to_string_lossy()])?;
        specimen.expect("ready")?;
        Ok(Self(specimen))
    }

    /// Has it do what `command` says, and gives how many faults that was, minor and major.
    pub(super) fn faults(&mut self, command: &str) -> anyhow::Result<(u64, u64)> {
        self.0.tell(command)?;
        let answer = self.0.hear()?;
        let (minor, major) = answer.split_once(' ').context("no two numbers")?;
        Ok((minor.parse()?, major.parse()?))
    }

    /// Its process id.
    pub(super) fn pid(&self) -> i32 {
        self.0.pid()
    }

    /// Its process.
    pub(super) fn process(&self) -> Process {
        self.0.process()
    }
}

/// The file, and its mapping once there is one.
struct Subject {
    file: File,
    number: usize,
    pages: Option<Pages>,
}

/// The specimen: does a command a line, and says how many faults it was.
pub(super) fn main(arguments: &[String]) -> anyhow::Result<()> {
    let path = arguments.first().context("which file?")?;
    let mut buffer = vec![0; page_size()];
    warm_up(&mut buffer)?;
    let mut subject = Subject::open(Path::new(path))?;
    println!("ready");
    for line in stdin().lines() {
        let (minor, major) = subject.faults(&line?, &mut buffer)?;
        println!("{minor} {major}");
    }
    Ok(())
}

/// Does all once with a page of its own program, so that no faults are counted later that the code itself
/// and its stack cause.
fn warm_up(buffer: &mut [u8]) -> anyhow::Result<()> {
    let mut program = Subject::open(&std::env::current_exe()?)?;
    program.number = 1;
    for command in ["read", "map", "expect random access", "touch"] {
        program.faults(command, buffer)?;
    }
    Ok(())
}

impl Subject {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let number = file.metadata()?.len() as usize / page_size();
        let pages = None;
        Ok(Self {
            file,
            number,
            pages,
        })
    }

    /// The faults that a command causes, minor and major.
    fn faults(&mut self, command: &str, buffer: &mut [u8]) -> anyhow::Result<(i64, i64)> {
        let before = getrusage(UsageWho::RUSAGE_SELF)?;
        self.execute(command, buffer)?;
        let after = getrusage(UsageWho::RUSAGE_SELF)?;
        let minor = after.minor_page_faults() - before.minor_page_faults();
        Ok((
            minor,
            after.major_page_faults() - before.major_page_faults(),
        ))
    }

    fn execute(&mut self, command: &str, buffer: &mut [u8]) -> anyhow::Result<()> {
        match (command, &self.pages) {
            ("read", _) => self.read(buffer)?,
            ("map", _) => self.pages = Some(Pages::map(&self.file, self.number)?),
            ("expect random access", Some(pages)) => pages.expect_random_access()?,
            ("touch", Some(pages)) => touch(pages, self.number)?,
            _ => bail!("what is `{command}`?"),
        }
        Ok(())
    }

    fn read(&self, buffer: &mut [u8]) -> anyhow::Result<()> {
        for page in 0..self.number {
            self.file
                .read_exact_at(buffer, (page * page_size()) as u64)?;
        }
        Ok(())
    }
}

fn touch(pages: &Pages, number: usize) -> anyhow::Result<()> {
    for page in 0..number {
        pages.touch(page)?;
    }
    Ok(())
}
