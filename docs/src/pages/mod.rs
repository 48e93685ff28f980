//! What a chapter becomes in the browser: pictures in the page, so that they follow its theme; links to
//! sources, which become pages of the book; the number of a statement, which becomes a link to it.

mod captions;
mod code;
mod edits;
mod links;
mod notes;
mod scenarios;

use std::collections::BTreeSet;
use std::path::PathBuf;

use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::errors::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

/// The part of mdBook's work that is this book's own.
#[derive(Debug)]
pub struct Pages;

impl Preprocessor for Pages {
    fn name(&self) -> &str {
        "pages"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let mut sources = BTreeSet::new();
        let mut outcome = Ok(());
        book.for_each_chapter_mut(|chapter| {
            if outcome.is_ok() {
                outcome = page(&chapter.content, &mut sources).map(|text| chapter.content = text);
            }
        });
        outcome?;
        book.push_item(BookItem::PartTitle("The code".to_owned()));
        for chapter in code::chapters(&sources)? {
            book.push_item(chapter);
        }
        Ok(book)
    }
}

/// A chapter as it is shown. The sources that it links to are added to `sources`.
fn page(text: &str, sources: &mut BTreeSet<PathBuf>) -> Result<String> {
    let text = captions::add(&notes::show(text))?;
    links::resolve(&text, sources)
}
