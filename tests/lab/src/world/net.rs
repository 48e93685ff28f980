//! The kernel's table of TCP sockets.

pub use suite::net::{Row, hex, listener, table};
