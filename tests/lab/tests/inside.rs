//! The unit tests of the lab. The few files that have some are compiled here a second time, because a library with unit
//! tests of its own is compiled a second time as a whole.

#![expect(dead_code, reason = "the library uses the rest of these files")]

#[path = "../src/check"]
mod check {
    mod cases;
    mod judge;
    mod row;
    mod traits;
}

#[path = "../src/world"]
mod world {
    mod names;
    mod pool;

    pub(crate) use names::wanted;
    pub(crate) use pool::{Receipt, in_parallel};
}
