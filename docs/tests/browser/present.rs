//! A page as screens for a projector, and the notes of the person who presents it.

use anyhow::ensure;

use crate::page::Page;
use crate::served::Served;

/// Looks at each screen: a block that is on none or on two; more than a screen holds; a screen of more than 200 words
/// that are not code. Returns what is wrong, and how many screens there are.
const SCREENS: &str = "(() => {
    const main = document.querySelector('main');
    const next = document.querySelector('.screens button:last-child');
    const count = () => document.querySelector('.screens span').textContent.split(' / ').map(Number);
    const words = block => block.innerText.split(/\\s+/).filter(word => /\\w/.test(word)).length;
    const shown = new Map();
    const wrong = [];
    const [, all] = count();
    for (let screen = 1; screen <= all; screen += 1) {
        const blocks = [...main.children].filter(block => block.getBoundingClientRect().height > 0);
        for (const block of blocks) shown.set(block, (shown.get(block) ?? 0) + 1);
        const over = main.scrollHeight - main.clientHeight;
        if (over > 1) wrong.push(`${screen}: ${over} pixels too high: ${blocks.at(-1).textContent.trim().slice(0, 40)}`);
        const wide = blocks.flatMap(block => [...block.querySelectorAll(':scope > code')]).map(code => code.scrollWidth - code.clientWidth);
        if (Math.max(0, ...wide) > 1) wrong.push(`${screen}: code ${Math.max(...wide)} pixels too wide`);
        const prose = blocks.filter(block => !block.matches('pre, .simulator, table, .table-wrapper'));
        const said = prose.reduce((sum, block) => sum + words(block), 0);
        if (said > 200) wrong.push(`${screen}: ${said} words`);
        next.click();
    }
    for (const block of main.children) {
        const is_due = !block.matches('script, style, .speaker-note') && block.textContent.trim();
        if (is_due && shown.get(block) !== 1) wrong.push(`on ${shown.get(block) ?? 0} screens: ${block.textContent.trim().slice(0, 40)}`);
    }
    return `${all} screens; ${wrong.join('; ')}`;
})()";

/// Turns screens by keys: what the count says after each.
const KEYS: &str = "(() => {
    const at = () => document.querySelector('.screens span').textContent.split(' ')[0];
    return ['Home', 'ArrowRight', ' ', 'ArrowLeft'].map(key => {
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        return at();
    }).join(' ');
})()";

/// How many notes there are, and how many of them are seen.
const NOTES: &str = "(() => {
    const notes = [...document.querySelectorAll('.speaker-note')];
    return `${notes.length > 0} ${notes.filter(note => note.offsetHeight > 0).length === notes.length}`;
})()";

#[test]
#[ignore = "opens Chromium"]
fn a_chapter_is_presented() -> anyhow::Result<()> {
    let served = Served::start()?;
    let mut page = Page::open()?;
    let pages = served.pages()?.into_iter();
    let chapters = pages.filter_map(|page| Some(page.strip_suffix(".html")?.to_owned()));
    let chapters: Vec<_> = chapters.filter(|page| page.starts_with('0')).collect();
    ensure!(chapters.len() == 9, "{chapters:?}");
    let mut wrong = Vec::new();
    for (width, height) in [(1280, 720), (1920, 1080)] {
        page.look_at(width, height, "light")?;
        for name in &chapters {
            let url = format!("{}{name}.html?present", served.address);
            page.visit(&url)?;
            page.wait_for(".screens span")?;
            let screens = page.ask(SCREENS)?;
            let keys = page.ask(KEYS)?;
            let complaints = page.complaints();
            let (count, faults) = screens.split_once(" screens; ").unwrap_or_default();
            let many = count.parse::<u32>().is_ok_and(|count| count > 15);
            if !many || !faults.is_empty() || keys != "1 2 3 2" || !complaints.is_empty() {
                wrong.push(format!(
                    "{name} at {width}: {screens}, keys {keys}, {complaints:?}"
                ));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
#[ignore = "opens Chromium"]
fn notes_are_shown_when_they_are_asked_for() -> anyhow::Result<()> {
    let served = Served::start()?;
    let mut page = Page::open()?;
    page.look_at(1280, 900, "light")?;
    for (asked, expected) in [("", "true false"), ("?notes", "true true")] {
        let url = format!("{}04-select.html{asked}", served.address);
        page.visit(&url)?;
        let notes = page.ask(NOTES)?;
        ensure!(notes == expected, "{asked}: {notes}");
    }
    Ok(())
}
