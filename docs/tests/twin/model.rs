//! The model's half: its source as it is shown in the book, run in headless Chromium.

use std::cell::RefCell;

use anyhow::Context;
use book::{read, workspace};

use crate::chromium::Tab;

/// A page in a browser that has a model.
pub(crate) struct Model(RefCell<Tab>);

impl Model {
    /// Starts a browser with the model of the book.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let model = Self(RefCell::new(Tab::open()?));
        model.load(&source()?)?;
        Ok(model)
    }

    /// Takes another text of the model, as one with a fault in it.
    pub(crate) fn load(&self, model: &str) -> anyhow::Result<()> {
        let scenario = read(&workspace().join("docs/theme/kernel/scenario.js"))?;
        let load = format!(
            "(async () => {{
                const module = text => 'data:text/javascript,' + encodeURIComponent(text).replace(/'/g, '%27');
                const scenario = {}.replace('./model.js', module({}));
                window.trace = (await import(module(scenario))).trace;
                return 'loaded';
            }})()",
            serde_json::to_string(&scenario)?,
            serde_json::to_string(model)?,
        );
        self.ask(&load).map(drop)
    }

    /// Returns what each scenario returns, a line a step.
    pub(crate) fn traces(&self, scenarios: &[String]) -> anyhow::Result<Vec<Vec<String>>> {
        let texts = serde_json::to_string(scenarios)?;
        let run = format!(
            "JSON.stringify({texts}.map(text => {{
                try {{ return trace(text); }} catch (error) {{ return [`${{error.stack}}`]; }}
            }}))"
        );
        Ok(serde_json::from_str(&self.ask(&run)?)?)
    }

    fn ask(&self, question: &str) -> anyhow::Result<String> {
        let answer = self.0.borrow_mut().ask(question)?;
        Ok(answer.as_str().context("the answer is no text")?.to_owned())
    }
}

/// Returns the text of the model.
pub(crate) fn source() -> anyhow::Result<String> {
    read(&workspace().join("docs/theme/kernel/model.js"))
}
