//! What a person reads of a page: its words, its lines of code, the minutes that both take.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// Words that are read in a minute, with thought.
const WORDS_A_MINUTE: usize = 150;
/// Lines of code that are read in a minute.
const LINES_A_MINUTE: usize = 12;
/// Minutes for a chapter's lesson.
const LESSON: usize = 5;
/// Minutes for a fault that the reader makes.
const BREAK: usize = 8;
/// Faults that a reader makes in a chapter.
const BREAKS: usize = 2;

/// The length of a page, up to its sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prose {
    /// Words outside code, captions of pictures aside.
    pub words: usize,
    /// The words among them that are not folded away.
    pub unfolded: usize,
    /// Lines of Rust and of differences that are not folded away.
    pub code: usize,
    /// Whether the page has a lesson of the lab.
    has_lesson: bool,
    /// Whether the page has faults to make.
    has_breaks: bool,
}

impl Prose {
    /// Counts the words and the lines of code in `markdown`.
    pub fn of(markdown: &str) -> Self {
        let body = markdown.split("\n## Sources").next().unwrap_or_default();
        let mut prose = Self {
            has_lesson: body.contains("\ncargo lab lesson "),
            has_breaks: body.contains("\n## Break it yourself\n"),
            ..Self::default()
        };
        let (mut folds, mut in_picture, mut language) = (0_usize, false, None);
        for event in Parser::new(body) {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    language = Some(match kind {
                        CodeBlockKind::Fenced(language) => language.into_string(),
                        CodeBlockKind::Indented => String::new(),
                    });
                }
                Event::End(TagEnd::CodeBlock) => language = None,
                Event::Start(Tag::Image { .. }) => in_picture = true,
                Event::End(TagEnd::Image) => in_picture = false,
                Event::Html(html) | Event::InlineHtml(html) => {
                    folds += html.matches("<details>").count();
                    folds = folds.saturating_sub(html.matches("</details>").count());
                }
                Event::Text(text) => match language.as_deref() {
                    Some("rust" | "diff") if folds == 0 => prose.code += text.lines().count(),
                    None if !in_picture => prose.add(&text, folds),
                    _ => {}
                },
                Event::Code(text) => prose.add(&text, folds),
                _ => {}
            }
        }
        prose
    }

    fn add(&mut self, text: &str, folds: usize) {
        let words = text.split_whitespace();
        let words = words.filter(|word| word.contains(char::is_alphanumeric));
        let words = words.count();
        self.words += words;
        self.unfolded += if folds == 0 { words } else { 0 };
    }

    /// Returns how many minutes the page takes, to the nearest five: for reading, for the lesson, and for two faults.
    pub fn minutes(self) -> usize {
        let reading = self.words * 10 / WORDS_A_MINUTE + self.code * 10 / LINES_A_MINUTE;
        let lesson = if self.has_lesson { LESSON } else { 0 };
        let breaks = if self.has_breaks { BREAK * BREAKS } else { 0 };
        let minutes = reading.div_ceil(10) + lesson + breaks;
        ((minutes + 2) / 5 * 5).max(5)
    }
}

#[cfg(test)]
mod tests {
    use super::Prose;

    #[test]
    fn captions_comments_outputs_and_sources_are_not_read() {
        let text = "# One two\n\n<!-- three -->\n![four](five.svg) `six` [seven](eight.md)\n\n\
                    ```text\nnine\n```\n\n## Sources\n\nten\n";
        let prose = Prose::of(text);
        assert_eq!((prose.words, prose.unfolded, prose.code), (4, 4, 0));
    }

    #[test]
    fn what_is_folded_is_read_and_its_code_is_not() {
        let text = "<details><summary>One</summary>\n\ntwo three\n\n```rust\nfn four() {}\n```\n\n</details>\n\n\
                    five\n\n```rust\nfn six() {}\nfn seven() {}\n```\n";
        let prose = Prose::of(text);
        assert_eq!((prose.words, prose.unfolded, prose.code), (3, 1, 2));
    }

    #[test]
    fn minutes_are_those_of_words_and_code_and_of_what_is_done() {
        let text = format!("{}\n", "word ".repeat(1_500));
        assert_eq!(Prose::of(&text).minutes(), 10);
        let text = format!("{text}\n```sh\ncargo lab lesson 01\n```\n\n## Break it yourself\n\n");
        assert_eq!(Prose::of(&text).minutes(), 30);
        assert_eq!(Prose::of("word").minutes(), 5);
    }
}
