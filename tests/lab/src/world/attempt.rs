//! The suite panics when something is not as it should be; to the lab that is an error.

use std::any::Any;

use suite::with_last_words;

/// Does something with the suite's means, and makes an error of its panic. What a server that falls with it has
/// printed is left out: the error is one line.
///
/// # Errors
///
/// What the panic said.
pub fn attempt<T>(action: impl FnOnce() -> T) -> anyhow::Result<T> {
    let (outcome, _) = with_last_words(action);
    outcome.map_err(|panic| anyhow::anyhow!(reason(&*panic)))
}

/// What a panic said.
pub fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}
