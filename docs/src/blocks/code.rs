//! Pieces of code, named by what they say.

use std::str::FromStr;

use anyhow::{Context, ensure};
use similar::TextDiff;

use crate::{read, workspace};

/// A piece of a source, named by a text that only its first line contains: `FILE "pub fn run("`. It reaches as
/// far as what begins there, an item, a statement or a block, which in formatted code is to be
/// seen from the indentation. With `FILE "first" … "last"` it reaches to the end of what begins at the
/// next line that contains the second text.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, from the top of the workspace.
    pub file: String,
    first: String,
    last: Option<String>,
}

/// What stands at a place.
#[derive(Debug)]
pub struct Piece {
    /// The number of its first line, from 1.
    pub line: usize,
    /// Its lines, with the indentation of the first taken from all.
    pub text: String,
}

impl FromStr for Place {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (file, anchors) = text.split_once(' ').context("there is no anchor")?;
        let anchors = anchors.strip_prefix('"').and_then(|a| a.strip_suffix('"'));
        let anchors = anchors.context("an anchor stands in double quotes")?;
        let (first, last) = match anchors.split_once("\" … \"") {
            Some((first, last)) => (first, Some(last.to_owned())),
            None => (anchors, None),
        };
        Ok(Self {
            file: file.to_owned(),
            first: first.to_owned(),
            last,
        })
    }
}

impl Place {
    /// The same in another file.
    pub(super) fn in_file(&self, file: &str) -> Self {
        Self {
            file: file.to_owned(),
            ..self.clone()
        }
    }

    /// What stands there.
    ///
    /// # Errors
    ///
    /// If the file is not there; if no line, or more than one, contains the text.
    pub fn find(&self) -> anyhow::Result<Piece> {
        let text = read(&workspace().join(&self.file))?;
        let lines: Vec<_> = text.lines().collect();
        let mut starts = (0..lines.len()).filter(|&line| lines[line].contains(&self.first));
        let start = starts.next();
        let start = start.with_context(|| format!("{} has no {:?}", self.file, self.first))?;
        ensure!(
            starts.next().is_none(),
            "{} has {:?} more than once",
            self.file,
            self.first
        );
        let last = match &self.last {
            None => start,
            Some(last) => {
                let mut rest = start..lines.len();
                let line = rest.find(|&line| lines[line].contains(last));
                line.with_context(|| format!("{} has no {last:?} after that", self.file))?
            }
        };
        Ok(Piece {
            line: start + 1,
            text: dedent(&lines[start..end_of(&lines, last)]),
        })
    }
}

/// The line after the end of what begins on line `start`.
fn end_of(lines: &[&str], start: usize) -> usize {
    let depth = indentation(lines[start]);
    let mut end = start + 1;
    for (number, line) in lines.iter().enumerate().skip(start + 1) {
        if line.trim().is_empty() {
            continue;
        }
        let deeper = indentation(line) > depth;
        // `} else {`, `where` and a brace of its own go on with what began.
        let goes_on = line.trim_start().starts_with(['}', ')', ']', '{'])
            || line.trim_start().starts_with("where");
        if !(deeper || indentation(line) == depth && goes_on) {
            break;
        }
        end = number + 1;
    }
    end
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn dedent(lines: &[&str]) -> String {
    let depth = lines.first().map_or(0, |line| indentation(line));
    let mut text = String::new();
    for line in lines {
        text.push_str(line.get(depth..).unwrap_or_default());
        text.push('\n');
    }
    text
}

/// How the second piece differs from the first: all of its lines, as diff(1) marks them.
///
/// # Errors
///
/// Returns the errors of [`Place::find`].
pub(super) fn difference(before: &Place, after: &Place) -> anyhow::Result<String> {
    let (before, after) = (before.find()?.text, after.find()?.text);
    let diff = TextDiff::from_lines(&before, &after);
    let changes = diff.iter_all_changes();
    Ok(changes
        .map(|change| format!("{}{change}", change.tag()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::end_of;

    const CODE: &str = "\
fn first<T>(x: T)
where
    T: Copy,
{
    if x {
        y()
    } else {
        z()
    }

    let a = b
        .c()
        .d();
    e();
}

fn second() {}
";

    /// How many lines belong to what begins on the line that contains `anchor`.
    fn length(anchor: &str) -> Option<usize> {
        let lines: Vec<_> = CODE.lines().collect();
        let start = lines.iter().position(|line| line.contains(anchor))?;
        Some(end_of(&lines, start) - start)
    }

    #[test]
    fn a_piece_ends_where_what_began_does() {
        assert_eq!(length("fn first"), Some(15));
        assert_eq!(length("if x"), Some(5));
        assert_eq!(length("let a"), Some(3));
        assert_eq!(length("e();"), Some(1));
        assert_eq!(length("fn second"), Some(1));
    }
}
