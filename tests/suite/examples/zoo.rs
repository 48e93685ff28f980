//! Makes each fault of `tests/zoo` in a copy of the workspace, and sees that the cases which it names
//! turn red:
//!
//! ```text
//! cargo run -p suite --example zoo [PART OF A NAME …]
//! ```
//!
//! It needs `git`, which applies the patches. A patch begins with what is wrong, `Stage: N` (whose
//! `tests/echo.rs` is run; another of its tests, if one is named behind it) and `Turns red: CASE …`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail, ensure};

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(green) => {
            println!("{green} faults were not noticed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("zoo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Gives how many faults were not noticed.
fn run(parts: Vec<String>) -> anyhow::Result<usize> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;
    let copy = Copy::of(&workspace)?;
    let mut green = 0;
    for path in patches(&workspace.join("tests/zoo"), &parts)? {
        let patch = Patch::read(&path)?;
        let missed = patch
            .try_on(&copy)
            .with_context(|| path.display().to_string())?;
        let verdict = if missed.is_empty() { "red" } else { "GREEN" };
        println!("{verdict:<6}{:<40}{}", patch.name, missed.join(" "));
        green += usize::from(!missed.is_empty());
    }
    Ok(green)
}

fn patches(folder: &Path, parts: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.to_string_lossy();
        let wanted = parts.is_empty() || parts.iter().any(|part| name.contains(part));
        if wanted && path.extension() == Some(OsStr::new("patch")) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// A copy of the files that git knows of, removed in the end.
struct Copy {
    folder: PathBuf,
    target: PathBuf,
}

impl Copy {
    fn of(workspace: &Path) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("zoo-{}", std::process::id()));
        let copy = Self {
            folder,
            target: workspace.join("target/zoo"),
        };
        let list = output(
            Command::new("git")
                .arg("-C")
                .arg(workspace)
                .args(["ls-files", "-z"]),
        )?;
        for file in list.split_terminator('\0') {
            let to = copy.folder.join(file);
            fs::create_dir_all(to.parent().unwrap_or(&copy.folder))?;
            fs::copy(workspace.join(file), &to).with_context(|| file.to_owned())?;
        }
        Ok(copy)
    }

    fn apply(&self, patch: &Path, options: &[&str]) -> anyhow::Result<()> {
        let apply = &mut Command::new("git");
        output(
            apply
                .current_dir(&self.folder)
                .arg("apply")
                .args(options)
                .arg(patch),
        )
        .map(drop)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

struct Patch {
    path: PathBuf,
    name: String,
    stage: String,
    test: String,
    cases: Vec<String>,
}

impl Patch {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path)?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.with_context(|| format!("{} has no line `{name}`", path.display()))
        };
        let mut stage = field("Stage: ")?.split(' ');
        Ok(Self {
            path: path.to_owned(),
            name: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            stage: stage.next().unwrap_or_default().to_owned(),
            test: stage.next().unwrap_or("echo").to_owned(),
            cases: field("Turns red: ")?
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        })
    }

    /// Makes the fault, runs the cases, and gives those that did not fail.
    fn try_on(&self, copy: &Copy) -> anyhow::Result<Vec<String>> {
        copy.apply(&self.path, &[])?;
        let ran = Command::new(env!("CARGO"))
            .current_dir(&copy.folder)
            .env("CARGO_TARGET_DIR", &copy.target)
            .env("RUST_BACKTRACE", "0")
            .args([
                "test",
                "-p",
                &format!("stage-0{}", self.stage),
                "--test",
                &self.test,
                "--",
                "--exact",
            ])
            .args(&self.cases)
            .output()?;
        copy.apply(&self.path, &["--reverse"])?;
        let text = String::from_utf8_lossy(&ran.stdout);
        if !text.contains("test result: ") {
            bail!(
                "it does not compile:\n{}",
                String::from_utf8_lossy(&ran.stderr)
            );
        }
        let is_green = |case: &&String| !text.contains(&format!("test {case} ... FAILED"));
        Ok(self.cases.iter().filter(is_green).cloned().collect())
    }
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {complaint}");
    Ok(String::from_utf8(output.stdout)?)
}
