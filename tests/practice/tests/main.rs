//! The tests of the tasks and the hunts, in one program: some of them wait, and others compile.

mod book;
mod commands;
mod dependencies;
mod keeping;
mod small;
mod source;
mod texts;
