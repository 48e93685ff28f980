//! The kernel in the page: each scenario is stepped through, and shows what its table says.

use anyhow::{Context, ensure};

use crate::page::Page;
use crate::served::Served;

const PAGES: [&str; 6] = [
    "04-select.html",
    "05-poll.html",
    "06-epoll-lt.html",
    "07-epoll-et.html",
    "inside-epoll.html",
    "playground.html",
];

/// Steps through every scenario of the page by its button, and back to the start; says how many there are, and where what is shown
/// is not what the page says without scripts.
const STEP_THROUGH: &str = "(async () => {
    const plain = await (await fetch(location.pathname)).text();
    const tables = new DOMParser().parseFromString(plain, 'text/html').querySelectorAll('section.simulator');
    const wrong = [];
    for (const table of tables) {
        const section = document.getElementById(table.id);
        const [back, step] = section.querySelectorAll('.controls button');
        section.querySelector('label input').click();
        const written = [...table.querySelectorAll('tbody tr')].map(row => row.cells[1].textContent.trim());
        for (const result of written) {
            step.click();
            const now = section.querySelector('[aria-current=step] .result').textContent;
            if (now !== ` → ${result}`) wrong.push(`${table.id}: ${now}, and not ${result}`);
            const wide = section.scrollWidth - section.clientWidth;
            if (wide > 0) wrong.push(`${table.id}: ${wide} too wide`);
        }
        if (!step.disabled) wrong.push(`${table.id}: it goes on`);
        for (const result of written) back.click();
        if (!back.disabled) wrong.push(`${table.id}: it does not go back`);
    }
    return [tables.length, ...wrong].join('; ');
})()";

/// By the keys alone: to the first wait, a guess of A before B where B comes first, and then what is said of it.
const GUESS: &str = "(() => {
    const section = document.querySelector('#kernel-callback');
    const press = key => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    section.querySelector('.controls .first').focus();
    for (let i = 0; i < 11; i++) press('ArrowRight');
    if (section.querySelectorAll('.past').length !== 10) return 'a wait is shown before it was guessed';
    const [a, b] = section.querySelectorAll('.choices button');
    b.click();
    a.click();
    section.querySelector('.choices .first').click();
    const right = section.querySelector('.right-guess');
    return `${right?.textContent} ${location.pathname}`;
})()";

/// To the end, which is a wait: says whether the keyboard is still in the simulator, where the arrow keys do not turn the page.
const END: &str = "(() => {
    const section = document.querySelector('#kernel-callback');
    const step = section.querySelector('.controls .first');
    for (let i = 0; i < 99 && !step.disabled; i++) (section.querySelector('.choices .first') ?? step).click();
    return step.disabled && section.contains(document.activeElement);
})()";

/// A scenario is changed; the page is opened again by the address that this has made.
const CHANGE: &str = "(() => {
    const text = document.querySelector('.simulator textarea');
    text.value = '# Mine ~ + 100 %\\neventfd V\\nwrite V 3\\nread V 1';
    text.dispatchEvent(new Event('input'));
    return location.href;
})()";

#[test]
#[ignore = "opens Chromium"]
fn every_scenario_is_stepped_through() -> anyhow::Result<()> {
    let served = Served::start()?;
    let mut page = Page::open()?;
    let mut scenarios = 0;
    for width in [1280, 390] {
        page.look_as(width, "light")?;
        for name in PAGES {
            let url = format!("{}{name}", served.address);
            page.visit(&url)?;
            page.wait_for(".simulator .controls")?;
            let found = page.ask(STEP_THROUGH)?;
            let count: usize = found.parse().unwrap_or(0);
            ensure!(count > 0, "{name} at {width}: {found}");
            page.check().with_context(|| name.to_owned())?;
            scenarios += count;
        }
    }
    ensure!(
        scenarios >= 2 * 14,
        "only {scenarios} scenarios, at two widths"
    );
    Ok(())
}

#[test]
#[ignore = "opens Chromium"]
fn a_wait_is_guessed_and_a_scenario_is_shared() -> anyhow::Result<()> {
    let served = Served::start()?;
    let mut page = Page::open()?;
    let url = format!("{}playground.html", served.address);
    page.visit(&url)?;
    page.wait_for(".simulator .controls")?;
    let said = page.ask(GUESS)?;
    ensure!(
        said.starts_with("As you said: it returns 2: B in, A in."),
        "{said}"
    );
    ensure!(
        said.ends_with("playground.html"),
        "the keys turn the page: {said}"
    );
    let stays = page.ask(END)?;
    ensure!(stays == "true", "the keyboard leaves the simulator");
    let address = page.ask(CHANGE)?;
    page.visit("about:blank")?;
    page.visit(&address)?;
    page.wait_for(".simulator .controls")?;
    let title = page.ask("document.querySelector('.simulator .title').textContent")?;
    ensure!(title == "Mine ~ + 100 %", "{title} at {address}");
    page.check()
}
