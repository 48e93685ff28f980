//! What the lab prints.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, ensure};
use lab::world::build;
use suite::older_name;

use crate::at_once::at_once;
use crate::workspace;

/// A command of the lab, and the sections that are wanted of what it prints.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its words after `cargo lab`.
    pub arguments: Vec<String>,
    sections: Vec<String>,
}

impl Output {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut parts = text.split(" § ").map(str::trim);
        let command = parts.next().unwrap_or_default();
        let arguments = command.strip_prefix("cargo lab ");
        let arguments = arguments.context("outputs are those of `cargo lab …`")?;
        Ok(Self {
            arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            sections: parts.map(str::to_owned).collect(),
        })
    }

    /// Returns the command that a test runs in place of this one: see [`Kind::for_a_test`](super::Kind::for_a_test).
    pub(super) fn for_a_test(mut self) -> Self {
        if self.arguments.first().is_some_and(|word| word == "matrix") {
            self.arguments.push("--expected".to_owned());
        }
        self
    }

    /// Returns what it prints now.
    pub(super) fn run(&self) -> anyhow::Result<String> {
        self.choose(printed(&self.arguments)?.trim_matches('\n'))
    }

    /// Runs the commands of `all`, a few at the same time. They are not run again when their blocks are compared.
    ///
    /// # Errors
    ///
    /// If one of them cannot be run, or prints nothing.
    pub fn run_all(all: Vec<Self>) -> anyhow::Result<()> {
        let all: BTreeSet<_> = all.into_iter().map(|output| output.arguments).collect();
        // The longest are X-rays, whose names come last: one that began at the end would be waited for alone.
        at_once(all.into_iter().rev().collect(), |arguments| {
            printed(&arguments)
        })
        .map(drop)
    }

    /// The sections that are wanted: each from its heading to the next one.
    fn choose(&self, text: &str) -> anyhow::Result<String> {
        if self.sections.is_empty() {
            return Ok(format!("{text}\n"));
        }
        let all = sections(text);
        let mut chosen = Vec::new();
        for heading in &self.sections {
            let section = all.iter().find(|section| is_headed(section, heading));
            chosen.push(*section.with_context(|| format!("there is no section {heading:?}"))?);
        }
        Ok(format!("{}\n", chosen.join("\n\n")))
    }
}

/// Returns what a command of the lab prints, which is run once for all who ask.
fn printed(arguments: &[String]) -> anyhow::Result<String> {
    static PRINTED: Mutex<BTreeMap<Vec<String>, String>> = Mutex::new(BTreeMap::new());
    let all = || PRINTED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = all().get(arguments) {
        return Ok(text.clone());
    }
    // The profile is that of this program, so that a test run builds one lab.
    let mut lab = Command::new(build("lab")?);
    let output = lab
        .current_dir(workspace())
        .args(arguments)
        .stdin(Stdio::null());
    let output = output.output().context("cannot run the lab")?;
    let (text, complaint) = (String::from_utf8(output.stdout)?, output.stderr);
    // It fails if anything is not as expected, also what the text does not show.
    ensure!(
        output.status.success(),
        "cargo lab {}: {text}{}",
        arguments.join(" "),
        String::from_utf8_lossy(&complaint)
    );
    let text = without_debug_calls(&text);
    all().insert(arguments.to_owned(), text.clone());
    Ok(text)
}

/// Leaves out the line of a call that stages make in a debug build only: whether a descriptor is open, before it is closed.
fn without_debug_calls(text: &str) -> String {
    let is_of_debug = |line: &str| cfg!(debug_assertions) && line.starts_with("  fcntl ");
    let lines = text.split_inclusive('\n');
    lines.filter(|line| !is_of_debug(line)).collect()
}

/// A text in parts, each a paragraph that begins at the margin, and what is indented below it.
fn sections(text: &str) -> Vec<&str> {
    let mut sections = Vec::new();
    let mut start = 0;
    for (end, _) in text.match_indices("\n\n") {
        if text[end + 2..].starts_with([' ', '\n']) {
            continue;
        }
        sections.push(text[start..end].trim_matches('\n'));
        start = end + 2;
    }
    sections.push(text[start..].trim_end());
    sections
}

/// Whether the first lines of a section, broken where the terminal ends, say `heading`. (A title has a line
/// drawn below it.)
fn is_headed(section: &str, heading: &str) -> bool {
    let first = section.split("\n\n").next().unwrap_or_default();
    let first = first.lines().filter(|line| !line.starts_with('─'));
    first
        .flat_map(str::split_whitespace)
        .eq(heading.split_whitespace())
}

/// Whether two outputs say the same: the columns of each line. Below `seen  expected`, where another thing may be seen
/// than the one that is expected (a number between two bounds, a ratio), only what is expected is compared. What is
/// written was printed on x86-64: the calls of another architecture count as the older ones that do the same, and there
/// the bytes of interest are not compared, as a `struct epoll_event` has another size.
pub(super) fn agree(written: &str, fresh: &str) -> bool {
    let is_x86 = cfg!(target_arch = "x86_64");
    comparable(written, is_x86) == comparable(fresh, is_x86)
}

fn comparable(text: &str, is_x86: bool) -> Vec<String> {
    let mut is_judged = false;
    let lines = text.lines().map(|line| {
        let columns = line.split("  ").map(str::trim);
        let columns: Vec<_> = columns.filter(|column| !column.is_empty()).collect();
        if !line.is_empty() && !line.starts_with(' ') {
            is_judged = false;
        }
        match columns[..] {
            ["seen", "expected"] => {
                is_judged = true;
                columns.join("  ")
            }
            [what, seen, expected, mark] if is_judged && seen != expected => {
                format!("{what}  {expected}  {mark}")
            }
            [what, _] if is_judged => what.to_owned(),
            [call, ..] if !is_x86 && older_name(call) != call => {
                [&[older_name(call)], &columns[1..]].concat().join("  ")
            }
            ["bytes of interest in", ..] if !is_x86 => columns[0].to_owned(),
            _ => columns.join("  "),
        }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::{agree, comparable};

    const TABLE: &str =
        "What is done\n\n    seen  expected\n  faults  5  ≤ 100  ✓\n  calls  3  3  ✓\n  KiB  40\n";

    #[test]
    fn what_may_differ_is_what_is_not_expected_to_be_one_thing() {
        assert!(agree(TABLE, &TABLE.replace('5', "17").replace("40", "44")));
        assert!(!agree(TABLE, &TABLE.replace('3', "4")));
        assert!(!agree(TABLE, &TABLE.replace("100", "200")));
        assert!(!agree(TABLE, &TABLE.replace('✓', "✗")));
        let without = TABLE.replace("  seen  expected\n", "");
        assert!(!agree(&without, &without.replace('5', "17")));
    }

    #[test]
    fn another_architecture_has_other_names_and_sizes() {
        let written = "An echo\n\n     06\n  epoll_wait   1\n  poll  2\n  bytes of interest in  12\n  S/E  1\n";
        let there = written.replace("epoll_wait", "epoll_pwait");
        let there = there.replace("poll  2", "ppoll  2").replace("12", "16");
        let agree = |fresh: &str| comparable(written, false) == comparable(fresh, false);
        assert!(agree(&there));
        assert!(!agree(&there.replace("ppoll  2", "ppoll  3")));
        assert!(!agree(&there.replace("epoll_pwait   1\n", "")));
        assert!(!agree(&there.replace("S/E  1", "S/E  2")));
        assert_ne!(comparable(written, true), comparable(&there, true));
    }
}
