//! The tests that wait for something most of the time, in one program, so that they wait together.

#![allow(
    clippy::duplicate_mod,
    reason = "each file is a program of its own, too, and so names what it needs"
)]

mod balancer;
mod command_line;
mod completion;
mod cores;
mod dead_queue;
mod deadlines;
mod executor;
mod herd;
mod pool;
mod proxy;
mod reactor;
mod timers;
mod uring;
