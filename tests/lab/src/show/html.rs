//! A self-contained page of HTML: no script, font or style from elsewhere.

use super::{Align, Block, Document, Table, Tone};
use crate::world::Machine;

/// Returns the page: the facts of the machine, then every document. Fails if a plot cannot be drawn.
pub(super) fn page(machine: &Machine, documents: &[Document]) -> anyhow::Result<String> {
    let titles = documents.iter().map(|document| document.title.as_str());
    let title = titles.chain(["the lab"]).find(|title| !title.is_empty());
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{} · One echo, eight servers</title>\n<style>{}</style>\n\
         <h1>One echo, eight servers: the lab</h1>\n<p class=\"quiet\">{}</p>\n",
        escape(title.unwrap_or_default()),
        include_str!("page.css"),
        escape(&machine.in_words())
    );
    for document in documents {
        if !document.title.is_empty() {
            page += &format!("<h2>{}</h2>\n", escape(&document.title));
        }
        for block in &document.blocks {
            page += &render_block(block)?;
        }
    }
    Ok(page)
}

fn render_block(block: &Block) -> anyhow::Result<String> {
    Ok(match block {
        Block::Heading(text) => format!("<h3>{}</h3>\n", escape(text)),
        Block::Text(tone, text) => format!("<p{}>{}</p>\n", side(Align::Left, *tone), escape(text)),
        Block::Lines(lines) => format!("<pre>{}</pre>\n", escape(&lines.join("\n"))),
        Block::Table(table) => render_table(table),
        Block::Plot(figure) => format!(
            "<figure><figcaption>{}</figcaption>{}</figure>\n",
            escape(&figure.title),
            figure.svg()?
        ),
    })
}

fn render_table(table: &Table) -> String {
    let mut html = String::from("<div class=\"table\"><table>");
    if table.columns.iter().any(|(name, _)| !name.is_empty()) {
        html += "\n<tr>";
        for (name, align) in &table.columns {
            html += &format!("<th{}>{}", side(*align, Tone::Plain), escape(name));
        }
    }
    for row in &table.rows {
        html += "\n<tr>";
        for (cell, (_, align)) in row.iter().zip(&table.columns) {
            let (mut text, link) = (escape(&cell.text), escape(&cell.link));
            if !link.is_empty() {
                text = format!("<a href=\"{link}\">{text}</a>");
            }
            html += &format!("<td{}>{text}", side(*align, cell.tone));
        }
    }
    html + "\n</table></div>\n"
}

/// Returns the attribute for a cell, or an empty string if it needs none.
fn side(align: Align, tone: Tone) -> String {
    let align = match align {
        Align::Left => "",
        Align::Right => "right ",
    };
    match format!("{align}{}", name(tone)).trim_end() {
        "" => String::new(),
        class => format!(" class=\"{class}\""),
    }
}

const fn name(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Strong => "strong",
        Tone::Quiet => "quiet",
        Tone::Good => "good",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
    }
}

/// Escapes text: a server under test may have printed anything.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
