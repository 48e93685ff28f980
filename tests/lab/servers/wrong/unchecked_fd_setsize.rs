//! Wrong: `select`, and no look at the descriptor's value: 1,024 and above do not fit. (Here the set panics; in C, FD_SET
//! writes beyond it.)
//! Seen in: whatever was written with `select` and then met more than a thousand clients.
//! Turns red: e10_crowd e10_ten_thousand_idle

use std::io;

use crate::echo::Manners;
use crate::selector::{Select, Selector};

pub(super) struct UncheckedFdSetsize;

impl Manners for UncheckedFdSetsize {
    fn selector() -> io::Result<Box<dyn Selector>> {
        Ok(Box::new(Select::default()))
    }
}
