//! A test program, by its sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A test program of a package.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// The package.
    pub(crate) package: String,
    /// Its name in there.
    pub(crate) name: String,
    /// The modules, and their texts.
    modules: BTreeMap<String, String>,
    /// Those that look inside.
    inside: BTreeSet<String>,
}

/// The module that the program begins with.
const MAIN: &str = "main";

impl Test {
    /// Reads the sources of a test in the workspace at `root`.
    ///
    /// # Errors
    ///
    /// Returns the errors of the file system, with the path.
    pub(crate) fn read(root: &Path, package: &str, name: &str) -> anyhow::Result<Self> {
        let tests = package_folder(root, package)?.join("tests");
        let mut modules = BTreeMap::new();
        if tests.join(name).join("main.rs").exists() {
            for entry in fs::read_dir(tests.join(name))? {
                let file = entry?.path();
                let module = file.file_stem().unwrap_or_default().to_string_lossy();
                modules.insert(module.into_owned(), text_of(&file)?);
            }
        } else {
            let main = text_of(&tests.join(name).with_extension("rs"))?;
            for (module, file) in helpers(&main) {
                modules.insert(module.to_owned(), text_of(&tests.join(file))?);
            }
            modules.insert(MAIN.to_owned(), main);
        }
        Ok(Self {
            package: package.to_owned(),
            name: name.to_owned(),
            inside: look_inside(&modules),
            modules,
        })
    }

    /// Reads the sources of all tests of a package in the workspace at `root`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`read`](Self::read).
    pub(crate) fn all(root: &Path, package: &str) -> anyhow::Result<Vec<Self>> {
        let mut tests = Vec::new();
        for entry in fs::read_dir(package_folder(root, package)?.join("tests"))? {
            let path = entry?.path();
            if path.is_file() || path.join("main.rs").exists() {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                tests.push(Self::read(root, package, &name)?);
            }
        }
        Ok(tests)
    }

    /// Returns the names of the programs that it starts.
    pub(crate) fn servers(&self) -> BTreeSet<&str> {
        let is_of_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let named = self.modules.values();
        let named = named.flat_map(|text| text.split("CARGO_BIN_EXE_").skip(1));
        let named = named.map(|rest| rest.split(|c| !is_of_name(c)).next().unwrap_or_default());
        named.collect()
    }

    /// Returns whether a case looks inside: what it calls is a library's code, or it reads a source. All others start a
    /// program, and look at it from outside.
    pub(crate) fn looks_inside(&self, case: &str) -> bool {
        let module = case.rsplit_once("::").map_or(MAIN, |(module, _)| module);
        self.inside.contains(module)
    }

    /// Returns whether no case looks inside.
    pub(crate) fn is_outside(&self) -> bool {
        self.inside.is_empty()
    }
}

/// Returns the modules that a test of a single file shares with others, and their files: `mod.rs` of a folder, unless a line
/// above says otherwise.
fn helpers(main: &str) -> impl Iterator<Item = (&str, String)> {
    let pairs = main.lines().zip(main.lines().skip(1));
    pairs.filter_map(|(above, line)| {
        let module = line.strip_prefix("mod ")?.strip_suffix(';')?;
        let named = above.strip_prefix("#[path = \"");
        let named = named.and_then(|rest| rest.strip_suffix("\"]"));
        let file = named.map_or_else(|| format!("{module}/mod.rs"), str::to_owned);
        Some((module, file))
    })
}

/// Returns the modules that look inside, themselves or by what they use of one another.
fn look_inside(modules: &BTreeMap<String, String>) -> BTreeSet<String> {
    let names_library = |text: &str| {
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let mut stages = words.filter_map(|word| word.strip_prefix("stage_0"));
        let mut others = ["http_rules", "beyond::", "../src/"].into_iter();
        stages.any(|number| number.len() == 1) || others.any(|other| text.contains(other))
    };
    let mut inside = BTreeSet::new();
    loop {
        let uses_one = |text: &str| {
            let mut inside = inside.iter();
            inside.any(|module| text.contains(&format!("{module}::")))
        };
        let all = modules.iter();
        let all = all.filter(|(_, text)| names_library(text) || uses_one(text));
        let all: BTreeSet<String> = all.map(|(name, _)| name.clone()).collect();
        if all.len() == inside.len() {
            return all;
        }
        inside = all;
    }
}

/// Returns the folder of a package in the workspace at `root`: a stage's, or one of its name below `docs`.
///
/// # Errors
///
/// Returns the errors of the file system, and an error if it is in neither.
pub fn package_folder(root: &Path, package: &str) -> anyhow::Result<PathBuf> {
    let beside_the_book = root.join("docs").join(package);
    if beside_the_book.exists() {
        return Ok(beside_the_book);
    }
    let start = package.replace("stage-", "") + "-";
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&start) {
            return Ok(entry.path());
        }
    }
    anyhow::bail!("{package} is in no folder")
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns those of a few modules that look inside.
    fn inside<const N: usize>(modules: [(&str, &str); N]) -> Vec<String> {
        let modules = modules.map(|(name, text)| (name.to_owned(), text.to_owned()));
        look_inside(&modules.into()).into_iter().collect()
    }

    #[test]
    fn who_names_a_library_looks_inside() {
        let outside =
            "suite::judge! { Subject::stage(6, env!(\"CARGO_BIN_EXE_stage-06\")), stage_06_tests }";
        assert!(inside([("main", outside)]).is_empty());
        assert!(inside([("main", "//! see tests/suite/src/profile.rs")]).is_empty());
        for text in [
            "use stage_06::Slab;",
            "extern crate stage_06 as slab;",
            "use {http_rules, std};",
            "beyond::timers::Deadlines::new()",
            "include_str!(\"../src/lib.rs\")",
        ] {
            assert_eq!(inside([("main", text), ("other", "")]), ["main"], "{text}");
        }
    }

    #[test]
    fn who_uses_one_that_looks_inside_does_so() {
        let modules = [
            ("a", "use stage_08::run;"),
            ("b", "use crate::a::get;"),
            ("c", "crate::b::ask()"),
            ("main", "mod a;\nmod b;\nmod c;"),
        ];
        assert_eq!(inside(modules), ["a", "b", "c"]);
    }

    #[test]
    fn helpers_are_found_where_they_are() {
        let main = "#[path = \"programs/loops.rs\"]\nmod loops;\nmod programs;\nmod inner {\n";
        let found: Vec<_> = helpers(main).collect();
        let file = |name: &str| name.to_owned();
        assert_eq!(
            found,
            [
                ("loops", file("programs/loops.rs")),
                ("programs", file("programs/mod.rs"))
            ]
        );
    }
}
