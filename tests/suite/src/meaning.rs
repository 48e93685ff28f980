//! The rule behind each case, in a sentence, and where the course explains it.

mod table;

use std::fmt;

use crate::{Profile, Source, proxy};
use table::{ECHO, MEANINGS};

/// The meaning of a case.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    /// The rule, in a sentence.
    pub rule: &'static str,
    /// The lines that implement it: the first of these for an unknown server, otherwise those of the last stage up to
    /// its own.
    lines: &'static [(u8, Source)],
}

/// Where to read about a server's mistake.
#[derive(Clone, Copy, Debug)]
pub struct Pointer {
    /// The chapter's number.
    pub chapter: u8,
    /// The lines that implement it in the course's servers.
    pub source: Source,
}

impl Pointer {
    /// Returns whether it is about a proxy, whose contract is its chapter.
    pub const fn is_of_the_proxy(&self) -> bool {
        self.chapter == PROXY_PAGE
    }

    /// Returns the name of its page in the book, without an ending.
    pub fn page(&self) -> &'static str {
        match self.chapter {
            PROXY_PAGE => "proxy",
            number => CHAPTERS[usize::from(number).min(CHAPTERS.len() - 1)],
        }
    }

    /// Returns the chapter's name in short: `06`, or `proxy`.
    pub fn name(&self) -> String {
        match self.chapter {
            PROXY_PAGE => "proxy".to_owned(),
            number => format!("{number:02}"),
        }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, and {}", chapter(self.chapter), self.source)
    }
}

/// The number of the page on the proxy, in place of a chapter's.
pub(crate) const PROXY_PAGE: u8 = 9;

/// Returns a chapter's number, and its file.
pub(crate) fn chapter(number: u8) -> String {
    if number == PROXY_PAGE {
        return "the page on the proxy (docs/chapters/proxy.md)".to_owned();
    }
    let name = CHAPTERS[usize::from(number).min(CHAPTERS.len() - 1)];
    format!("chapter {number:02} (docs/chapters/{name}.md)")
}

const CHAPTERS: [&str; 9] = [
    "00-sockets",
    "01-blocking",
    "02-fork-per-conn",
    "03-thread-per-conn",
    "04-select",
    "05-poll",
    "06-epoll-lt",
    "07-epoll-et",
    "08-mmap-io",
];

impl Meaning {
    /// Returns where to read about it when a server of this profile breaks the rule: the chapter of its own stage, if
    /// known, and the line that implements it in such a stage.
    pub fn pointer(self, profile: &Profile) -> Pointer {
        let own = profile.chapter;
        let suitable = self.lines.iter().filter(|(stage, _)| *stage <= own);
        let best = suitable.max_by_key(|(stage, _)| *stage);
        let (stage, source) = best.or(self.lines.first()).copied().unwrap_or((1, ECHO));
        let chapter = if own == 0 { stage } else { own };
        Pointer { chapter, source }
    }
}

pub(crate) const fn at(file: &'static str, text: &'static str) -> Source {
    Source { file, text }
}

pub(crate) const fn meaning(rule: &'static str, lines: &'static [(u8, Source)]) -> Meaning {
    Meaning { rule, lines }
}

/// Returns the meaning of the case `name`.
pub fn meaning_of(name: &str) -> Option<Meaning> {
    let mut all = MEANINGS.iter().chain(proxy::MEANINGS);
    let found = all.find(|(case, _)| *case == name);
    found.map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{ANY, STAGES};
    use crate::{Case, cases, lessons, workspace};

    /// Returns every case with the stages that it judges.
    fn all() -> Vec<(Case, std::ops::RangeInclusive<u8>)> {
        let lists = [
            (cases::ECHO, 1..=8),
            (cases::COMMAND_LINE, 1..=8),
            (cases::EVENT_LOOP, 4..=8),
            (cases::DRAIN, 5..=8),
            (cases::IDLE, 5..=8),
            (lessons::STAGE_02, 2..=2),
            (lessons::STAGE_03, 3..=3),
            (lessons::STAGE_04, 4..=4),
            (lessons::STAGE_05, 5..=5),
            (lessons::STAGE_06, 6..=6),
            (lessons::STAGE_07, 7..=7),
        ];
        let each = |(list, stages): (&[Case], std::ops::RangeInclusive<u8>)| {
            list.iter()
                .map(|case| (*case, stages.clone()))
                .collect::<Vec<_>>()
        };
        lists.into_iter().flat_map(each).collect()
    }

    #[test]
    fn every_case_has_a_sentence_and_lines_that_are_there() {
        for ((name, _), _) in all() {
            let meaning = meaning_of(name).unwrap_or_else(|| panic!("{name} is not explained"));
            assert!(
                meaning.rule.ends_with(['.', ')']),
                "{name}: {}",
                meaning.rule
            );
            for (_, source) in meaning.lines {
                assert!(source.line().is_some(), "{name}: no such line: {source:?}");
            }
        }
    }

    /// A stage's failure points to its own chapter, and to no line of a stage that comes later.
    #[test]
    fn a_failure_points_to_a_chapter_that_suits_the_server() {
        for ((name, _), stages) in all() {
            let meaning = meaning_of(name).unwrap_or_else(|| panic!("{name} is not explained"));
            for stage in stages {
                let pointer = meaning.pointer(&STAGES[usize::from(stage) - 1]);
                assert_eq!(pointer.chapter, stage, "{name}");
                let owner = pointer.source.file[..2].parse();
                assert!(
                    owner.is_ok_and(|owner: u8| owner <= stage),
                    "{name} of stage {stage}: {pointer}"
                );
            }
            let unknown = meaning.pointer(&ANY);
            assert!(
                unknown
                    .source
                    .file
                    .starts_with(CHAPTERS[usize::from(unknown.chapter)]),
                "{unknown}"
            );
        }
        let threads = Profile { chapter: 3, ..ANY };
        let resets = meaning_of("e07_resets").map(|meaning| meaning.pointer(&threads).to_string());
        assert!(resets.is_some_and(|pointer| {
            pointer.starts_with("chapter 03 (docs/chapters/03-thread-per-conn.md), and 03-thread")
        }));
    }

    #[test]
    fn every_chapter_is_there() {
        for name in CHAPTERS {
            let file = format!("docs/chapters/{name}.md");
            assert!(workspace().join(&file).is_file(), "no {file}");
        }
    }
}
