//! The packages, programs and tests that commands can name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use book::{chapters, read, run_quietly, workspace};
use clap::error::ErrorKind;
use lab::world::build;
use regex::Regex;

/// The packages, programs and tests that commands can name.
pub(crate) struct Known {
    /// Packages of the workspace.
    packages: BTreeSet<String>,
    /// Programs that the first chapter names.
    programs: BTreeSet<String>,
    /// The names of all tests.
    tests: String,
}

impl Known {
    pub(crate) fn gather() -> anyhow::Result<Self> {
        let manifest = read(&workspace().join("Cargo.toml"))?;
        let members = manifest.split("members = [").nth(1).unwrap_or_default();
        let members = members.split(']').next().unwrap_or_default();
        let mut packages = BTreeSet::new();
        let mut tests = String::new();
        let function = Regex::new(r"\bfn (\w+)")?;
        for member in members.split('"').skip(1).step_by(2) {
            let folder = workspace().join(member);
            let package = read(&folder.join("Cargo.toml"))?;
            let name = package
                .lines()
                .find_map(|line| line.strip_prefix("name = \""));
            let name = name.with_context(|| format!("{member} has no name"))?;
            packages.insert(name.trim_end_matches('"').to_owned());
            add_functions(&folder, &function, &mut tests)?;
        }
        let row = Regex::new(r"(?m)^\|\s*`([a-z0-9-]+)`")?;
        let overview = read(&chapters().join("how-to-use.md"))?;
        let programs = row.captures_iter(&overview).map(|row| row[1].to_owned());
        Ok(Self {
            packages,
            programs: programs.collect(),
            tests,
        })
    }

    pub(crate) fn check(&self, words: &[String], is_mention: bool) -> anyhow::Result<()> {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["cargo", ref rest @ ..] => self.check_cargo(rest, is_mention),
            // What these run is a command of its own.
            ["prlimit" | "timeout" | "taskset" | "strace", .., _] if words.contains(&"cargo") => {
                let start = words.iter().position(|word| *word == "cargo").unwrap_or(0);
                self.check_cargo(&words[start + 1..], is_mention)
            }
            [program, ..] if program.starts_with("target/") => self.check_built(&words),
            ["cd", _] => Ok(()),
            [program, ..] => {
                let known = self.programs.contains(program);
                ensure!(
                    known,
                    "{program} is not among the programs of how-to-use.md"
                );
                Ok(())
            }
            [] => Ok(()),
        }
    }

    /// `target/release/stage-06 …`: a package of the workspace.
    fn check_built(&self, words: &[&str]) -> anyhow::Result<()> {
        let name = Path::new(words[0])
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        ensure!(self.packages.contains(&*name), "there is no {name}");
        check_options(&name, &words[1..])
    }

    fn check_cargo(&self, words: &[&str], is_mention: bool) -> anyhow::Result<()> {
        let (before, after) = match words.iter().position(|word| *word == "--") {
            Some(place) => (&words[..place], &words[place + 1..]),
            None => (words, &[][..]),
        };
        let mut rest = before.iter().skip(1);
        let mut package = None;
        let mut filters = Vec::new();
        while let Some(word) = rest.next() {
            match *word {
                "-p" | "--package" => package = rest.next().copied(),
                "--test" | "--example" | "--features" => drop(rest.next()),
                option if option.starts_with('-') => {}
                filter => filters.push(filter),
            }
        }
        if let Some(package) = package {
            ensure!(
                self.packages.contains(package),
                "there is no package {package}"
            );
        }
        match before.first().copied() {
            Some("lab") => understood(lab::cli::check(words[1..].iter().copied()), is_mention),
            Some("run") if package == Some("book") => {
                understood(book::cli::check(after.iter().copied()), is_mention)
            }
            Some("run") if package.is_some_and(|package| package.starts_with("stage-")) => {
                check_options(package.unwrap_or_default(), after)
            }
            Some("test") => {
                let names = filters.into_iter().chain(after.iter().copied());
                let names = names.filter(|name| !name.starts_with('-'));
                let mut unknown = names.filter(|name| !self.tests.contains(*name));
                let unknown = unknown.next();
                ensure!(unknown.is_none(), "no test has {unknown:?} in its name");
                Ok(())
            }
            Some("run" | "build" | "clippy" | "fmt" | "doc") => Ok(()),
            other => bail!("cargo has no {other:?}"),
        }
    }
}

/// What clap says of a command. To name one, its arguments are not needed.
fn understood(parsed: Result<(), clap::Error>, is_mention: bool) -> anyhow::Result<()> {
    match parsed {
        Err(error) if is_mention && error.kind() == ErrorKind::MissingRequiredArgument => Ok(()),
        Err(error) => bail!("{}", error.to_string().trim()),
        Ok(()) => Ok(()),
    }
}

/// Adds the names of all functions below a folder: those of tests among them.
fn add_functions(folder: &Path, function: &Regex, names: &mut String) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            add_functions(&path, function, names)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            for name in function.captures_iter(&read(&path)?) {
                names.push_str(&name[1]);
                names.push('\n');
            }
        }
    }
    Ok(())
}

/// Whether a program's `--help` names the options that it is given.
fn check_options(name: &str, words: &[&str]) -> anyhow::Result<()> {
    let (help, _) = run_quietly(Command::new(build(name)?).arg("--help"))?;
    for word in words.iter().filter(|word| word.starts_with("--")) {
        ensure!(help.contains(word), "{name} has no option {word}");
    }
    Ok(())
}
