//! The suite panics when something is not as it should be; to the lab that is an error.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does something with the suite's means, and makes an error of its panic.
///
/// # Errors
///
/// What the panic said.
pub fn attempt<T>(action: impl FnOnce() -> T) -> anyhow::Result<T> {
    catch_unwind(AssertUnwindSafe(action)).map_err(|panic| anyhow::anyhow!(reason(&*panic)))
}

/// What a panic said.
pub fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}
