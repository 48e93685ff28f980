//! A course of one stage, which is built in a moment.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use anyhow::ensure;
use practice::course::Course;
use practice::talk::Talk;

/// The file that its tasks are about.
pub(crate) const FILE: &str = "01-blocking/src/lib.rs";

/// What is in it.
pub(crate) const TEXT: &str = "//! A stage.\n\n/// Returns the answer.\npub fn answer() -> u32 {\n    42\n}\n\n/// Returns it twice.\npub fn twice() -> u32 {\n    84\n}\n";

/// A checkout of it, which is removed in the end.
pub(crate) struct Small {
    pub(crate) course: Course,
}

/// What a command did.
pub(crate) struct Said {
    /// Whether all was as it should be, or the error.
    pub(crate) verdict: anyhow::Result<bool>,
    /// What it said.
    pub(crate) text: String,
    /// The commands that it named in the end.
    pub(crate) next: Vec<String>,
}

impl Small {
    pub(crate) fn new() -> anyhow::Result<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let folder = std::env::temp_dir().join(format!("practice-small-{process}-{number}"));
        let mut course = Course::at(&folder);
        course.target = Some(folder.join("target"));
        let task = |function: &str, case: &str| {
            format!(
                "# The {function}\n\nMinutes: 5\nFile: {FILE}\nFunction: {function}\nJudged by: {case}\n\n## Build\n\nIt.\n\n\
                 ## Hint 1\n\nOne.\n\n## Hint 2\n\nTwo.\n\n## Hint 3\n\nThree.\n\n## Compare\n\nThe same.\n"
            )
        };
        let manifest = "[package]\nname = \"stage-01\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
        let cases = "#[test]\nfn answer() {\n    while std::path::Path::new(\"wait\").exists() {\n        std::fs::write(\"waits\", \"\").unwrap();\n    }\n    assert_eq!(stage_01::answer(), 42, \"the answer\");\n}\n\n\
             #[test]\nfn twice() {\n    assert_eq!(stage_01::twice(), 84);\n}\n";
        let files = [
            (
                "Cargo.toml",
                "[workspace]\nresolver = \"3\"\nmembers = [\"01-blocking\"]\n",
            ),
            ("01-blocking/Cargo.toml", manifest),
            ("01-blocking/src/main.rs", "fn main() {}\n"),
            (FILE, TEXT),
            ("01-blocking/tests/echo.rs", cases),
            ("tests/suite/nothing", ""),
            (
                "tests/practice/tasks/01.1-answer.md",
                &task("answer", "answer"),
            ),
            (
                "tests/practice/tasks/01.2-twice.md",
                &task("twice", "twice"),
            ),
            (".gitignore", "target\n"),
        ];
        for (file, text) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            fs::write(path, text)?;
        }
        Ok(Self { course })
    }

    /// Makes it a repository with all in it.
    pub(crate) fn commit(&self) -> anyhow::Result<()> {
        self.git("init --quiet")?;
        self.git("add .")?;
        self.git("-c user.name=x -c user.email=x@x commit --quiet -m all")
    }

    pub(crate) fn git(&self, words: &str) -> anyhow::Result<()> {
        let mut git = Command::new("git");
        git.current_dir(&self.course.workspace)
            .args(words.split(' '));
        ensure!(git.stdin(Stdio::null()).status()?.success(), "git {words}");
        Ok(())
    }

    /// Gives a command, and checks what is true of each: it names the next one, and fits into 80 columns.
    pub(crate) fn run(
        &self,
        command: impl FnOnce(&Course, &mut Talk) -> anyhow::Result<bool>,
    ) -> Said {
        let mut text = String::new();
        let mut line = |_, said: &str| {
            assert!(said.chars().count() <= 80, "more than 80 columns: {said}");
            text += said;
            text.push('\n');
        };
        let mut talk = Talk::new(&mut line);
        let verdict = command(&self.course, &mut talk);
        let facts = talk.facts();
        let next = facts["next"].as_array().into_iter().flatten();
        let next: Vec<String> = next
            .filter_map(|next| next.as_str().map(str::to_owned))
            .collect();
        assert!(
            verdict.is_err() || !next.is_empty(),
            "no next command: {text}"
        );
        Said {
            verdict,
            text,
            next,
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.course.path(FILE)
    }

    pub(crate) fn text(&self) -> anyhow::Result<String> {
        self.course.read(FILE)
    }

    pub(crate) fn write(&self, text: &str) -> anyhow::Result<()> {
        Ok(fs::write(self.path(), text)?)
    }

    /// Returns whether `text` is kept somewhere.
    pub(crate) fn keeps(&self, text: &str) -> bool {
        let folders = fs::read_dir(self.course.store.path("kept"))
            .into_iter()
            .flatten()
            .flatten();
        let mut files =
            folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
        files.any(|file| fs::read_to_string(file.path()).is_ok_and(|kept| kept == text))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.course.workspace);
    }
}
