//! What a single stage teaches, as the kernel sees it: numbers of processes, threads, descriptors and
//! system calls.

mod epoll_et;
mod epoll_lt;
mod poll;
mod processes;
mod select;
mod threads;

pub use epoll_et::*;
pub use epoll_lt::*;
pub use poll::*;
pub use processes::*;
pub use select::*;
pub use threads::*;

use crate::{Call, Server, eventually, leave};

list! { $ STAGE_02, stage_02_tests, lessons: "Stage 2: a process for each client."
    l02_killed_child
    l02_no_zombies
    l02_each_closes_what_is_not_its_own
}

list! { $ STAGE_03, stage_03_tests, lessons: "Stage 3: a thread for each client."
    l03_one_process_many_threads
    l03_a_fault_ends_all
}

list! { $ STAGE_04, stage_04_tests, lessons: "Stage 4: select."
    l04_the_value_decides
    l04_select_is_handed_every_descriptor
}

list! { $ STAGE_05, stage_05_tests, lessons: "Stage 5: poll."
    l05_poll_is_handed_every_descriptor
}

list! { $ STAGE_06, stage_06_tests, lessons: "Stage 6: epoll, level-triggered."
    l06_the_ready_ones_only
    l06_one_call_for_each_change_of_interest
    l06_the_interest_list_is_in_fdinfo
    l06_a_paused_listener_is_not_watched
}

list! { $ STAGE_07, stage_07_tests, lessons: "Stage 7: epoll, edge-triggered."
    l07_one_registration_for_a_life
    l07_a_drained_connection_is_silent
    l07_who_is_cut_short_is_not_forgotten
    l07_fewer_waits_under_backpressure
    l07_a_pause_is_kept
}

/// Returns the waits that `echoes` of one client cost next to `idle` silent clients.
fn waits_beside(server: &Server, idle: usize, echoes: usize) -> Vec<Call> {
    let clients = server.crowd(idle + 1);
    let active = &clients[idle];
    let tracer = server.trace();
    (0..echoes).for_each(|_| active.echo(b"a word"));
    let mut calls = tracer.finish();
    calls.retain(|call| call.is_wait() && call.result > 0);
    leave(clients);
    eventually("the server to close all sockets but its listener", || {
        server.process().sockets().len() == 1
    });
    calls
}
