//! How a result looks. Each is a [`Document`] of a few kinds of blocks, which becomes text on a terminal,
//! or a part of a page of HTML; and it is JSON by itself.

mod document;
mod evidence;
mod html;
mod line;
mod output;
mod progress;
mod table;
mod text;

pub use document::{Block, Document, Tone};
pub use evidence::evidence;
pub use line::Line;
pub use output::{Ending, Format, Output, Shown};
pub use progress::Progress;
pub use suite::number;
pub use table::{Align, Cell, Table};
