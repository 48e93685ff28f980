//! The tests of the lab, in one program: most of them wait for something most of the time, so they share the cores well,
//! and the lab is linked once. Those that change the whole process, or need what is not on every machine, have programs of
//! their own (`limit.rs`, `proxies.rs`).

#[path = "check/main.rs"]
mod check;
mod claims;
mod cli;
mod evidence;
mod floors;
mod hostile_proxy;
mod lessons;
mod load;
mod matrix;
mod show;
mod xray;
