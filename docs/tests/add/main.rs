//! "How to add" in the chapter on the architecture lists the files that a case, an experiment, a statement and a fault need:
//! no more and no fewer, as one of each shows, which is added to a copy of the workspace from a template, and runs there.

mod template;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use book::{chapters, read};
use regex::Regex;
use zoo::{Cases, Fault, Workbench};

use template::{CASE, Change, TEMPLATES, Template};

/// Returns the files that the chapter lists for a kind of things, each a pattern.
fn listed(kind: &str) -> anyhow::Result<Vec<String>> {
    let chapter = read(&chapters().join("architecture.md"))?;
    let start = format!("| {kind} |");
    let mut rows = chapter.lines().filter_map(|line| line.strip_prefix(&start));
    let row = rows.next().with_context(|| format!("no row of {kind}"))?;
    let files = row.split('`').skip(1).step_by(2);
    Ok(files.map(str::to_owned).collect())
}

/// Returns whether a pattern, whose `*` stands for a name, is that of a file.
fn is_pattern_of(pattern: &str, file: &str) -> anyhow::Result<bool> {
    let pattern = regex::escape(pattern).replace(r"\*", "[^/]+");
    Ok(Regex::new(&format!("^{pattern}$"))?.is_match(file))
}

#[test]
fn the_chapter_lists_the_files_that_each_needs() -> anyhow::Result<()> {
    for Template {
        kind,
        most,
        changes,
    } in TEMPLATES
    {
        let listed = listed(kind)?;
        let mut files: Vec<&str> = changes.iter().map(|change| change.file).collect();
        files.dedup();
        ensure!(files.len() <= most, "{kind} needs {files:?}");
        ensure!(
            listed.len() == files.len(),
            "{kind}: {listed:?}, and {files:?}"
        );
        for (pattern, file) in listed.iter().zip(files) {
            let is_listed = is_pattern_of(pattern, file)?;
            ensure!(is_listed, "{kind}: {file} is not {pattern}");
        }
    }
    Ok(())
}

#[test]
#[ignore = "builds a copy of the workspace: minutes"]
fn one_of_each_is_added_and_runs() -> anyhow::Result<()> {
    let mut workbench = Workbench::new(9)?;
    for change in TEMPLATES.iter().flat_map(|template| template.changes) {
        make(workbench.folder(), change).with_context(|| change.file)?;
    }
    is_whole(&workbench)?;
    let run = |words: &[&str]| printed(Command::new(workbench.program("lab")).args(words));
    let lesson = run(&["lesson", "05", "--yes"])?;
    for seen in ["A template: one client", "its sockets with one client"] {
        ensure!(lesson.contains(seen), "{lesson}");
    }
    let statement = run(&["claims", "C44"])?;
    ensure!(statement.contains("A template needs two"), "{statement}");
    let fault = Fault::read(&workbench.folder().join("tests/zoo/01-template.patch"))?;
    let case = BTreeSet::from([CASE.to_owned()]);
    let made = workbench.make(&fault, Cases::Named)?;
    let red = made.run_cases(&case, suite::DEADLINE)?;
    ensure!(red == case, "{CASE} does not notice its fault");
    Ok(())
}

/// Checks that all that looks for something left out finds nothing, and that every stage passes the case.
fn is_whole(workbench: &Workbench) -> anyhow::Result<()> {
    const STAGES: usize = 8;
    // The checkout's tests, of which this is one, need what the copy's need.
    let (workspace, target) = (suite::workspace(), workbench.program("lab"));
    let target = target.ancestors().nth(2).context("no target folder")?;
    practice::dependencies::take_over(workspace, &workspace.join("target"), target)?;
    let mut tests = workbench.cargo();
    tests.args(["test", "--workspace", "--no-fail-fast", "--lib"]);
    tests.args(["--test", "echo", "--test", "main", "--test", "patches"]);
    tests.args(["--", CASE, "every_case", "every_patch", "each_statement"]);
    tests.args(["no_statement", "lessons_are_complete", "code_differences"]);
    tests.args(["numbers_are_given", "the_chapter_lists"]);
    let ran = printed(&mut tests)?;
    let passed = ran.matches(&format!("test {CASE} ... ok\n")).count();
    ensure!(passed == STAGES, "{passed} stages pass {CASE}");
    for test in [
        "every_case_has_a_sentence_and_lines_that_are_there",
        "every_case_has_a_fault",
        "each_statement_is_argued_in_its_chapter",
        "lessons_are_complete",
        "code_differences_faults_and_statements",
    ] {
        ensure!(ran.contains(&format!("{test} ... ok\n")), "no {test}");
    }
    Ok(())
}

/// Makes a change in the copy in `folder`.
fn make(folder: &Path, change: &Change) -> anyhow::Result<()> {
    let path = folder.join(change.file);
    let Some(below) = change.below else {
        return Ok(fs::write(path, change.text)?);
    };
    let text = read(&path)?;
    let is_it = |line: &&str| line.starts_with(below);
    let line = text.split_inclusive('\n').find(is_it);
    let line = line.with_context(|| format!("no line begins with {below:?}"))?;
    let line = if change.text.ends_with('\n') {
        line
    } else {
        below
    };
    let with = [line, change.text].concat();
    Ok(fs::write(path, text.replacen(line, &with, 1))?)
}

/// Runs a command to its end, which has to be a success. Returns what it printed.
fn printed(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}:\n{text}\n{complaint}");
    Ok(text.into_owned())
}
