//! Limits of descriptors: what does not fit here is made smaller, and that is said.

use anyhow::ensure;
pub use suite::Room;
use suite::{descriptor_limit, number};

/// Makes sure that there are enough descriptors for what cannot be made smaller.
///
/// # Errors
///
/// If a process may not have so many descriptors: it says what to do.
pub fn ensure_descriptors(least: u64) -> anyhow::Result<()> {
    let limit = descriptor_limit();
    ensure!(
        limit >= least,
        "this needs more descriptors: {}, and the limit is {} (ulimit -Hn raises it)",
        number(least),
        number(limit)
    );
    Ok(())
}
