//! The built book is whole: every link and every place in a page is there, nothing comes from outside, and the pages
//! follow each other in the order of the course.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, anyhow, ensure};
use book::{chapters, markdown_files, read, workspace};
use regex::Regex;

/// The built book.
struct Site {
    folder: PathBuf,
    /// Each of its pages by its path.
    pages: BTreeMap<PathBuf, String>,
}

/// Returns the book, which is built once for all tests.
fn site() -> anyhow::Result<&'static Site> {
    static SITE: LazyLock<anyhow::Result<Site>> = LazyLock::new(|| {
        let folder = book::build(Some(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("site")))?;
        let mut pages = BTreeMap::new();
        add_pages(&folder, &folder, &mut pages)?;
        ensure!(pages.len() > 20, "{} pages", pages.len());
        Ok(Site { folder, pages })
    });
    SITE.as_ref().map_err(|error| anyhow!("{error:#}"))
}

fn add_pages(
    top: &Path,
    folder: &Path,
    pages: &mut BTreeMap<PathBuf, String>,
) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            add_pages(top, &path, pages)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "html")
        {
            pages.insert(path.strip_prefix(top)?.to_owned(), read(&path)?);
        }
    }
    Ok(())
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part.as_os_str().to_str() {
            Some("..") => drop(plain.pop()),
            Some(".") => {}
            _ => plain.push(part),
        }
    }
    plain
}

#[test]
fn every_link_leads_somewhere() -> anyhow::Result<()> {
    let Site { folder, pages } = site()?;
    let link = Regex::new(r#"(?:href|src)="([^"]*)""#)?;
    let id = Regex::new(r#"\b(?:id|name)="([^"]*)""#)?;
    let ids = |page: &String| -> BTreeSet<String> {
        id.captures_iter(page).map(|id| id[1].to_owned()).collect()
    };
    let places: BTreeMap<_, _> = pages.iter().map(|(path, page)| (path, ids(page))).collect();
    let mut dead = Vec::new();
    for (path, page) in pages {
        for link in link.captures_iter(page) {
            let target = &link[1];
            if target.starts_with("http") || path.ends_with("404.html") {
                continue;
            }
            let (file, place) = target.split_once('#').unwrap_or((target, ""));
            let file = match file {
                "" => path.clone(),
                file => plain(&path.parent().unwrap_or(Path::new("")).join(file)),
            };
            let here = folder.join(&file).is_file();
            // A place in a page that no chapter has made, as `#` alone, is its top.
            let there =
                place.is_empty() || places.get(&file).is_some_and(|ids| ids.contains(place));
            if !here || !there {
                dead.push(format!("{}: {target}", path.display()));
            }
        }
    }
    ensure!(dead.is_empty(), "{}", dead.join("\n"));
    Ok(())
}

#[test]
fn links_lead_somewhere_in_an_editor_too() -> anyhow::Result<()> {
    let link = Regex::new(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")?;
    let mut paths = markdown_files()?;
    paths.push(workspace().join("README.md"));
    for path in paths {
        let folder = path.parent().unwrap_or(&path);
        for link in link.captures_iter(&without_code(&read(&path)?)) {
            let there = link[1].starts_with("http") || folder.join(&link[1]).exists();
            ensure!(there, "{}: {}", path.display(), &link[1]);
        }
    }
    Ok(())
}

#[test]
fn a_link_that_says_a_number_leads_to_it() -> anyhow::Result<()> {
    let link = Regex::new(r"\[[^\]]*\b(?i:chapter|stage|lesson) 0?(\d)\b[^\]]*\]\(([^)]*)\)")?;
    let mut found = 0;
    for path in markdown_files()? {
        for link in link.captures_iter(&read(&path)?) {
            let target = link[2].trim_start_matches("../");
            let right = target.starts_with(&format!("0{}-", &link[1]));
            ensure!(right, "{}: {}", path.display(), &link[0]);
            found += 1;
        }
    }
    ensure!(found > 20, "only {found} links to chapters by number");
    Ok(())
}

/// Text without what stands in fences and between backticks.
fn without_code(text: &str) -> String {
    let outside = text.split("\n```").step_by(2);
    outside.collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_is_fetched_from_outside() -> anyhow::Result<()> {
    let Site { folder, pages } = site()?;
    let fetched = Regex::new(r#"(?:src="|<link[^>]*href="|@import\s+"?|url\("?)https?://[^"]*"#)?;
    for (path, page) in pages {
        let found = fetched.find(page);
        ensure!(found.is_none(), "{}: {found:?}", path.display());
    }
    for style in [
        "css/general.css",
        "css/chrome.css",
        "theme/book.css",
        "fonts/fonts.css",
    ] {
        let text = read(&folder.join(style))?;
        let found = fetched.find(&text);
        ensure!(found.is_none(), "{style}: {found:?}");
    }
    ensure!(
        folder.join("searchindex.js").is_file(),
        "there is no search"
    );
    Ok(())
}

#[test]
fn the_next_page_is_the_next_of_the_course() -> anyhow::Result<()> {
    let pages = &site()?.pages;
    let named = Regex::new(r"\]\(([a-z0-9-]+)\.md\)")?;
    let summary = read(&chapters().join("SUMMARY.md"))?;
    let order: Vec<_> = named
        .captures_iter(&summary)
        .map(|name| name[1].to_owned())
        .collect();
    let stages = order.iter().filter(|name| name.starts_with('0'));
    let stages: Vec<_> = stages.map(|name| name[..2].to_owned()).collect();
    let numbers: Vec<_> = (0..=8).map(|number| format!("0{number}")).collect();
    ensure!(stages == numbers, "the steps come as {stages:?}");
    let next = Regex::new(r#"<a rel="next[^"]*" href="([^"]*)""#)?;
    for pair in order.windows(2) {
        let page = pages.get(Path::new(&format!("{}.html", pair[0])));
        let page = page.with_context(|| format!("no page of {}", pair[0]))?;
        let to = next
            .captures(page)
            .with_context(|| format!("{}: no next", pair[0]))?;
        ensure!(
            to[1] == format!("{}.html", pair[1]),
            "{} goes on with {}",
            pair[0],
            &to[1]
        );
    }
    // Every text is in the course.
    for path in markdown_files()? {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        ensure!(
            name == "SUMMARY" || order.contains(&name),
            "{name} is not in SUMMARY.md"
        );
    }
    Ok(())
}

#[test]
fn the_code_of_a_stage_is_one_click_away() -> anyhow::Result<()> {
    let pages = &site()?.pages;
    for (path, page) in pages {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if path.components().count() == 1 && name.starts_with("0") && name != "00-sockets" {
            let link = format!("href=\"code/{name}.html#");
            ensure!(page.contains(&link), "{name} has no link to its code");
        }
    }
    Ok(())
}
