//! A progress bar for longer work.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

/// Returns a bar of `steps` steps on standard error, if that is a terminal; dropping it removes it.
pub fn progress_bar(steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed} {msg}");
    let bar = ProgressBar::new(steps as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_finish(ProgressFinish::AndClear);
    // The clock keeps ticking during a long step: a stage may have to be compiled first.
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Ends the current step and begins another.
pub(crate) fn next_step(bar: &ProgressBar, name: &str) {
    bar.inc(1);
    bar.set_message(name.to_owned());
}
