//! Where a function's body is in a file. Text is replaced by byte range, so that nothing around it changes.

use std::ops::Range;

use anyhow::{Context, bail};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Block, ImplItem, Item, Type};

/// Returns the byte range of the body of `function`, braces included: `run`, or `Connection::on_readable`.
///
/// # Errors
///
/// Returns an error if `text` is not Rust, or if it does not have exactly one such function.
pub fn body(text: &str, function: &str) -> anyhow::Result<Range<usize>> {
    let file = parse(text)?;
    let (owner, name) = match function.split_once("::") {
        Some((owner, name)) => (Some(owner), name),
        None => (None, function),
    };
    let mut bodies = Vec::new();
    for item in &file.items {
        match item {
            Item::Fn(found) if owner.is_none() && found.sig.ident == name => {
                bodies.push(braces(&found.block));
            }
            Item::Impl(found) if owner.is_some_and(|owner| is_named(&found.self_ty, owner)) => {
                for item in &found.items {
                    if let ImplItem::Fn(method) = item
                        && method.sig.ident == name
                    {
                        bodies.push(braces(&method.block));
                    }
                }
            }
            _ => {}
        }
    }
    match bodies.as_slice() {
        [one] => Ok(one.clone()),
        [] => bail!("there is no function `{function}` any more"),
        _ => bail!("there is more than one function `{function}`"),
    }
}

/// Returns the text of all items of that name, the `impl` blocks of a type among them.
///
/// # Errors
///
/// Returns an error if `text` is not Rust, or has no such item.
pub fn items(text: &str, name: &str) -> anyhow::Result<String> {
    let file = parse(text)?;
    let is_it = |item: &&Item| match item {
        Item::Fn(found) => found.sig.ident == name,
        Item::Struct(found) => found.ident == name,
        Item::Const(found) => found.ident == name,
        Item::Impl(found) => is_named(&found.self_ty, name),
        _ => false,
    };
    let found: Vec<&str> = file
        .items
        .iter()
        .filter(is_it)
        .filter_map(|item| text.get(item.span().byte_range()))
        .collect();
    if found.is_empty() {
        bail!("there is no item `{name}`");
    }
    Ok(found.join("\n\n"))
}

/// Returns `text` with `body` in the place of the body of `function`.
///
/// # Errors
///
/// Returns the errors of [`body`].
pub fn with_body(text: &str, function: &str, body: &str) -> anyhow::Result<String> {
    let range = self::body(text, function)?;
    Ok(format!(
        "{}{body}{}",
        &text[..range.start],
        &text[range.end..]
    ))
}

/// Returns how far the line is indented that the byte at `place` is in.
pub fn indent(text: &str, place: usize) -> &str {
    let start = text[..place].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[start..place];
    &line[..line.len() - line.trim_start().len()]
}

fn parse(text: &str) -> anyhow::Result<syn::File> {
    syn::parse_file(text)
        .map_err(|error| {
            let place = error.span().start();
            anyhow::anyhow!("line {}: {error}", place.line)
        })
        .context("this is not Rust")
}

fn braces(block: &Block) -> Range<usize> {
    let span = |span: Span| span.byte_range();
    span(block.brace_token.span.open()).start..span(block.brace_token.span.close()).end
}

fn is_named(of: &Type, name: &str) -> bool {
    match of {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == name),
        _ => false,
    }
}
