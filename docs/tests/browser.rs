//! Every page in a real browser, served by stage 8: on a screen and on a phone, in light and in dark. Nothing is missing,
//! the console is silent, nothing is wider than the page; and the search finds, with no network.
//!
//! It needs Chromium, and is compiled with `--features browser` only.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, ensure};
use book::program;
use headless_chrome::protocol::cdp::types::Event;
use headless_chrome::protocol::cdp::{Emulation, Log, Network, Runtime};
use headless_chrome::{Browser, LaunchOptions, Tab};

/// The book, served by stage 8 until this is dropped.
struct Served {
    stage: Child,
    folder: PathBuf,
    address: String,
}

impl Served {
    fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?.keep();
        book::build(Some(&folder))?;
        let mut command = Command::new(program("stage-08")?);
        command.args(["127.0.0.1:0", "--http", "127.0.0.1:0", "--root"]);
        let mut stage = command.arg(&folder).stdout(Stdio::piped()).spawn()?;
        let output = stage.stdout.take().context("its output is not ours")?;
        let line = BufReader::new(output).lines().nth(1);
        let line = line.context("it does not say where it serves")??;
        let address = line.rsplit(' ').next().unwrap_or_default().to_owned();
        Ok(Self {
            stage,
            folder,
            address,
        })
    }

    /// The pages, by their paths in the book.
    fn pages(&self) -> anyhow::Result<Vec<String>> {
        let mut pages = Vec::new();
        for folder in ["", "code/"] {
            for entry in fs::read_dir(self.folder.join(folder))? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                if name.ends_with(".html") {
                    pages.push(format!("{folder}{name}"));
                }
            }
        }
        pages.sort();
        Ok(pages)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.stage.kill();
        let _ = self.stage.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn browser() -> anyhow::Result<Browser> {
    let options = LaunchOptions::default_builder()
        // As root, as CI is, there is none to be had.
        .sandbox(false)
        .window_size(Some((1280, 900)))
        .idle_browser_timeout(Duration::from_secs(120))
        .build()?;
    Browser::new(options).context("cannot start Chromium: is it installed?")
}

/// A tab, and what has gone wrong in it.
struct Page {
    tab: Arc<Tab>,
    complaints: Arc<Mutex<Vec<String>>>,
}

impl Page {
    fn open(browser: &Browser) -> anyhow::Result<Self> {
        let tab = browser.new_tab()?;
        tab.set_default_timeout(Duration::from_secs(30));
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&complaints);
        tab.add_event_listener(Arc::new(move |event: &Event| {
            if let Some(complaint) = complaint(event) {
                let mut heard = heard.lock().unwrap_or_else(|error| error.into_inner());
                heard.push(complaint);
            }
        }))?;
        tab.enable_log()?.enable_runtime()?;
        tab.call_method(network())?;
        Ok(Self { tab, complaints })
    }

    fn complaints(&self) -> Vec<String> {
        let mut complaints = self
            .complaints
            .lock()
            .unwrap_or_else(|error| error.into_inner());
        std::mem::take(&mut *complaints)
    }

    fn look_as(&self, width: u32, scheme: &str) -> anyhow::Result<()> {
        self.tab.call_method(Emulation::SetDeviceMetricsOverride {
            width,
            height: 900,
            device_scale_factor: 1.0,
            mobile: width < 500,
            ..Default::default()
        })?;
        self.tab.call_method(Emulation::SetEmulatedMedia {
            media: None,
            features: Some(vec![Emulation::MediaFeature {
                name: "prefers-color-scheme".to_owned(),
                value: scheme.to_owned(),
            }]),
        })?;
        Ok(())
    }

    fn ask(&self, question: &str) -> anyhow::Result<String> {
        let answer = self.tab.evaluate(question, true)?.value;
        let answer = answer.with_context(|| format!("no answer to {question}"))?;
        Ok(answer
            .as_str()
            .map_or_else(|| answer.to_string(), str::to_owned))
    }
}

