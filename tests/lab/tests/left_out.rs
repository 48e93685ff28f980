//! No test is written and never run, because a manifest leaves it out.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use suite::workspace;

use crate::floors::rust_files;

/// Returns the folder of each package, and its manifest.
fn packages() -> anyhow::Result<Vec<(PathBuf, String)>> {
    let manifest = fs::read_to_string(workspace().join("Cargo.toml"))?;
    let members = manifest.split("members = [").nth(1);
    let members = members.and_then(|rest| rest.split(']').next());
    let folders = members.context("no members")?.split('"').skip(1).step_by(2);
    let package = |folder| {
        let folder = workspace().join(folder);
        let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
        Ok((folder, manifest))
    };
    folders.map(package).collect()
}

/// Returns the parts of a manifest that are called `name`.
fn parts<'a>(manifest: &'a str, name: &str) -> Vec<&'a str> {
    let parts = manifest.split(name).skip(1);
    parts.filter_map(|part| part.split("\n[").next()).collect()
}

/// Returns the files of a library that its `tests/inside.rs` compiles in, with their unit tests.
fn compiled_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let tests = folder.join("tests");
    let program = fs::read_to_string(tests.join("inside.rs")).unwrap_or_default();
    let (mut files, mut place) = (Vec::new(), tests.clone());
    for line in program.lines().map(str::trim) {
        if let Some(path) = line.strip_prefix("#[path = \"") {
            place = tests.join(path.trim_end_matches("\"]"));
        }
        let module = line.strip_prefix("mod ");
        if let Some(name) = module.and_then(|name| name.strip_suffix(';')) {
            files.push(place.join(format!("{name}.rs")).canonicalize()?);
        }
    }
    Ok(files)
}

/// Where a manifest has a library's unit tests left out, a program of tests has them, or there are none; and where it has
/// the code in its comments left out, there is none.
#[test]
fn no_unit_test_is_left_out() -> anyhow::Result<()> {
    let mut left_out = 0;
    for (folder, manifest) in packages()? {
        let library = parts(&manifest, "[lib]").concat();
        let source = folder.join("src");
        let mut files = vec![source.join("lib.rs")];
        rust_files(&source, &mut files)?;
        let compiled_in = compiled_in(&folder)?;
        for (setting, mark) in [
            ("\ntest = false", "#[test]"),
            ("doctest = false", "/// ```"),
        ] {
            if !library.contains(setting) {
                continue;
            }
            left_out += 1;
            for file in &files {
                let is_there = fs::read_to_string(file)?.contains(mark);
                let is_run = mark == "#[test]" && compiled_in.contains(&file.canonicalize()?);
                ensure!(
                    !is_there || is_run,
                    "{}: {mark} is never run",
                    file.display()
                );
            }
        }
    }
    ensure!(left_out > 0, "no manifest leaves anything out");
    Ok(())
}

/// Each file of tests is a program that every test run runs, or a module of `main.rs`, which is one.
#[test]
fn no_file_of_tests_is_left_out() -> anyhow::Result<()> {
    let mut modules = 0;
    for (folder, manifest) in packages()? {
        let folder = folder.join("tests");
        let main = fs::read_to_string(folder.join("main.rs")).unwrap_or_default();
        let named = parts(&manifest, "[[test]]");
        for entry in folder.read_dir().into_iter().flatten() {
            let path = entry?.path();
            let name = path.file_stem().and_then(|name| name.to_str());
            let (Some(name), true) = (name, path.extension() == Some("rs".as_ref())) else {
                continue;
            };
            let quoted = format!("name = \"{name}\"");
            let is_run = match named.iter().find(|part| part.contains(&quoted)) {
                Some(part) => !part.contains("\ntest = false"),
                None => !manifest.contains("autotests = false"),
            };
            let is_module = main.contains(&format!("mod {name};"));
            ensure!(is_run || is_module, "{} is never run", path.display());
            modules += usize::from(is_module);
        }
    }
    ensure!(modules > 0, "no file is a module of main.rs");
    Ok(())
}
