//! How a result looks. Each is a [`Document`] of a few kinds of blocks, which becomes text on a terminal,
//! or a part of a page of HTML; and it is JSON by itself.

mod chart;
mod document;
mod html;
mod line;
mod output;
mod plot;
mod progress;
mod svg;
mod table;
mod text;

pub use document::{Block, Document, Tone};
pub use line::Line;
pub use output::{Format, Output, Shown};
pub use plot::{Axis, Plot, Series};
pub use progress::Progress;
pub use table::{Align, Cell, Table};

/// A number with its thousands apart: 19,000.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
