//! What a server had printed when a case of it failed.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

thread_local! {
    /// Where they go in this thread; to standard error, if nobody wants them.
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does something that may panic, and gives beside its outcome what the servers that fell with it had
/// printed on standard error: it is not printed then.
pub fn with_last_words<T>(action: impl FnOnce() -> T) -> (thread::Result<T>, String) {
    HEARD.set(Some(String::new()));
    let outcome = catch_unwind(AssertUnwindSafe(action));
    (outcome, HEARD.take().unwrap_or_default())
}

/// Takes the words of a server, if somebody in this thread wants them; gives whether it does.
pub(crate) fn heard(words: &str) -> bool {
    HEARD.with_borrow_mut(|heard| match heard {
        Some(heard) => {
            heard.push_str(words);
            true
        }
        None => false,
    })
}
