//! The lab's floors: what a module imports stands below it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

/// The modules of the lab, from below. Modules of a folder that are named one by one have floors of their own.
const FLOORS: [&str; 27] = [
    "world",
    "course",
    "chapters::ch00_sockets",
    "chapters::ch01_blocking",
    "chapters::ch02_fork",
    "chapters::ch03_thread",
    "chapters::ch04_select",
    "chapters::ch05_poll",
    "chapters::ch06_epoll_lt",
    "chapters::ch07_epoll_et",
    "chapters::ch08_mmap",
    "chapters",
    "show",
    "probes",
    "claims",
    "lesson",
    "tour",
    "check",
    "class",
    "matrix",
    "xray",
    "load",
    "scale",
    "doctor",
    "task",
    "hunt",
    "contents",
];
/// The names that lib.rs passes on, and where they are from.
const PASSED_ON: [(&str, &str); 3] = [
    ("Evidence", "course"),
    ("Expected", "course"),
    ("Lab", "world"),
];

#[test]
fn a_module_imports_only_from_below() -> anyhow::Result<()> {
    let mut files = Vec::new();
    rust_files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    )?;
    let mut upward = Vec::new();
    let mut arrows = 0;
    for file in &files {
        let module = module_of(file)?;
        let own = floor(&module).with_context(|| format!("{module} has no floor"))?;
        for imported in imports(&fs::read_to_string(file)?, &module) {
            let other = floor(&imported);
            let other = other.with_context(|| format!("{module}: {imported} has no floor"))?;
            arrows += 1;
            if other > own {
                upward.push(format!("{module} imports {imported}"));
            }
        }
    }
    ensure!(arrows > files.len(), "only {arrows} arrows were found");
    ensure!(upward.is_empty(), "up instead of down: {upward:#?}");
    Ok(())
}

#[test]
fn the_suite_alone_reads_proc() -> anyhow::Result<()> {
    const PATH: &str = concat!("\"/", "proc");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = [
        "bench/src",
        "bench/tests",
        "lab/src",
        "lab/tests",
        "practice/src",
        "practice/tests",
        "zoo/src",
        "zoo/tests",
        "../docs/src",
    ];
    let mut files = Vec::new();
    for folder in folders {
        rust_files(&tests.join(folder), &mut files)?;
    }
    for file in files {
        let source = fs::read_to_string(&file)?;
        let mut lines = source.lines().map(str::trim_start);
        let path = lines.find(|line| !line.starts_with("//") && line.contains(PATH));
        ensure!(
            path.is_none(),
            "{} reads /proc, which is the suite's to read: {path:?}",
            file.display()
        );
    }
    Ok(())
}

/// Returns the number of the floor that a module, or something in it, is on. The command line is on top.
fn floor(path: &str) -> Option<usize> {
    let first = path.split("::").next()?;
    let passed_on = PASSED_ON.iter().find(|(name, _)| *name == first);
    let path = passed_on.map_or(path, |(_, module)| module);
    let is_in = |floor: &str| {
        let rest = path.strip_prefix(floor);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    match first {
        "cli" | "main" => Some(FLOORS.len()),
        _ => FLOORS.iter().position(|floor| is_in(floor)),
    }
}

/// Returns what a source of `module` names by a path that begins with `crate` or `super`, from the top.
fn imports(source: &str, module: &str) -> Vec<String> {
    let code: Vec<&str> = source.lines().map(without_comment).collect();
    let code = code.join("\n");
    let mut all = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with("in ") {
            continue; // a visibility
        }
        all.extend(names(&code[at + "crate::".len()..], ""));
    }
    for (at, _) in code.match_indices("super::") {
        let before = &code[..at];
        if before.ends_with("::") || before.ends_with("in ") {
            continue; // the second of two, or a visibility
        }
        let mut rest = &code[at..];
        let mut base: Vec<&str> = module.split("::").collect();
        if before.contains("mod tests {") {
            base.push("tests");
        }
        while let Some(further) = rest.strip_prefix("super::") {
            base.pop();
            rest = further;
        }
        all.extend(names(rest, &base.join("::")));
    }
    all.retain(|path| !path.is_empty());
    all
}

/// Returns the paths that begin at the beginning of `text`: one, or those between braces.
fn names(text: &str, base: &str) -> Vec<String> {
    let full = |name: &str| match (base.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => base.to_owned(),
        _ => format!("{base}::{name}"),
    };
    match text.strip_prefix('{') {
        None => {
            let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            vec![full(
                text[..end.unwrap_or(text.len())].trim_end_matches(':'),
            )]
        }
        Some(rest) => {
            let inside = rest.split('}').next().unwrap_or_default();
            let parts = inside
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty());
            parts.filter(|part| *part != "self").map(full).collect()
        }
    }
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Returns the path of the module that a file holds: `xray::page` for xray/page.rs, `xray` for xray/mod.rs.
fn module_of(file: &Path) -> anyhow::Result<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let path = file.strip_prefix(source)?.with_extension("");
    let mut parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.retain(|part| part != "mod");
    Ok(parts.join("::"))
}

/// Finds the Rust files of a folder, lib.rs left out, which only names the modules.
pub(crate) fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("lib.rs")
        {
            files.push(path);
        }
    }
    Ok(())
}
