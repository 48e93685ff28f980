//! What each case of the proxy contract asks for, and which lines of the course's proxy see to it.

use crate::Source;
use crate::meaning::{Meaning, PROXY_PAGE, at, meaning};

const WATCHED: Source = at("docs/beyond/src/proxy/pair.rs", "fn watched(&self)");
const IS_READ: Source = at("docs/beyond/src/proxy/pair.rs", "fn is_read(");
const ON_READY: Source = at("docs/beyond/src/proxy/pair.rs", "fn on_ready(");
const TAKE: Source = at("docs/beyond/src/proxy/pair.rs", "fn take(");
const PASS_ON_EOF: Source = at("docs/beyond/src/proxy/pair.rs", "shutdown(Shutdown::Write)");
const ABORT: Source = at("docs/beyond/src/proxy/pair.rs", "fn abort(");
const CONNECT: Source = at("docs/beyond/src/proxy/pair.rs", "fn connect(");
const FINISHED: Source = at("docs/beyond/src/proxy/pair.rs", "fn is_finished(");
const DOOR: Source = at("docs/beyond/src/proxy/door.rs", "fn accept_one(");
const RUN: Source = at("docs/beyond/src/proxy/mod.rs", "pub fn run(");
const NOT_IN_THE_SLAB: Source = at("docs/beyond/src/proxy/mod.rs", "Not in the slab");
const IS_OVER: Source = at("docs/beyond/src/proxy/mod.rs", "while !shutdown.is_over(");

/// Where to read about a case.
macro_rules! lines {
    ($source:ident) => {
        &[(PROXY_PAGE, $source)]
    };
}

/// The meaning of each case, by its name.
#[rustfmt::skip]
pub(crate) const MEANINGS: &[(&str, Meaning)] = &[
    ("p01_bytes_both_ways", meaning("The bytes that one end sends arrive at the other, in order, and nothing else does, both ways at the same time.", lines!(TAKE))),
    ("p01_the_backend_speaks_first", meaning("A backend that speaks first is heard by a client that has said nothing.", lines!(CONNECT))),
    ("p01_small_writes", meaning("A small write leaves at once, even if the one before it is not acknowledged yet.", lines!(CONNECT))),
    ("p02_half_close_of_the_client", meaning("After the client's FIN the backend sees EOF, and its answer still reaches the client.", lines!(PASS_ON_EOF))),
    ("p02_half_close_of_the_backend", meaning("After the backend's FIN the client sees EOF, and what it sends still reaches the backend.", lines!(PASS_ON_EOF))),
    ("p02_both_ends", meaning("When both ends have closed, nothing of the pair is left.", lines!(FINISHED))),
    ("p03_reset_of_the_client", meaning("A reset of the client reaches the backend as a reset, and disturbs no other pair.", lines!(ABORT))),
    ("p03_reset_of_the_backend", meaning("A reset of the backend reaches the client as a reset, and disturbs no other pair.", lines!(ABORT))),
    ("p03_reset_while_held_back", meaning("A reset is passed on even while the other end holds the proxy back and it reads nothing.", lines!(ON_READY))),
    ("p03_reset_after_half_close", meaning("When a client ends its half and then resets, the backend gets the reset.", lines!(ON_READY))),
    ("p04_slow_backend", meaning("A backend that does not read stops the clients that send; each of them costs a bounded buffer, and loses nothing.", lines!(IS_READ))),
    ("p04_slow_client", meaning("A client that does not read stops its backend; it costs a bounded buffer, and loses nothing.", lines!(IS_READ))),
    ("p04_the_other_direction_goes_on", meaning("While one direction of a pair is held back, the other one goes on.", lines!(WATCHED))),
    ("p05_refused", meaning("A client whose backend refuses the connection is turned away, and the proxy goes on.", lines!(ABORT))),
    ("p06_slow_to_connect", meaning("While a backend is slow to accept a connection, the other pairs are served, and the proxy rests.", lines!(CONNECT))),
    ("p06_gone_before_it_is_connected", meaning("A client that resets before its backend has answered leaves nothing behind.", lines!(ON_READY))),
    ("p07_backend_dies", meaning("When the backend dies, its clients are let go; when it is back, new clients reach it.", lines!(ABORT))),
    ("p08_thousand_pairs", meaning("1,000 pairs are served at the same time, and no bytes of one reach another.", lines!(RUN))),
    ("p08_comings_and_goings", meaning("Pairs that have ended, in whatever way, leave neither descriptors nor memory behind.", lines!(FINISHED))),
    ("p09_out_of_descriptors", meaning("When no descriptor is left, the existing pairs are served, the proxy rests, and a pair that ends makes room for another.", lines!(DOOR))),
    ("p10_sigterm", meaning("After SIGTERM nobody new is let in, the pairs go on until they have ended, and then the proxy exits with 0.", lines!(IS_OVER))),
    ("p10_within_two_seconds", meaning("After SIGTERM, pairs that do not end hold the proxy up for two seconds, and no longer. Then they are reset.", lines!(IS_OVER))),
    ("p11_both_ends_in_one_batch", meaning("When both ends of a pair report something in the same wake-up, the second event is for nobody.", lines!(NOT_IN_THE_SLAB))),
    ("p11_a_stale_event", meaning("An event of a pair that has gone is never taken for one of the pair that has its descriptors now.", lines!(NOT_IN_THE_SLAB))),
    ("p12_rest", meaning("While nobody speaks, the proxy sleeps, even next to pairs that have ended in one direction or are held back.", lines!(WATCHED))),
    ("p12_flood", meaning("A pair that streams at full speed does not keep the others from being served.", lines!(TAKE))),
];

#[cfg(test)]
mod tests {
    use super::super::PROXY;
    use crate::profile::OWN_PROXY;
    use crate::{meaning_of, workspace};

    #[test]
    fn every_case_has_a_sentence_and_a_line_of_the_proxy() {
        for (name, _) in PROXY {
            let meaning = meaning_of(name).unwrap_or_else(|| panic!("{name} is not explained"));
            assert!(meaning.rule.ends_with('.'), "{name}: {}", meaning.rule);
            let pointer = meaning.pointer(&OWN_PROXY);
            let page = pointer.to_string();
            assert!(page.contains("docs/chapters/proxy.md"), "{name}: {page}");
            let line = pointer.source.line();
            assert!(line.is_some(), "{name}: no such line: {:?}", pointer.source);
        }
        assert!(workspace().join("docs/chapters/proxy.md").is_file());
    }
}
