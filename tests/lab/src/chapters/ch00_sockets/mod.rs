//! Chapter 0: what a connection is before there is a server.

mod memory;
mod names;
mod ports;

use crate::course::{Chapter, lesson};

pub(super) fn chapter() -> Chapter {
    Chapter {
        number: 0,
        lesson: lesson(
            include_str!("lesson.md"),
            &[
                names::one_port_for_all,
                names::four_values,
                ports::numbers,
                memory::for_each_connection,
            ],
        ),
        claims: &[
            (14, memory::for_each_connection),
            (24, ports::sixteen_bits),
            (25, ports::first_and_last),
            (26, ports::not_signed),
            (27, ports::in_the_transport_header),
            (28, names::four_values),
            (29, names::one_port_for_all),
        ],
        specimens: &[("crowd", memory::crowd)],
    }
}
