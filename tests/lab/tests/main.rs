//! The tests of the lab, in one program: most of them wait for something most of the time, so they share the cores well,
//! and the lab is linked once. Those that need what is not on every machine have a program of their own (`proxies.rs`).

mod at_a_terminal;
#[path = "check/main.rs"]
mod check;
mod claims;
mod class;
mod cli;
#[path = "doctor/main.rs"]
mod doctor;
mod evidence;
mod floors;
mod hostile_proxy;
mod left_out;
mod lessons;
mod limit;
mod load;
mod matrix;
mod show;
mod watched;
mod xray;
mod xray_ring;
