//! A page in a browser, and what it complains of.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use headless_chrome::protocol::cdp::types::Event;
use headless_chrome::protocol::cdp::{Emulation, Log, Network, Runtime};
use headless_chrome::{Browser, Tab};

/// A tab, and what has gone wrong in it.
pub(crate) struct Page {
    pub(crate) tab: Arc<Tab>,
    complaints: Arc<Mutex<Vec<String>>>,
}

impl Page {
    pub(crate) fn open(browser: &Browser) -> anyhow::Result<Self> {
        let tab = browser.new_tab()?;
        tab.set_default_timeout(Duration::from_secs(120));
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

    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut complaints = self
            .complaints
            .lock()
            .unwrap_or_else(|error| error.into_inner());
        std::mem::take(&mut *complaints)
    }

    pub(crate) fn look_as(&self, width: u32, scheme: &str) -> anyhow::Result<()> {
        self.look_at(width, 900, scheme)
    }

    /// Gives the page a window of that size, in pixels of the page.
    pub(crate) fn look_at(&self, width: u32, height: u32, scheme: &str) -> anyhow::Result<()> {
        self.tab.call_method(Emulation::SetDeviceMetricsOverride {
            width,
            height,
            device_scale_factor: 1.0,
            mobile: width < 500,
            scale: None,
            screen_width: None,
            screen_height: None,
            position_x: None,
            position_y: None,
            dont_set_visible_size: None,
            screen_orientation: None,
            viewport: None,
            display_feature: None,
            device_posture: None,
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

    pub(crate) fn ask(&self, question: &str) -> anyhow::Result<String> {
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
