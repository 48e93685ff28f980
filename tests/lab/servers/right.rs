//! Servers that are right.

mod capped;
mod own_manners;

use crate::Run;
use crate::echo::{Echo, run};

/// All of them.
pub(crate) const ALL: &[(&str, Run)] = &[
    ("echo", run::<Echo>),
    ("capped", run::<capped::Capped>),
    ("own_manners", run::<own_manners::OwnManners>),
];
