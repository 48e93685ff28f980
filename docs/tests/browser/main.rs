//! Every page in a real browser, served by stage 8: on a screen and on a phone, in light and in dark. Nothing is missing,
//! the console is silent, nothing is wider than the page; and the search finds, with no network.
//!
//! It needs Chromium, and is compiled with `--features browser` only.

mod kernel;
mod page;
mod present;
mod served;

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use headless_chrome::{Browser, LaunchOptions};

use page::Page;
use served::{Served, book};

fn browser() -> anyhow::Result<Browser> {
    let options = LaunchOptions::default_builder()
        // There is none for root, who runs CI.
        .sandbox(false)
        .window_size(Some((1280, 900)))
        .idle_browser_timeout(Duration::from_secs(600))
        .build()?;
    Browser::new(options).context("cannot start Chromium: is it installed?")
}

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
fn every_page_is_whole_on_a_screen_in_light() -> anyhow::Result<()> {
    every_page_is_whole(1280, "light", "light")
}

#[test]
fn every_page_is_whole_on_a_screen_in_dark() -> anyhow::Result<()> {
    every_page_is_whole(1280, "dark", "navy")
}

#[test]
fn every_page_is_whole_on_a_phone_in_light() -> anyhow::Result<()> {
    every_page_is_whole(390, "light", "light")
}

#[test]
fn every_page_is_whole_on_a_phone_in_dark() -> anyhow::Result<()> {
    every_page_is_whole(390, "dark", "navy")
}

/// Opens each page. Most of an opening is waiting for the network to fall silent, so the four looks are four tests, which wait
/// at the same time.
fn every_page_is_whole(width: u32, scheme: &str, theme: &str) -> anyhow::Result<()> {
    let served = Served::start()?;
    let browser = browser()?;
    let page = Page::open(&browser)?;
    let mut complaints = Vec::new();
    let pages = served.pages()?;
    ensure!(pages.len() > 20, "{pages:?}");
    page.look_as(width, scheme)?;
    for name in &pages {
        let url = format!("{}{name}", served.address);
        page.tab.navigate_to(&url)?.wait_until_navigated()?;
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
fn the_search_finds() -> anyhow::Result<()> {
    let served = Served::start()?;
    let browser = browser()?;
    let page = Page::open(&browser)?;
    let url = format!("{}index.html?search=backpressure", served.address);
    page.tab.navigate_to(&url)?.wait_until_navigated()?;
    page.tab.wait_for_element("#mdbook-searchresults li a")?;
    let found = page.ask(
        "[...document.querySelectorAll('#mdbook-searchresults li a')].map(a => a.getAttribute('href')).join(' ')",
    )?;
    ensure!(found.contains("04-select.html"), "{found}");
    ensure!(page.complaints().is_empty(), "{:?}", page.complaints());
    Ok(())
}

/// What mdBook's button copies of the page's sessions.
const COPIED: &str = "[...document.querySelectorAll('code.language-console')]
    .map(code => playground_text(code.closest('pre'), false)).join('')";

#[test]
fn a_session_is_copied_as_it_is_typed() -> anyhow::Result<()> {
    let served = Served::start()?;
    let browser = browser()?;
    let page = Page::open(&browser)?;
    let url = format!("{}01-blocking.html", served.address);
    page.tab.navigate_to(&url)?.wait_until_navigated()?;
    let copied = page.ask(COPIED)?;
    let typed = "printf 'hello\\n' | nc -N 127.0.0.1 7001\nyes | head";
    ensure!(copied.starts_with(typed), "{copied:?}");
    ensure!(page.complaints().is_empty(), "{:?}", page.complaints());
    Ok(())
}

#[test]
fn what_is_missing_is_seen() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut copy = Command::new("cp");
    let copied = copy.arg("-r").arg(book()?.join(".")).arg(folder.path());
    ensure!(copied.status()?.success(), "{copied:?}");
    let path = folder.path().join("index.html");
    let text = fs::read_to_string(&path)?;
    let broken =
        "<script src=\"not-there.js\"></script><script>throw new Error('oh')</script></body>";
    fs::write(&path, text.replace("</body>", broken))?;
    let served = Served::from(folder.path())?;
    let browser = browser()?;
    let page = Page::open(&browser)?;
    page.tab
        .navigate_to(&format!("{}index.html", served.address))?
        .wait_until_navigated()?;
    let complaints = page.complaints().join("\n");
    ensure!(complaints.contains("not-there.js"), "{complaints}");
    ensure!(complaints.contains("Uncaught"), "{complaints}");
    Ok(())
}
