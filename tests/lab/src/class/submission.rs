//! A submission: what a learner has handed in, and how it is started.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

/// The most bytes that a submission may have.
const MOST: u64 = 1 << 30;

/// What a learner has handed in.
#[derive(Clone, Debug)]
pub(super) struct Submission {
    /// The learner: the name of the folder, or of the program without its ending.
    pub(super) name: String,
    source: PathBuf,
}

/// Returns the submissions of a class, by name: each folder in `folder`, and each program that lies there alone.
pub(super) fn all(folder: &Path) -> anyhow::Result<Vec<Submission>> {
    let mut all = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let source = entry?.path();
        let name = if source.is_dir() {
            source.file_name()
        } else {
            source.file_stem().filter(|_| is_program(&source))
        };
        let name = name.map_or_else(String::new, |name| plain(&name.to_string_lossy()));
        // Archives that a Mac has made have this next to what was packed.
        if !name.is_empty() && !name.starts_with('.') && name != "__MACOSX" {
            all.push(Submission { name, source });
        }
    }
    all.sort_by(|one, other| one.source.cmp(&other.source));
    let nothing = "has no submissions: a folder for each learner, or a program";
    ensure!(!all.is_empty(), "{} {nothing}", folder.display());
    Ok(all)
}

impl Submission {
    /// Copies it into `home`, for `owner`, so that nothing can happen to the original.
    pub(super) fn copy_to(&self, home: &Path, owner: Option<u32>) -> anyhow::Result<()> {
        let mut left = MOST;
        if self.source.is_dir() {
            copy_folder(&self.source, home, owner, &mut left)?;
        } else {
            copy(&self.source, home, owner, &mut left)?;
        }
        lchown(home, owner, owner).context("cannot hand over the copy")
    }

    /// Returns the command that starts its copy in `home`.
    pub(super) fn command(&self, home: &Path) -> anyhow::Result<Vec<OsString>> {
        let file = home.join("command");
        if is_file(&file) {
            let text = fs::read_to_string(&file).context("command")?;
            let line = text.lines().find(|line| !line.trim().is_empty());
            let words = line.context("the file `command` is empty")?;
            return Ok(words.split_whitespace().map(Into::into).collect());
        }
        let mut programs: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(home)? {
            programs.push(entry?.path());
        }
        programs.retain(|path| is_file(path) && is_program(path) && !path.ends_with("build"));
        let named = |name| programs.iter().find(|path| path.ends_with(name));
        let alone = programs.first().filter(|_| programs.len() == 1);
        let Some(program) = named("run").or(named("server")).or(alone) else {
            bail!(
                "nothing says how to start it: there is no file `command`, no program `run` or `server`, \
                 and {} programs have other names",
                programs.len()
            );
        };
        Ok(vec![program.into(), "{addr}".into()])
    }

    /// Returns the program that builds its copy in `home`, if there is one.
    pub(super) fn build(&self, home: &Path) -> Option<PathBuf> {
        Some(home.join("build")).filter(|build| is_file(build) && is_program(build))
    }
}

/// Copies what is in a folder into `to`.
fn copy_folder(from: &Path, to: &Path, owner: Option<u32>, left: &mut u64) -> anyhow::Result<()> {
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        copy(&entry?.path(), to, owner, left)?;
    }
    Ok(())
}

/// Copies a file, a folder or a link into the folder `to`. What is none of these is left out: reading it could take
/// forever.
fn copy(from: &Path, to: &Path, owner: Option<u32>, left: &mut u64) -> anyhow::Result<()> {
    let to = to.join(from.file_name().unwrap_or_default());
    let kind = fs::symlink_metadata(from)?;
    if kind.is_dir() {
        fs::create_dir(&to)?;
        copy_folder(from, &to, owner, left)?;
    } else if kind.is_symlink() {
        symlink(fs::read_link(from)?, &to)?;
    } else if kind.is_file() {
        let rest = left.checked_sub(kind.len());
        *left = rest.context("it has more than 1 GiB of files")?;
        fs::copy(from, &to).with_context(|| from.display().to_string())?;
        // Archives and web forms lose who may execute what.
        let mode = if is_program(&to) { 0o755 } else { 0o644 };
        fs::set_permissions(&to, Permissions::from_mode(mode))?;
    } else {
        return Ok(());
    }
    lchown(&to, owner, owner).context("cannot hand over the copy")
}

/// Returns whether it is a file itself, and no link to one.
fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|kind| kind.is_file())
}

/// Returns whether a file begins as a program does: with `#!`, or as the linker makes it.
fn is_program(path: &Path) -> bool {
    let mut first = [0; 4];
    let read = |mut file: File| file.read(&mut first);
    let length = File::open(path).and_then(read).unwrap_or(0);
    length >= 2 && (first.starts_with(b"#!") || &first == b"\x7fELF")
}

/// Returns text that a stranger has written as a terminal may have it: without control characters.
pub(super) fn plain(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}
