//! The proxy contract, P1 … P12: each case starts a proxy between clients and a backend that the case plays itself, and
//! panics if the proxy breaks the contract (docs/chapters/proxy.md).

mod backend;
mod backends;
mod bytes;
mod crowds;
mod ends;
mod loops;
mod meanings;
mod signals;
mod stand;

pub use backend::nobody;
pub use backends::*;
pub use bytes::*;
pub use crowds::*;
pub use ends::*;
pub use loops::*;
pub(crate) use meanings::MEANINGS;
pub use signals::*;

list! { $ PROXY, proxy_tests, proxy: "What every proxy is judged by."
    p01_bytes_both_ways
    p01_small_writes
    p01_the_backend_speaks_first
    p02_both_ends
    p02_half_close_of_the_backend
    p02_half_close_of_the_client
    p03_reset_after_half_close
    p03_reset_of_the_backend
    p03_reset_of_the_client
    p03_reset_while_held_back
    p04_slow_backend
    p04_slow_client
    p04_the_other_direction_goes_on
    p05_refused
    p06_gone_before_it_is_connected
    p06_slow_to_connect
    p07_backend_dies
    p08_comings_and_goings
    p08_thousand_pairs
    p09_out_of_descriptors
    p10_sigterm
    p10_within_two_seconds
    p11_a_stale_event
    p11_both_ends_in_one_batch
    p12_flood
    p12_rest
}
