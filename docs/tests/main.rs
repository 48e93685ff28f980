//! The tests of the book, in one program, which links the book once. What takes minutes or wants a browser has programs of
//! its own (`breaks.rs`, `browser`, `twin`).

#[path = "add/main.rs"]
mod add;
mod blocks;
mod chapters;
#[path = "commands/main.rs"]
mod commands;
mod glossary;
mod language;
mod machines;
mod pictures;
mod references;
mod site;
mod style;
#[path = "teaching/main.rs"]
mod teaching;
