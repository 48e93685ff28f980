//! Servers that are wrong, each in one thing.

mod blocking_write;
mod dies_out_of_descriptors;
mod dies_with_bytes_under_way;
mod fionread_taken_for_all;
mod ignored_signal_taken;
mod leak_on_reset;
mod no_reuse_address;
mod one_accept_an_edge;
mod one_reset_ends_all;
mod queue_is_reset;
mod rdhup_before_flush;
mod short_write_ignored;
mod single_blocking_client;
mod spin_on_emfile;
mod unbounded_buffer;
mod unchecked_fd_setsize;
mod wakes_by_the_clock;
mod zombies;

use crate::Run;
use crate::echo::run;

/// All of them, by the names of their files.
pub(crate) const ALL: &[(&str, Run)] = &[
    ("blocking_write", run::<blocking_write::BlockingWrite>),
    (
        "dies_out_of_descriptors",
        run::<dies_out_of_descriptors::DiesOutOfDescriptors>,
    ),
    (
        "dies_with_bytes_under_way",
        run::<dies_with_bytes_under_way::DiesWithBytesUnderWay>,
    ),
    (
        "fionread_taken_for_all",
        run::<fionread_taken_for_all::FionreadTakenForAll>,
    ),
    (
        "ignored_signal_taken",
        run::<ignored_signal_taken::IgnoredSignalTaken>,
    ),
    ("leak_on_reset", run::<leak_on_reset::LeakOnReset>),
    ("no_reuse_address", run::<no_reuse_address::NoReuseAddress>),
    (
        "one_accept_an_edge",
        run::<one_accept_an_edge::OneAcceptAnEdge>,
    ),
    (
        "one_reset_ends_all",
        run::<one_reset_ends_all::OneResetEndsAll>,
    ),
    ("queue_is_reset", run::<queue_is_reset::QueueIsReset>),
    (
        "rdhup_before_flush",
        run::<rdhup_before_flush::RdhupBeforeFlush>,
    ),
    (
        "short_write_ignored",
        run::<short_write_ignored::ShortWriteIgnored>,
    ),
    ("single_blocking_client", single_blocking_client::run),
    ("spin_on_emfile", run::<spin_on_emfile::SpinOnEmfile>),
    ("unbounded_buffer", run::<unbounded_buffer::UnboundedBuffer>),
    (
        "unchecked_fd_setsize",
        run::<unchecked_fd_setsize::UncheckedFdSetsize>,
    ),
    (
        "wakes_by_the_clock",
        run::<wakes_by_the_clock::WakesByTheClock>,
    ),
    ("zombies", zombies::run),
];
