//! Documents as text, in 80 columns, or fewer on a narrower terminal.

use std::sync::LazyLock;

use anstyle::{AnsiColor, Style};
use bench::Figure;
use console::Term;
use textwrap::core::display_width;
use textwrap::{Options, WordSplitter, wrap};

use super::{Align, Block, Cell, Document, Line, Table, Tone};

/// The fewest columns that everything fits into; only a very narrow terminal has fewer.
static WIDTH: LazyLock<usize> = LazyLock::new(|| {
    let size = Term::stdout().size_checked();
    size.map_or(80, |(_, columns)| usize::from(columns).clamp(20, 80))
});
/// Spaces between two columns of a table.
const GAP: usize = 2;

/// Returns the whole document, with escape sequences for its colours.
pub(super) fn render(document: &Document) -> String {
    let mut text = String::new();
    if !document.title.is_empty() {
        let rule = "─".repeat(display_width(&document.title).min(*WIDTH));
        text += &format!("\n{}\n{rule}\n", paint(Tone::Strong, &document.title));
    }
    for block in &document.blocks {
        text.push('\n');
        match block {
            Block::Heading(heading) => text += &format!("{}\n", paint(Tone::Strong, heading)),
            Block::Text(tone, paragraph) => {
                text.extend(paragraph.lines().map(|line| wrapped(*tone, line, 0)));
            }
            Block::Lines(lines) => text.extend(lines.iter().map(|line| format!("    {line}\n"))),
            Block::Table(table) => text += &render_table(table),
            Block::Plot(figure) => text += &render_figure(figure),
        }
    }
    text
}

/// Returns a figure's title, with its unit, and its values. The curves are in the page.
fn render_figure(figure: &Figure) -> String {
    let (columns, rows) = figure.values();
    let mut values = Table::new(columns.into_iter().map(|name| (name, Align::Right)));
    rows.into_iter().for_each(|row| values.row(row));
    let (title, unit, values) = (&figure.title, &figure.y, render_table(&values));
    format!("{title} ({unit})\n\n{values}")
}

/// Returns lines, each wrapped below itself.
pub(super) fn render_lines(lines: &[Line]) -> String {
    let lines = lines.iter();
    lines
        .map(|line| wrapped(line.tone, &line.text, line.indent))
        .collect()
}

/// Returns a line in a tone, wrapped below its own start after `indent` spaces.
fn wrapped(tone: Tone, line: &str, indent: usize) -> String {
    let indent = " ".repeat(indent);
    let options = options(*WIDTH)
        .initial_indent(&indent)
        .subsequent_indent(&indent);
    let parts = wrap(line, options);
    parts
        .iter()
        .map(|part| format!("{}\n", paint(tone, part)))
        .collect()
}

/// File names do not break at their hyphens.
fn options<'a>(width: usize) -> Options<'a> {
    Options::new(width).word_splitter(WordSplitter::NoHyphenation)
}

fn style(tone: Tone) -> Style {
    let color = |color: AnsiColor| color.on_default();
    match tone {
        Tone::Plain => Style::new(),
        Tone::Strong => Style::new().bold(),
        Tone::Quiet => Style::new().dimmed(),
        Tone::Good => color(AnsiColor::Green),
        Tone::Warn => color(AnsiColor::Yellow),
        Tone::Bad => color(AnsiColor::Red).bold(),
    }
}

/// Returns text in the style of a tone; nothing stays nothing.
fn paint(tone: Tone, text: &str) -> String {
    let style = match text {
        "" => Style::new(),
        _ => style(tone),
    };
    format!("{style}{text}{style:#}")
}

/// Returns a table whose columns are as wide as they need to be, or as there is room for.
fn render_table(table: &Table) -> String {
    let names = table.columns.iter().map(|(name, _)| name.as_str());
    let mut rows = vec![names.map(|name| Cell::new(Tone::Quiet, name)).collect()];
    rows.retain(|head: &Vec<Cell>| head.iter().any(|cell| !cell.text.is_empty()));
    rows.extend_from_slice(&table.rows);
    let widths = widths(&rows, table.columns.len());
    let rows = rows.iter().map(|row| render_row(table, &widths, row));
    rows.collect()
}

/// Returns the width of each column: its widest cell's, less what has to be taken from the widest column to make the
/// table fit.
fn widths(rows: &[Vec<Cell>], columns: usize) -> Vec<usize> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| display_width(&row[column].text));
        cells.max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..columns).map(width).collect();
    let room = WIDTH.saturating_sub(GAP * columns);
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 8 => *widest -= 1,
            _ => break,
        }
    }
    widths
}

/// Returns a row, with as many lines as its tallest cell.
fn render_row(table: &Table, widths: &[usize], row: &[Cell]) -> String {
    let wrapped: Vec<Vec<_>> = (row.iter().zip(widths))
        .map(|(cell, width)| wrap(&cell.text, options(*width)))
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = String::new();
    for line in 0..height {
        let mut cells = String::new();
        for (column, (_, align)) in table.columns.iter().enumerate() {
            let part = wrapped[column].get(line).map_or("", |part| part);
            let space = " ".repeat(widths[column].saturating_sub(display_width(part)));
            let painted = paint(row[column].tone, part);
            cells += &" ".repeat(GAP);
            cells += &match align {
                Align::Left => painted + &space,
                Align::Right => space + &painted,
            };
        }
        text += &format!("{}\n", cells.trim_end());
    }
    text
}
