//! The scenarios of the kernel in the page: what the chapters show step by step, and the twin run compares with the kernel.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;

use crate::{chapters, read};

/// A scenario: a file of `chapters/scenarios`.
#[derive(Debug)]
pub struct Scenario {
    /// The file's name, without its end.
    pub name: String,
    /// Its heading.
    pub title: String,
    /// What is said about it.
    pub about: String,
    /// Its steps in order.
    pub steps: Vec<Step>,
}

/// A step, and what it returns.
#[derive(Debug)]
pub struct Step {
    /// The call, in the words of `theme/kernel/scenario.js`.
    pub source: String,
    /// What the call returned, and after it what has returned to those that slept.
    pub result: String,
}

/// Returns the folder of the scenarios.
pub fn folder() -> PathBuf {
    chapters().join("scenarios")
}

/// Returns all scenarios, in alphabetic order.
///
/// # Errors
///
/// Returns what is wrong with a file, and the errors of the file system.
pub fn all() -> anyhow::Result<Vec<Scenario>> {
    let mut scenarios = Vec::new();
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        scenarios.push(Scenario::read(&name)?);
    }
    scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(scenarios)
}

impl Scenario {
    /// Reads the scenario of this name.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the file, and the errors of the file system.
    pub fn read(name: &str) -> anyhow::Result<Self> {
        let text = read(&folder().join(format!("{name}.txt")))?;
        Self::parse(name, &text).with_context(|| format!("the scenario {name}"))
    }

    fn parse(name: &str, text: &str) -> anyhow::Result<Self> {
        // A comment is for a reader of the file only.
        let lines = || text.lines().filter(|line| !line.starts_with("##"));
        let said = lines().filter_map(|line| line.strip_prefix('#'));
        let mut said = said.map(str::trim);
        let title = said.next().context("there is no title")?.to_owned();
        let steps = lines().filter(|line| !line.starts_with('#'));
        let steps = steps.filter(|line| !line.trim().is_empty()).map(|line| {
            let step = line.split_once(" => ");
            let (source, result) = step.with_context(|| format!("{line}: no result"))?;
            Ok(Step {
                source: source.trim().to_owned(),
                result: result.trim().to_owned(),
            })
        });
        Ok(Self {
            name: name.to_owned(),
            title,
            about: said.collect::<Vec<_>>().join(" "),
            steps: steps.collect::<anyhow::Result<_>>()?,
        })
    }
}
