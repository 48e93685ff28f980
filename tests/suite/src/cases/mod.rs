//! The echo contract, E1 … E17: each case starts a server, and panics if it breaks the contract.

mod bytes;
mod command_line;
mod crowds;
mod disturbances;
mod drain;
mod ends;
mod neighbours;
mod readiness;
mod shortages;

pub use bytes::*;
pub use command_line::*;
pub use crowds::*;
pub use disturbances::*;
pub use drain::*;
pub use ends::*;
pub use neighbours::*;
pub use readiness::*;
pub use shortages::*;

list! { $ ECHO, echo_tests, cases: "The cases for every server."
    e01_bytes_come_back
    e02_chopped
    e02_small_writes
    e03_silence
    e04_half_close
    e05_writes_all_then_reads
    e06_slow_readers
    e07_resets
    e08_comings_and_goings
    e09_second_client
    e10_crowd
    e11_out_of_descriptors
    e11_limit_lowered
    e11_accept_always_fails
    e12_urgent_data
    e12_stopped_and_continued
    e12_stopped_amid_a_write
    e13_sigterm
    e13_sigint
    e13_ignored_signal
    e14_restart
    e15_flood
    e16_no_task_to_be_had
    e17_one_gibibyte
}

list! { $ EVENT_LOOP, event_loop_tests, cases: "The cases for a server with an event loop."
    e12_spurious_readiness
    e12_urgent_mark
}

list! { $ DRAIN, drain_tests, cases: "The cases for a server that drains on SIGTERM."
    drain_within_two_seconds
    e13_in_the_queue
    e13_late_reader
    e13_second_signal
    e13_still_talking
    e13_urgent_mark
}

list! { $ IDLE, idle_tests, cases: "The cases for a server without a cap."
    e10_ten_thousand_idle
}

list! { $ COMMAND_LINE, command_line_tests, cases: "The cases for the command line of a stage."
    c1_help
    c2_version
    c3_bad_arguments
    c4_address_in_use
    c5_ipv6
    c6_nobody_reads_standard_error
    c7_standard_error_is_full
    c8_standard_error_is_a_full_disk
    c9_standard_error_is_a_stopped_terminal
}
