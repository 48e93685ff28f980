//! Every page in a real browser, served by stage 8: on a screen and on a phone, in light and in dark. Nothing is missing,
//! the console is silent, nothing is wider than the page; and the search finds, with no network.
//!
//! It needs Chromium, which a reader need not have: its tests run when they are asked for (`--include-ignored`).

mod chromium;
mod kernel;
mod page;
mod present;
mod served;

use std::fs;
use std::process::Command;

use anyhow::ensure;

use page::Page;
use served::{Served, book};

/// By how much something is wider than what it stands in (what scrolls by itself, as code does, aside); how many
/// pictures are empty; which colours the page has.
const LOOK: &str = "(() => {
    const boxes = [document.scrollingElement, document.querySelector('.content'), document.querySelector('main')];
    const wide = Math.max(...boxes.map(box => box ? box.scrollWidth - box.clientWidth : 0));
    const flat = [...document.querySelectorAll('figure svg')].filter(s => s.getBoundingClientRect().height < 20);
    const theme = document.documentElement.className.match(/light|navy/);
    return `${wide} ${flat.length} ${theme}`;
})()";

#[test]
#[ignore = "opens Chromium"]
fn every_page_is_whole_on_a_screen_in_light() -> anyhow::Result<()> {
    every_page_is_whole(1280, "light", "light")
}

#[test]
#[ignore = "opens Chromium"]
fn every_page_is_whole_on_a_screen_in_dark() -> anyhow::Result<()> {
    every_page_is_whole(1280, "dark", "navy")
}

#[test]
#[ignore = "opens Chromium"]
fn every_page_is_whole_on_a_phone_in_light() -> anyhow::Result<()> {
    every_page_is_whole(390, "light", "light")
}

#[test]
#[ignore = "opens Chromium"]
fn every_page_is_whole_on_a_phone_in_dark() -> anyhow::Result<()> {
    every_page_is_whole(390, "dark", "navy")
}

/// Opens each page. Most of an opening is waiting for the network to fall silent, so the four looks are four tests, which wait
/// at the same time.
fn every_page_is_whole(width: u32, scheme: &str, theme: &str) -> anyhow::Result<()> {
    let served = Served::start()?;
    let mut page = Page::open()?;
    let mut complaints = Vec::new();
    let pages = served.pages()?;
    ensure!(pages.len() > 20, "{pages:?}");
    page.look_as(width, scheme)?;
    for name in &pages {
        let url = format!("{}{name}", served.address);
        page.visit(&url)?;
        let look = page.ask(LOOK)?;
        let mut wrong = page.complaints();
        if look != format!("0 0 {theme}") {
            wrong.push(format!("too wide, empty pictures, theme: {look}"));
        }
        let wrong = wrong.into_iter().map(|what| format!("{name}: {what}"));
        complaints.extend(wrong);
    }
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

#[test]
#[ignore = "opens Chromium"]
fn the_search_finds() -> anyhow::Result<()> {
    let served = Served::start()?;
    let mut page = Page::open()?;
    let url = format!("{}index.html?search=backpressure", served.address);
    page.visit(&url)?;
    page.wait_for("#mdbook-searchresults li a")?;
    let found = page.ask(
        "[...document.querySelectorAll('#mdbook-searchresults li a')].map(a => a.getAttribute('href')).join(' ')",
    )?;
    ensure!(found.contains("04-select.html"), "{found}");
    page.check()
}

/// What mdBook's button copies of the page's sessions.
const COPIED: &str = "[...document.querySelectorAll('code.language-console')]
    .map(code => playground_text(code.closest('pre'), false)).join('')";

#[test]
#[ignore = "opens Chromium"]
fn a_session_is_copied_as_it_is_typed() -> anyhow::Result<()> {
    let served = Served::start()?;
    let mut page = Page::open()?;
    let url = format!("{}01-blocking.html", served.address);
    page.visit(&url)?;
    let copied = page.ask(COPIED)?;
    let typed = "printf 'hello\\n' | nc -N 127.0.0.1 7001\nyes | head";
    ensure!(copied.starts_with(typed), "{copied:?}");
    page.check()
}

/// What no page may have: something that is missing, at once or later; a complaint on the console; an exception; a request to
/// the outside; something wider than the page.
const BROKEN: &str = "<script src='not-there.js'></script>
    <script>setTimeout(() => fetch('not-there-either.json'))</script>
    <script>console.error('on the console')</script>
    <script>throw new Error('thrown')</script>
    <img src='http://outside.invalid/picture.png'>
    <div style='width: 3000px'>wide</div>
    </body>";

#[test]
#[ignore = "opens Chromium"]
fn what_is_wrong_is_seen() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut copy = Command::new("cp");
    let copied = copy.arg("-r").arg(book()?.join(".")).arg(folder.path());
    ensure!(copied.status()?.success(), "{copied:?}");
    let path = folder.path().join("index.html");
    let text = fs::read_to_string(&path)?;
    fs::write(&path, text.replace("</body>", BROKEN))?;
    let served = Served::from(folder.path())?;
    let mut page = Page::open()?;
    page.visit(&format!("{}index.html", served.address))?;
    let complaints = page.complaints().join("\n");
    for expected in [
        "/not-there.js",
        "/not-there-either.json",
        "on the console",
        "Uncaught",
        "asks for http://outside.invalid/picture.png",
    ] {
        ensure!(complaints.contains(expected), "{expected}: {complaints}");
    }
    let look = page.ask(LOOK)?;
    ensure!(!look.starts_with("0 "), "nothing is too wide: {look}");
    Ok(())
}
