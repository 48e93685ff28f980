//! A page in a browser, and what it complains of.

use std::collections::HashSet;
use std::time::Instant;

use anyhow::ensure;
use serde_json::{Value, json};

use crate::chromium::{PATIENCE, Tab};

/// A tab, and what has gone wrong in it.
pub(crate) struct Page {
    tab: Tab,
    /// The page that the tab shows, or is about to: a number that Chromium gives it.
    loader: Value,
    is_loaded: bool,
    /// The requests that have no answer yet.
    requests: HashSet<String>,
    complaints: Vec<String>,
}

/// Lays the page out, which asks for its fonts, and returns once they are there and the scripts are idle.
const IDLE: &str = "(async () => {
    document.body.getBoundingClientRect();
    await document.fonts.ready;
    await new Promise(requestIdleCallback);
    return true;
})()";

impl Page {
    pub(crate) fn open() -> anyhow::Result<Self> {
        let mut tab = Tab::open()?;
        for domain in ["Page", "Log", "Runtime", "Network"] {
            tab.call(&format!("{domain}.enable"), json!({}))?;
        }
        tab.call("Page.setLifecycleEventsEnabled", json!({ "enabled": true }))?;
        Ok(Self {
            tab,
            loader: Value::Null,
            is_loaded: false,
            requests: HashSet::new(),
            complaints: Vec::new(),
        })
    }

    /// Opens an address. Returns once the page is whole: it is loaded, its scripts are idle, and no request waits for its answer.
    pub(crate) fn visit(&mut self, url: &str) -> anyhow::Result<()> {
        self.note_heard();
        self.requests.clear();
        self.is_loaded = false;
        let mut answer = self.tab.call("Page.navigate", json!({ "url": url }))?;
        let error = &answer["errorText"];
        ensure!(error.is_null(), "{url}: {error}");
        self.loader = answer["loaderId"].take();
        let deadline = Instant::now() + PATIENCE;
        self.note_heard();
        while !self.is_loaded {
            self.listen(url, deadline)?;
        }
        loop {
            self.tab.ask(IDLE)?;
            self.note_heard();
            if self.requests.is_empty() {
                return Ok(());
            }
            while !self.requests.is_empty() {
                self.listen(url, deadline)?;
            }
        }
    }

    /// Waits until the page has an element for this selector.
    pub(crate) fn wait_for(&mut self, selector: &str) -> anyhow::Result<()> {
        let look = format!(
            "new Promise(done => {{
                const look = () => document.querySelector({}) ? done(true) : setTimeout(look, 10);
                look();
            }})",
            json!(selector)
        );
        self.tab.ask(&look).map(drop)
    }

    /// Returns what has gone wrong since the last time.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        self.note_heard();
        std::mem::take(&mut self.complaints)
    }

    /// Fails if anything has gone wrong since the last time.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        let complaints = self.complaints();
        ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
        Ok(())
    }

    pub(crate) fn look_as(&mut self, width: u32, scheme: &str) -> anyhow::Result<()> {
        self.look_at(width, 900, scheme)
    }

    /// Gives the page a window of that size, in pixels of the page.
    pub(crate) fn look_at(&mut self, width: u32, height: u32, scheme: &str) -> anyhow::Result<()> {
        let is_phone = width < 500;
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone });
        self.tab.call("Emulation.setDeviceMetricsOverride", size)?;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.tab.call("Emulation.setEmulatedMedia", media)?;
        Ok(())
    }

    pub(crate) fn ask(&mut self, question: &str) -> anyhow::Result<String> {
        let answer = self.tab.ask(question)?;
        ensure!(!answer.is_null(), "no answer to {question}");
        Ok(answer
            .as_str()
            .map_or_else(|| answer.to_string(), str::to_owned))
    }

    /// Takes note of the events so far.
    fn note_heard(&mut self) {
        while let Some(event) = self.tab.events.pop_front() {
            self.note(&event);
        }
    }

    /// Waits for another event.
    fn listen(&mut self, url: &str, deadline: Instant) -> anyhow::Result<()> {
        let what = if self.is_loaded {
            format!("{:?}, which {url} asks for", self.requests)
        } else {
            format!("the end of loading {url}")
        };
        let event = self.tab.message(&what, deadline)?;
        self.note(&event);
        Ok(())
    }

    fn note(&mut self, event: &Value) {
        let details = &event["params"];
        let request = details["requestId"].as_str().unwrap_or_default();
        match event["method"].as_str().unwrap_or_default() {
            "Page.lifecycleEvent" if details["name"] == "load" => {
                self.is_loaded |= details["loaderId"] == self.loader;
            }
            "Network.requestWillBeSent" if details["loaderId"] == self.loader => {
                self.requests.insert(request.to_owned());
            }
            "Network.loadingFinished" | "Network.loadingFailed" => {
                self.requests.remove(request);
            }
            _ => {}
        }
        self.complaints.extend(complaint(event));
    }
}

fn complaint(event: &Value) -> Option<String> {
    let details = &event["params"];
    match event["method"].as_str()? {
        "Log.entryAdded" if details["entry"]["level"] != "info" => {
            let entry = &details["entry"];
            Some(format!("{} {}", entry["text"], entry["url"]))
        }
        "Runtime.consoleAPICalled"
            if details["type"] == "error" || details["type"] == "warning" =>
        {
            Some(details["args"].to_string())
        }
        "Runtime.exceptionThrown" => Some(details["exceptionDetails"].to_string()),
        "Network.responseReceived" if details["response"]["status"].as_u64()? >= 400 => {
            let response = &details["response"];
            Some(format!("{} for {}", response["status"], response["url"]))
        }
        "Network.requestWillBeSent" => {
            let url = details["request"]["url"].as_str()?;
            let inside = ["http://127.0.0.1:", "data:", "blob:"];
            let is_outside = !inside.iter().any(|start| url.starts_with(start));
            is_outside.then(|| format!("asks for {url}"))
        }
        "Network.loadingFailed" if details["canceled"] != true => {
            Some(details["errorText"].to_string())
        }
        _ => None,
    }
}
