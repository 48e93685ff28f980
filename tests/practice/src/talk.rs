//! What a command says, to a person at once, and to a program at the end.

use serde_json::{Map, Value};
use textwrap::{Options, WordSplitter, wrap};

/// The columns that every line fits into, except code and output that is shown as it is.
const WIDTH: usize = 80;

/// The tone of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Just text.
    Plain,
    /// A heading, or the next command.
    Strong,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
}

/// Takes what a command says.
pub struct Talk<'a> {
    line: &'a mut dyn FnMut(Tone, &str),
    facts: Map<String, Value>,
    next: Vec<String>,
}

impl std::fmt::Debug for Talk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Talk").field("facts", &self.facts).finish()
    }
}

impl<'a> Talk<'a> {
    /// Creates a talk whose lines go to `line` as they are said.
    pub fn new(line: &'a mut dyn FnMut(Tone, &str)) -> Self {
        Self {
            line,
            facts: Map::new(),
            next: Vec::new(),
        }
    }

    /// Says a line in a tone.
    pub fn toned(&mut self, tone: Tone, text: impl AsRef<str>) {
        self.wrapped(tone, "", text.as_ref());
    }

    /// Says paragraphs and the items of lists: what is indented, or between fences, is shown as it is.
    pub fn text(&mut self, text: impl AsRef<str>) {
        let mut paragraph = String::new();
        let mut is_code = false;
        for line in text.as_ref().lines() {
            let is_fence = line.starts_with("```");
            is_code ^= is_fence;
            let is_item = line.starts_with("- ");
            let goes_on = !line.starts_with(' ') || paragraph.starts_with("- ");
            if !(is_fence || is_code || is_item || line.is_empty()) && goes_on {
                if !paragraph.is_empty() {
                    paragraph.push(' ');
                }
                paragraph.push_str(line.trim_start());
                continue;
            }
            self.paragraph(&mut paragraph);
            match line {
                _ if is_fence => {}
                _ if is_code => (self.line)(Tone::Plain, format!("    {line}").trim_end()),
                _ if is_item => line.clone_into(&mut paragraph),
                _ => (self.line)(Tone::Plain, line),
            }
        }
        self.paragraph(&mut paragraph);
    }

    /// Says a paragraph, or an item of a list, if there is one.
    fn paragraph(&mut self, text: &mut String) {
        let indent = if text.starts_with("- ") { "  " } else { "" };
        if !text.is_empty() {
            self.wrapped(Tone::Plain, indent, &std::mem::take(text));
        }
    }

    /// Says lines as they are, indented.
    pub fn lines(&mut self, tone: Tone, text: impl AsRef<str>) {
        for line in text.as_ref().lines() {
            (self.line)(tone, format!("    {line}").trim_end());
        }
    }

    /// Says what a failed case told, indented. A line that is too long goes on in the next one.
    pub fn story(&mut self, text: impl AsRef<str>) {
        for line in text.as_ref().lines() {
            // How to see more of the suite's own code is of no use to somebody who looks at a server.
            if line
                .trim_start()
                .starts_with("note: run with `RUST_BACKTRACE=1`")
            {
                continue;
            }
            let indent = &line[..line.len() - line.trim_start().len()];
            self.wrapped(
                Tone::Plain,
                &format!("    {indent}"),
                &format!("    {line}"),
            );
        }
    }

    /// Says an empty line.
    pub fn gap(&mut self) {
        (self.line)(Tone::Plain, "");
    }

    /// Keeps a fact for a program.
    pub fn fact(&mut self, name: &str, value: impl Into<Value>) {
        self.facts.insert(name.to_owned(), value.into());
    }

    /// Names the next command, and what it is for: the last thing that a command says.
    pub fn next(&mut self, command: impl AsRef<str>, what: &str) {
        if self.next.is_empty() {
            self.gap();
        }
        let command = command.as_ref();
        let start = match self.next.is_empty() {
            true => "Next: ",
            false => "Or:   ",
        };
        let line = format!("{start}{command:<30}  {what}");
        let short = [format!("{start}{command}"), format!("        {what}")];
        self.next.push(command.to_owned());
        if line.chars().count() <= WIDTH {
            (self.line)(Tone::Strong, &line);
        } else {
            short
                .iter()
                .for_each(|line| (self.line)(Tone::Strong, line));
        }
    }

    /// Returns whether the next command was named.
    pub(crate) fn has_next(&self) -> bool {
        !self.next.is_empty()
    }

    /// Forgets what a program would be told: what comes next takes its place.
    pub fn begin_again(&mut self) {
        self.facts.clear();
        self.next.clear();
    }

    /// Returns the facts, and the next commands, for a program.
    pub fn facts(self) -> Value {
        let mut facts = self.facts;
        facts.insert("next".into(), self.next.into());
        Value::Object(facts)
    }

    fn wrapped(&mut self, tone: Tone, indent: &str, text: &str) {
        let options = Options::new(WIDTH)
            .word_splitter(WordSplitter::NoHyphenation)
            .subsequent_indent(indent);
        for line in wrap(text, options) {
            (self.line)(tone, &line);
        }
    }
}
