//! The zoo is whole: every patch applies, names cases that are there, and no case is without a fault.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use suite::{cases, lessons, proxy, workspace};
use zoo::{faults, package_folder};

#[test]
fn every_patch_applies() -> anyhow::Result<()> {
    for fault in faults(&[])? {
        let mut git = Command::new("git");
        git.current_dir(workspace()).args(["apply", "--check"]);
        let output = git.arg(&fault.path).output().context("cannot run git")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {complaint}", fault.name);
    }
    Ok(())
}

#[test]
fn every_case_that_is_named_is_there() -> anyhow::Result<()> {
    for fault in faults(&[])? {
        let known = tests_in(&test_file(&fault.package, &fault.test)?)?;
        ensure!(!fault.red.is_empty(), "{} turns nothing red", fault.name);
        for case in fault.red.union(&fault.may_be_red) {
            ensure!(known.contains(case), "{}: there is no {case}", fault.name);
        }
    }
    Ok(())
}

#[test]
fn every_case_has_a_fault() -> anyhow::Result<()> {
    let mut cases = cases_of_the_suite();
    for number in 1..=8 {
        for entry in fs::read_dir(tests_of(&format!("stage-0{number}"))?)? {
            cases.extend(tests_in(&entry?.path())?);
        }
    }
    let named: BTreeSet<String> = faults(&[])?
        .into_iter()
        .flat_map(|fault| fault.red)
        .collect();
    let without: Vec<_> = cases.difference(&named).collect();
    ensure!(without.is_empty(), "no fault turns these red: {without:?}");
    Ok(())
}

/// A program that a test starts without asking the suite would be the course's, and not the one with the fault.
#[test]
fn tests_start_what_they_are_told_to() -> anyhow::Result<()> {
    const ASK: [&str; 5] = [
        "suite::program",
        "programs::program",
        "Subject::stage",
        "Subject::beyond",
        "suite::scratch",
    ];
    let mut packages: Vec<String> = (1..=8).map(|number| format!("stage-0{number}")).collect();
    packages.push("beyond".to_owned());
    let (mut files, mut found) = (Vec::new(), 0);
    for package in packages {
        rust_files(&tests_of(&package)?, &mut files)?;
    }
    // It judges command lines, and none of them is in the zoo.
    files.retain(|file| !file.ends_with("command_line.rs"));
    for file in files {
        let text = fs::read_to_string(&file)?;
        for built in ["env!(\"CARGO_BIN_EXE_", "env!(\"CARGO_TARGET_TMPDIR"] {
            for (at, _) in text.match_indices(built) {
                let call = text[..at].rsplit_once('(').map_or("", |(call, _)| call);
                let asks = ASK.iter().any(|ask| call.ends_with(ask));
                ensure!(asks, "{}: {built} is not asked for", file.display());
                found += 1;
            }
        }
    }
    ensure!(found > 8, "only {found} programs were found");
    Ok(())
}

/// Finds the Rust files of a folder, and of those in it.
fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// Returns the names of all cases of the suite.
fn cases_of_the_suite() -> BTreeSet<String> {
    let lists = [
        cases::ECHO,
        cases::EVENT_LOOP,
        cases::DRAIN,
        cases::IDLE,
        cases::COMMAND_LINE,
        lessons::STAGE_02,
        lessons::STAGE_03,
        lessons::STAGE_04,
        lessons::STAGE_05,
        lessons::STAGE_06,
        lessons::STAGE_07,
        proxy::PROXY,
    ];
    let all = lists.into_iter().flatten();
    all.map(|(name, _)| (*name).to_owned()).collect()
}

/// Returns the file, or the folder, of a package's test.
fn test_file(package: &str, test: &str) -> anyhow::Result<PathBuf> {
    let folder = tests_of(package)?.join(test);
    let file = folder.with_extension("rs");
    Ok(if file.exists() { file } else { folder })
}

/// Returns the folder of the tests of a package.
fn tests_of(package: &str) -> anyhow::Result<PathBuf> {
    Ok(package_folder(workspace(), package)?.join("tests"))
}

/// Returns the names of the tests in a file, or in all files of a folder, with the names of their modules; those of the
/// suite, too, if it is the suite that judges there.
fn tests_in(path: &Path) -> anyhow::Result<BTreeSet<String>> {
    if path.is_file() {
        let text = fs::read_to_string(path)?;
        let is_of_the_suite = text.contains("suite::judge!");
        let mut tests: BTreeSet<String> = names(&text).collect();
        if is_of_the_suite {
            tests.extend(cases_of_the_suite());
        }
        return Ok(tests);
    }
    let mut tests = BTreeSet::new();
    let files = fs::read_dir(path).with_context(|| path.display().to_string())?;
    for entry in files {
        let file = entry?.path();
        let module = file.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(&file)?;
        tests.extend(names(&text).map(|name| match &*module {
            "main" => name,
            module => format!("{module}::{name}"),
        }));
    }
    Ok(tests)
}

/// Returns the names of the tests in a text, but for those that others run.
fn names(text: &str) -> impl Iterator<Item = String> {
    let tests = text.split("#[test]").skip(1);
    let tests = tests.filter(|test| !test.trim_start().starts_with("#[ignore"));
    tests.filter_map(|test| {
        let name = test.split("fn ").nth(1)?.split('(').next()?;
        Some(name.to_owned())
    })
}

/// The reader of names finds what the harness runs, also below a doc comment and in a macro.
#[test]
fn names_are_those_of_tests() {
    let text = "#[test]\nfn one() {}\nfn none() {}\n    #[test]\n    fn two(x in 0..3) {}\n#[test]\n#[ignore = \"slow\"]\nfn three() {}";
    assert_eq!(names(text).collect::<Vec<_>>(), ["one", "two"]);
}