fn network() -> Network::Enable {
    Network::Enable {
        max_total_buffer_size: None,
        max_resource_buffer_size: None,
        max_post_data_size: None,
        report_direct_socket_traffic: None,
        enable_durable_messages: None,
    }
}

fn complaint(event: &Event) -> Option<String> {
    match event {
        Event::LogEntryAdded(event) if event.params.entry.level != Log::LogEntryLevel::Info => {
            let entry = &event.params.entry;
            Some(format!(
                "{} {}",
                entry.text,
                entry.url.as_deref().unwrap_or("")
            ))
        }
        Event::RuntimeConsoleAPICalled(event) => match event.params.Type {
            Runtime::ConsoleAPICalledEventTypeOption::Error
            | Runtime::ConsoleAPICalledEventTypeOption::Warning => {
                Some(format!("{:?}", event.params.args))
            }
            _ => None,
        },
        Event::RuntimeExceptionThrown(event) => Some(event.params.exception_details.text.clone()),
        Event::NetworkResponseReceived(event) if event.params.response.status >= 400 => {
            let response = &event.params.response;
            Some(format!("{} for {}", response.status, response.url))
        }
        Event::NetworkRequestWillBeSent(event) => {
            let url = &event.params.request.url;
            let inside = ["http://127.0.0.1:", "data:", "blob:"];
            let outside = !inside.iter().any(|start| url.starts_with(start));
            outside.then(|| format!("asks for {url}"))
        }
        Event::NetworkLoadingFailed(event) if !event.params.canceled.unwrap_or(false) => {
            Some(event.params.error_text.clone())
        }
        _ => None,
    }
}

/// How much of the page lies to the right of the window; which colours it has; how many pictures are empty.
const LOOK: &str = "(() => {
    const wide = document.scrollingElement.scrollWidth - window.innerWidth;
    const flat = [...document.querySelectorAll('figure svg')].filter(s => s.getBoundingClientRect().height < 20);
    const theme = document.documentElement.className.match(/light|navy/);
    return `${wide > 0 ? wide : 0} ${flat.length} ${theme}`;
})()";

#[test]
fn every_page_is_whole() -> anyhow::Result<()> {
    let served = Served::start()?;
    let browser = browser()?;
    let page = Page::open(&browser)?;
    let mut complaints = Vec::new();
    let pages = served.pages()?;
    ensure!(pages.len() > 20, "{pages:?}");
    for (width, scheme, theme) in [
        (1280, "light", "light"),
        (1280, "dark", "navy"),
        (390, "light", "light"),
        (390, "dark", "navy"),
    ] {
        page.look_as(width, scheme)?;
        for name in &pages {
            let url = format!("{}{name}", served.address);
            page.tab.navigate_to(&url)?.wait_until_navigated()?;
            let look = page.ask(LOOK)?;
            let mut wrong = page.complaints();
            if look != format!("0 0 {theme}") {
                wrong.push(format!("too wide, empty pictures, theme: {look}"));
            }
            let wrong = wrong
                .into_iter()
                .map(|what| format!("{name} at {width}, {scheme}: {what}"));
            complaints.extend(wrong);
        }
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

#[test]
fn what_is_missing_is_seen() -> anyhow::Result<()> {
    let served = Served::start()?;
    let path = served.folder.join("index.html");
    let text = fs::read_to_string(&path)?;
    let broken =
        "<script src=\"not-there.js\"></script><script>throw new Error('oh')</script></body>";
    fs::write(&path, text.replace("</body>", broken))?;
    let page = Page::open(&browser()?)?;
    page.tab
        .navigate_to(&format!("{}index.html", served.address))?
        .wait_until_navigated()?;
    let complaints = page.complaints().join("\n");
    ensure!(complaints.contains("not-there.js"), "{complaints}");
    ensure!(complaints.contains("Uncaught"), "{complaints}");
    Ok(())
}
