//! A page as screens for a projector, and the notes of the person who presents it.

use anyhow::ensure;

use crate::browser;
use crate::page::Page;
use crate::served::Served;

/// The number of screens; how many blocks are on none or on two; how many screens of several blocks are higher than the
/// window. A screen is looked at by its number.
const SCREENS: &str = "(() => {
    const main = document.querySelector('main');
    const next = document.querySelector('.screens button:last-child');
    const count = () => document.querySelector('.screens span').textContent.split(' / ').map(Number);
    const shown = new Map();
    let high = 0;
    const [, all] = count();
    for (let screen = 1; screen <= all; screen += 1) {
        const blocks = [...main.children].filter(block => block.getBoundingClientRect().height > 0);
        for (const block of blocks) shown.set(block, (shown.get(block) ?? 0) + 1);
        const large = blocks.filter(block => !block.matches('h1, h2, h3, .caption'));
        if (large.length > 2 && main.scrollHeight > main.clientHeight) high += 1;
        next.click();
    }
    const blocks = [...main.children].filter(block => !block.matches('script, style, .speaker-note') && block.textContent.trim());
    const wrong = blocks.filter(block => shown.get(block) < 1 || shown.get(block) === undefined);
    return `${all > 15} ${wrong.length} ${high}`;
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
fn a_chapter_is_presented() -> anyhow::Result<()> {
    let served = Served::start()?;
    let browser = browser()?;
    let page = Page::open(&browser)?;
    let mut wrong = Vec::new();
    for (width, height) in [(1280, 720), (1920, 1080)] {
        page.look_at(width, height, "light")?;
        for name in ["00-sockets", "04-select", "06-epoll-lt"] {
            let url = format!("{}{name}.html?present", served.address);
            page.tab.navigate_to(&url)?.wait_until_navigated()?;
            page.tab.wait_for_element(".screens span")?;
            let screens = page.ask(SCREENS)?;
            let keys = page.ask(KEYS)?;
            let complaints = page.complaints();
            if (&*screens, &*keys, complaints.len()) != ("true 0 0", "1 2 3 2", 0) {
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
fn notes_are_shown_when_they_are_asked_for() -> anyhow::Result<()> {
    let served = Served::start()?;
    let browser = browser()?;
    let page = Page::open(&browser)?;
    page.look_at(1280, 900, "light")?;
    for (asked, expected) in [("", "true false"), ("?notes", "true true")] {
        let url = format!("{}04-select.html{asked}", served.address);
        page.tab.navigate_to(&url)?.wait_until_navigated()?;
        let notes = page.ask(NOTES)?;
        ensure!(notes == expected, "{asked}: {notes}");
    }
    Ok(())
}
