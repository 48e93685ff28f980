//! A document, independent of text or HTML.

use bench::Figure;

use crate::Evidence;

/// A titled sequence of blocks.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading below the title.
    Heading(String),
    /// A paragraph, to be wrapped.
    Text(Tone, String),
    /// Lines shown verbatim, such as a trace or code.
    Lines(Vec<String>),
    /// Rows and columns.
    Table(Table),
    /// Curves.
    Plot(Figure),
}

/// What something means for the reader; each output has its own colours for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Plain text.
    #[default]
    Plain,
    /// It matters most in its surroundings.
    Strong,
    /// Readers may skip it.
    Quiet,
    /// Good news.
    Good,
    /// A limit, or a cost.
    Warn,
    /// A loss.
    Bad,
}

impl Document {
    /// Creates an empty document.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            blocks: Vec::new(),
        }
    }

    /// Creates an untitled document of one paragraph.
    pub(crate) fn paragraph(tone: Tone, text: impl Into<String>) -> Self {
        let mut document = Self::default();
        document.toned(tone, text);
        document
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

    /// Adds lines that must not be wrapped.
    pub fn lines(&mut self, lines: impl IntoIterator<Item = String>) {
        self.blocks.push(Block::Lines(lines.into_iter().collect()));
    }

    /// Adds a table.
    pub fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    /// Adds facts, if there are any, as a table: what was looked at, what was found, what was expected.
    pub(crate) fn evidence(&mut self, evidence: &Evidence) {
        if evidence.facts.is_empty() {
            return;
        }
        let mut table = Table::new([
            ("", Align::Left),
            ("seen", Align::Right),
            ("expected", Align::Right),
            ("", Align::Left),
        ]);
        for fact in &evidence.facts {
            // Only the mark is green: a page where everything is says nothing.
            let (seen, tone, mark) = match (fact.expected.is_empty(), fact.holds) {
                (true, _) => (Tone::Quiet, Tone::Quiet, ""),
                (false, true) => (Tone::Plain, Tone::Good, "✓"),
                (false, false) => (Tone::Bad, Tone::Bad, "✗"),
            };
            table.row([
                Cell::from(&fact.what),
                Cell::new(seen, &fact.seen),
                Cell::new(Tone::Quiet, &fact.expected),
                Cell::new(tone, mark),
            ]);
        }
        self.table(table);
    }

    /// Adds curves.
    pub fn plot(&mut self, figure: Figure) {
        self.blocks.push(Block::Plot(figure));
    }
}

/// A line shown immediately, while a command runs; it wraps below its own start.
#[derive(Clone, Debug)]
pub struct Line {
    /// Spaces before it.
    pub(crate) indent: usize,
    pub(crate) tone: Tone,
    pub(crate) text: String,
}

impl Line {
    /// Creates a line in a tone.
    pub fn new(indent: usize, tone: Tone, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { indent, tone, text }
    }
}

/// A table: columns, and rows with a cell for each.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The head of each column, and how it is aligned.
    pub(crate) columns: Vec<(String, Align)>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// The alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// To the left, for words.
    Left,
    /// To the right, for numbers.
    Right,
}

/// The content of one row in one column.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub(crate) text: String,
    pub(crate) tone: Tone,
    /// Where it leads on a page; nowhere if that is empty.
    pub(crate) link: String,
}

impl Cell {
    /// Creates a cell in a tone.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tone,
            link: String::new(),
        }
    }

    /// Returns it as a link, on a page.
    pub(crate) fn to(self, link: String) -> Self {
        Self { link, ..self }
    }
}

impl<S: Into<String>> From<S> for Cell {
    fn from(text: S) -> Self {
        Self::new(Tone::Plain, text)
    }
}

impl Table {
    /// Creates a table without rows.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = (S, Align)>) -> Self {
        let columns = columns.into_iter();
        Self {
            columns: columns.map(|(name, align)| (name.into(), align)).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, padded with empty cells if it is short.
    pub fn row<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let mut row: Vec<Cell> = cells.into_iter().map(Into::into).collect();
        row.resize(self.columns.len(), Cell::default());
        self.rows.push(row);
    }
}
