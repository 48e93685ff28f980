//! Wrong: it binds without SO_REUSEADDR: for a minute after its end, its port is taken by its old connections.
//! Seen in: first servers; the restart that "needs a moment".
//! Turns red: e14_restart

use crate::echo::Manners;

pub(super) struct NoReuseAddress;

impl Manners for NoReuseAddress {
    const REUSES_ADDRESS: bool = false;
}
