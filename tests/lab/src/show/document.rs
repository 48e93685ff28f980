//! A document, before it is text or HTML.

use bench::Figure;

use super::Table;

/// A titled sequence of blocks.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// A line.
    pub title: String,
    /// The blocks below it.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading below the title.
    Heading(String),
    /// A paragraph, to be wrapped.
    Text(Tone, String),
    /// Lines that are shown as they are, as of a trace or of code.
    Lines(Vec<String>),
    /// Rows and columns.
    Table(Table),
    /// Curves.
    Plot(Figure),
}

/// The meaning of something for the reader; each way of showing has its own colours for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Just text.
    #[default]
    Plain,
    /// It matters most among what is near it.
    Strong,
    /// It may be skipped.
    Quiet,
    /// As one wishes it.
    Good,
    /// A limit, or a cost.
    Warn,
    /// A loss.
    Bad,
}

impl Tone {
    /// Itself, but plain if it is good: a page where all is green says nothing.
    pub const fn unless_good(self) -> Self {
        match self {
            Self::Good => Self::Plain,
            tone => tone,
        }
    }
}

impl Document {
    /// An empty document.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            blocks: Vec::new(),
        }
    }

    /// Adds a heading.
    pub fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    /// Adds a paragraph.
    pub fn text(&mut self, text: impl Into<String>) {
        self.toned(Tone::Plain, text);
    }

    /// Adds a paragraph in a tone.
    pub fn toned(&mut self, tone: Tone, text: impl Into<String>) {
        self.blocks.push(Block::Text(tone, text.into()));
    }

    /// Adds lines that are not to be wrapped.
    pub fn lines(&mut self, lines: impl IntoIterator<Item = String>) {
        self.blocks.push(Block::Lines(lines.into_iter().collect()));
    }

    /// Adds a table.
    pub fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    /// Adds curves.
    pub fn plot(&mut self, figure: Figure) {
        self.blocks.push(Block::Plot(figure));
    }
}
