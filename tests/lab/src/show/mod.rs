//! The presentation of results. Each is a [`Document`] of a few kinds of blocks, which becomes text on a terminal or
//! part of a page of HTML; a result itself becomes JSON.

mod document;
mod html;
mod output;
mod progress;
mod reader;
mod text;

pub use document::{Align, Block, Cell, Document, Line, Table, Tone};
pub use output::{Ending, Format, Output, Shown};
pub(crate) use progress::next_step;
pub use progress::progress_bar;
pub use reader::Reader;
pub use suite::number;
