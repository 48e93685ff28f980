//! A progress bar for longer work.

use std::borrow::Cow;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar on standard error, if that is a terminal; dropping it removes it.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Creates a bar of `steps` steps.
    pub fn new(steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        // The clock keeps ticking during a long step: a stage may have to be compiled first.
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// Begins a step.
    pub fn step(&self, name: impl Into<Cow<'static, str>>) {
        self.bar.set_message(name);
    }

    /// Runs something that prints, with the bar out of the way.
    pub fn aside<T>(&self, action: impl FnOnce() -> T) -> T {
        self.bar.suspend(action)
    }

    /// Ends the current step and begins another.
    pub fn next(&self, name: &str) {
        self.done();
        self.step(name.to_owned());
    }

    /// Ends a step.
    pub fn done(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
