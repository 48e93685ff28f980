//! Every command in the text, and in the README, is one that there is. (Those of the sessions are run: see `blocks.rs`.)

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use book::{chapters, markdown_files, program, read, run_quietly, workspace};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use regex::Regex;

/// A command, and where it stands.
struct Found {
    command: String,
    path: PathBuf,
}

/// The lines of all `sh` fences, and what begins with `cargo ` between backticks.
fn commands() -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut paths = markdown_files()?;
    paths.push(workspace().join("README.md"));
    for path in paths {
        let text = read(&path)?;
        let mut in_shell = false;
        for event in Parser::new(&text) {
            let lines = match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    in_shell = &*language == "sh";
                    continue;
                }
                Event::End(TagEnd::CodeBlock) => {
                    in_shell = false;
                    continue;
                }
                Event::Text(lines) if in_shell => lines,
                Event::Code(code) if code.starts_with("cargo ") => code,
                _ => continue,
            };
            let lines = lines.lines().map(str::trim);
            let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            found.extend(lines.map(|line| Found {
                command: line.to_owned(),
                path: path.clone(),
            }));
        }
    }
    ensure!(found.len() > 50, "only {} commands", found.len());
    Ok(found)
}

#[test]
fn each_can_be_run() -> anyhow::Result<()> {
    let known = Known::gather()?;
    let mut complaints = Vec::new();
    for Found { command, path } in commands()? {
        for part in parts(&command) {
            if let Err(error) = known.check(&part) {
                complaints.push(format!("{}: `{command}`: {error:#}", path.display()));
            }
        }
    }
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

/// The programs that a line runs, each with its words; what stands in quotes is one word.
fn parts(line: &str) -> Vec<Vec<String>> {
    let mut parts = vec![Vec::new()];
    let mut word = String::new();
    let mut quote = None;
    for character in line
        .split(" #")
        .next()
        .unwrap_or_default()
        .chars()
        .chain([' '])
    {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, ' ' | '|' | ';' | '&') => {
                if !word.is_empty() {
                    let part = parts.last_mut();
                    part.into_iter()
                        .for_each(|part| part.push(std::mem::take(&mut word)));
                }
                if character != ' ' {
                    parts.push(Vec::new());
                }
            }
            _ => word.push(character),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// What there is to be run.
struct Known {
    /// Packages of the workspace.
    packages: BTreeSet<String>,
    /// Programs that the first chapter names.
    programs: BTreeSet<String>,
    /// The names of all tests.
    tests: String,
}

impl Known {
    fn gather() -> anyhow::Result<Self> {
        let manifest = read(&workspace().join("Cargo.toml"))?;
        let members = manifest.split("members = [").nth(1).unwrap_or_default();
        let members = members.split(']').next().unwrap_or_default();
        let mut packages = BTreeSet::new();
        let mut tests = String::new();
        for member in members.split('"').skip(1).step_by(2) {
            let folder = workspace().join(member);
            let package = read(&folder.join("Cargo.toml"))?;
            let name = package
                .lines()
                .find_map(|line| line.strip_prefix("name = \""));
            let name = name.with_context(|| format!("{member} has no name"))?;
            packages.insert(name.trim_end_matches('"').to_owned());
            add_functions(&folder, &mut tests)?;
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

    fn check(&self, words: &[String]) -> anyhow::Result<()> {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["cargo", ref rest @ ..] => self.check_cargo(rest),
            // What these run is a command of its own.
            ["prlimit" | "timeout" | "taskset" | "strace", .., _] if words.contains(&"cargo") => {
                let start = words.iter().position(|word| *word == "cargo").unwrap_or(0);
                self.check_cargo(&words[start + 1..])
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

    fn check_cargo(&self, words: &[&str]) -> anyhow::Result<()> {
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
            Some("lab") => lab::cli::check(words[1..].iter().copied())
                .map_err(|error| anyhow::anyhow!("{}", error.to_string().trim())),
            Some("run") if package == Some("book") => book::cli::check(after.iter().copied())
                .map_err(|error| anyhow::anyhow!("{}", error.to_string().trim())),
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

/// Adds the names of all functions below a folder: those of tests among them.
fn add_functions(folder: &Path, names: &mut String) -> anyhow::Result<()> {
    let function = Regex::new(r"\bfn (\w+)")?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            add_functions(&path, names)?;
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
    let (help, _) = run_quietly(Command::new(program(name)?).arg("--help"))?;
    for word in words.iter().filter(|word| word.starts_with("--")) {
        ensure!(help.contains(word), "{name} has no option {word}");
    }
    Ok(())
}
