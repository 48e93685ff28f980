//! What the text shows of its sources: a comment that names one, and below it a fence (or, for a
//! list, all up to `<!-- end -->`) that a program fills in.
//!
//! | comment | what stands below it |
//! |---|---|
//! | `<!-- code: FILE "anchor" -->` | what begins on the line with that text: see [`Place`] |
//! | `<!-- diff: FILE FILE "anchor" -->` | the same of two files, and how they differ |
//! | `<!-- patch: FILE -->` | a fault of the zoo: what it changes |
//! | `<!-- red: FILE -->` | which cases it turns red |
//! | `<!-- output: cargo lab … § heading -->` | what a command prints; of that, the sections that are named |
//! | `<!-- session: stage-06 -->` | commands, and what they print next to that server |
//! | `<!-- claims: 06 -->` | the statements that a chapter decides |
//! | `<!-- notes: 06-epoll-lt -->` | the [notes](note) of a chapter, by sections |
//! | `<!-- practice: 06 -->` | the tasks and the hunts of a stage, and how long they take |
//! | `<!-- measured: cargo lab … -->` | what a command printed on one machine on one day; not compared |

mod claims;
mod code;
mod notes;
mod output;
mod patch;
mod practice;
mod session;

use std::ops::Range;

use anyhow::{Context, bail};

pub use code::{Piece, Place};
pub use notes::note;
pub use output::Output;
pub use patch::Patch;
pub use session::Session;

/// A block of a chapter.
#[derive(Debug)]
pub struct Block {
    /// The line of its comment, from 1.
    pub line: usize,
    /// Its comment, without the arrows.
    pub comment: String,
    /// What it shows.
    pub kind: Kind,
    /// Where the comment stands, in bytes.
    pub head: Range<usize>,
    /// Where what it shows stands, in bytes: whole lines.
    pub body: Range<usize>,
}

/// What a block shows.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A piece of code.
    Code(Place),
    /// How a piece of code in the second file differs from that in the first.
    Diff(Place, Place),
    /// What a fault changes.
    Patch(Patch),
    /// Which cases a fault turns red.
    Red(Patch),
    /// What a command prints.
    Output(Output),
    /// What commands print next to a server.
    Session(Session),
    /// The statements that a chapter decides.
    Claims(u8),
    /// The notes of a chapter.
    Notes(String),
    /// The tasks and the hunts of a stage.
    Practice(u8),
    /// What a command printed on one machine on one day.
    Measured(String),
}

impl Kind {
    fn parse(comment: &str) -> anyhow::Result<Option<Self>> {
        let Some((name, rest)) = comment.split_once(": ") else {
            return Ok(None);
        };
        Ok(Some(match name {
            "code" => Self::Code(rest.parse()?),
            "diff" => {
                let (before, rest) = rest.split_once(' ').context("a diff has two files")?;
                let after: Place = rest.parse()?;
                Self::Diff(after.in_file(before), after)
            }
            "patch" => Self::Patch(Patch::new(rest)),
            "red" => Self::Red(Patch::new(rest)),
            "output" => Self::Output(Output::parse(rest)?),
            "session" => Self::Session(rest.parse()?),
            "claims" => Self::Claims(rest.parse().context("claims of which chapter?")?),
            "notes" => Self::Notes(rest.to_owned()),
            "practice" => Self::Practice(rest.parse().context("the practice of which stage?")?),
            "measured" => Self::Measured(rest.to_owned()),
            _ => return Ok(None),
        }))
    }

    /// What should stand in the block now; nothing if that is not for a program to say.
    ///
    /// # Errors
    ///
    /// If the source is not there, or a command cannot be run.
    pub fn fresh(&self, written: &str) -> anyhow::Result<Option<String>> {
        let text = match self {
            Self::Code(place) => place.find()?.text,
            Self::Diff(before, after) => code::difference(before, after)?,
            Self::Patch(patch) => patch.change()?,
            Self::Red(patch) => patch.red()?,
            Self::Output(output) => output.run()?,
            Self::Session(session) => session.run(written)?,
            Self::Claims(chapter) => claims::list(*chapter),
            Self::Notes(chapter) => notes::list(chapter)?,
            Self::Practice(stage) => practice::table(*stage)?,
            Self::Measured(_) => return Ok(None),
        };
        Ok(Some(text))
    }

    /// Returns what a test compares with what is written. The cells of a matrix are those that the lab expects: whether
    /// the stages are like that is measured by the lab's own tests, and need not be measured twice.
    #[must_use]
    pub fn for_a_test(self) -> Self {
        match self {
            Self::Output(output) => Self::Output(output.for_a_test()),
            other => other,
        }
    }

    /// Whether what is written says the same as what was found now.
    pub fn agree(&self, written: &str, fresh: &str) -> bool {
        match self {
            Self::Output(_) => output::agree(written, fresh),
            _ => written == fresh,
        }
    }

    const fn ends_with_a_comment(&self) -> bool {
        matches!(self, Self::Claims(_) | Self::Notes(_) | Self::Practice(_))
    }
}

/// The blocks of a chapter, in order.
///
/// # Errors
///
/// A comment that cannot be understood, or that has no fence below it.
pub fn parse(text: &str) -> anyhow::Result<Vec<Block>> {
    let lines = lines(text);
    let mut blocks = Vec::new();
    let mut fence = None;
    for (number, (range, line)) in lines.iter().enumerate() {
        // What stands in a fence is nobody's comment.
        if let Some(mark) = fence_of(line) {
            fence = match fence {
                Some(open) if open == mark => None,
                Some(open) => Some(open),
                None => Some(mark),
            };
        }
        let inside = line
            .strip_prefix("<!-- ")
            .and_then(|l| l.strip_suffix(" -->"));
        let (None, Some(comment)) = (fence, inside) else {
            continue;
        };
        let place = || format!("line {}: {comment}", number + 1);
        let Some(kind) = Kind::parse(comment).with_context(place)? else {
            continue;
        };
        let body = body(&lines[number + 1..], kind.ends_with_a_comment()).with_context(place)?;
        blocks.push(Block {
            line: number + 1,
            comment: comment.to_owned(),
            kind,
            head: range.clone(),
            body,
        });
    }
    Ok(blocks)
}

type Line<'a> = (Range<usize>, &'a str);

/// The lines of a text without their ends, and where they begin and end with them.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let range = start..start + line.len();
        start = range.end;
        (range, line.trim_end_matches('\n'))
    });
    lines.collect()
}

/// The backticks of a line that opens or closes a fence.
fn fence_of(line: &str) -> Option<usize> {
    let ticks = line.len() - line.trim_start_matches('`').len();
    (ticks >= 3).then_some(ticks)
}

fn body(below: &[Line<'_>], until_comment: bool) -> anyhow::Result<Range<usize>> {
    let mut below = below.iter();
    if until_comment {
        let start = below.as_slice().first().map(|(range, _)| range.start);
        let end = below.find(|(_, line)| *line == "<!-- end -->");
        let end = end.context("there is no <!-- end --> below it")?.0.start;
        return Ok(start.unwrap_or(end)..end);
    }
    let (range, line) = below.next().context("there is nothing below it")?;
    let Some(mark) = fence_of(line) else {
        bail!("there is no fence below it");
    };
    let close = below.find(|(_, line)| fence_of(line) == Some(mark));
    let close = close.context("its fence is not closed")?;
    Ok(range.end..close.0.start)
}
