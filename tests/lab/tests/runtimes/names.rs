//! The map's links: each names something, and the file that has it, at the version that is locked.

use std::fs;

use anyhow::{Context, ensure};

use super::built::Built;

/// The link of a name: ``[`ScheduledIo`](https://github.com/tokio-rs/tokio/blob/tokio-1.54.1/tokio/src/…)``.
struct Link<'a> {
    name: &'a str,
    repository: &'a str,
    tag: &'a str,
    path: &'a str,
}

/// Checks all links of a page to the two repositories.
pub(crate) fn check(page: &str, built: &Built) -> anyhow::Result<()> {
    let links = page.split("[`").filter_map(link);
    let mut number = 0;
    for Link {
        name,
        repository,
        tag,
        path,
    } in links
    {
        let (version, folder) = built.sources(repository)?;
        let (prefix, top) = match repository {
            "tokio" => ("tokio-", "tokio/"),
            _ => ("v", ""),
        };
        ensure!(
            tag.strip_prefix(prefix) == Some(&*version),
            "{name}: {tag}, and {version} is locked"
        );
        let path = path.strip_prefix(top).with_context(|| path.to_owned())?;
        let text = fs::read_to_string(folder.join(path)).with_context(|| path.to_owned())?;
        for part in name.split("::") {
            let has = text
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == part);
            ensure!(has, "{path} has no {part} ({name})");
        }
        number += 1;
    }
    ensure!(number > 15, "only {number} names are linked");
    Ok(())
}

/// Reads the link that follows a "[`".
fn link(text: &str) -> Option<Link<'_>> {
    let (name, rest) = text.split_once("`](https://github.com/tokio-rs/")?;
    let (address, _) = rest.split_once(')')?;
    let (repository, rest) = address.split_once("/blob/")?;
    let (tag, path) = rest.split_once('/')?;
    (!name.contains('\n')).then_some(Link {
        name,
        repository,
        tag,
        path,
    })
}
