//! The looks of a result. Each is a [`Document`] of a few kinds of blocks, which becomes text on a terminal,
//! or a part of a page of HTML; and it is JSON by itself.

mod document;
mod html;
mod output;
mod progress;
mod text;

pub use document::{Align, Block, Cell, Document, Line, Table, Tone, evidence};
pub use output::{Ending, Format, Output, Shown};
pub use progress::Progress;
pub use suite::number;
