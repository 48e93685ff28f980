//! The mail that a teacher sends a week ahead.

use serde::Serialize;
use textwrap::{Options, WordSplitter};

use super::programs::packages;
use crate::show::{Document, Shown, Tone};

/// A mail, in lines that each mail program leaves as they are: at most 72 columns, and no letters but those of ASCII.
#[derive(Debug, Serialize)]
pub(super) struct Mail {
    text: String,
}

impl Mail {
    /// Writes the mail, with the packages of the programs that the chapters use.
    pub(super) fn new() -> Self {
        let packages = format!("build-essential {}", packages());
        let whole_names = Options::new(62).word_splitter(WordSplitter::NoHyphenation);
        let packages = textwrap::fill(&packages, whole_names).replace('\n', " \\\n        ");
        let text = format!(
            "\
Subject: Before the course: half an hour with your computer

Please do this in the days before. It needs a network and 10 GB of disk.

1. Have Linux 5.11 or later, on x86-64 or ARM64. On Windows take WSL 2,
   on a Mac a virtual machine (Lima, UTM).
2. Install this (Debian, Ubuntu, WSL; elsewhere the same programs, and
   the nc of OpenBSD), and Rust 1.88 or later from https://rustup.rs:

    sudo apt install \\
        {packages}

3. Clone the course from ADDRESS into your home folder in Linux, not
   into one that Linux shares with Windows or macOS. Go there, and type:

    cargo test --workspace --no-run
    cargo lab tour
    cargo lab doctor

   The first builds for some minutes, the second shows where we go.
4. Answer with what the third prints. It says what will not work on
   your machine, and what to do. If a command fails: its last ten lines.
"
        );
        Self { text }
    }
}

impl Shown for Mail {
    const KIND: &'static str = "mail";

    fn document(&self) -> Document {
        Document::paragraph(Tone::Plain, self.text.as_str())
    }
}
