//! Idle clients on a thread of their own, which has its own descriptor table.

use std::net::SocketAddr;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;
use nix::errno::Errno;

use super::{Load, Plan};

/// Idle clients of a server; dropping it resets their connections.
#[derive(Debug)]
pub(crate) struct Idle {
    count: usize,
    /// The thread holds the clients until its channel is closed.
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Idle {
    /// Connects `wanted` clients to the server at `address`, or fewer if descriptors run short.
    pub(crate) fn connect(address: SocketAddr, wanted: usize) -> anyhow::Result<Self> {
        let mut plan = Plan::new(address);
        (plan.active, plan.idle) = (0, wanted);
        // A server that scans everything at each wake-up takes a while to let in the last of many.
        plan.patience = Duration::from_secs(15);
        plan.fit();
        let (connected, outcome) = mpsc::channel();
        let (sender, end) = mpsc::channel();
        let thread = thread::spawn(
            move || match own_table().and_then(|()| Load::connect(plan)) {
                Ok(load) => {
                    let _ = connected.send(Ok(load.idle()));
                    let _ = end.recv();
                }
                Err(error) => {
                    let _ = connected.send(Err(error));
                }
            },
        );
        let thread = Some((sender, thread));
        let count = outcome.recv().context("the idle clients' thread ended")??;
        Ok(Self { count, thread })
    }

    /// Returns how many idle clients there are: fewer than requested if descriptors ran short.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.thread.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}

/// Gives this thread an empty descriptor table of its own, with room for as many as the process may have.
fn own_table() -> anyhow::Result<()> {
    // SAFETY: closing what others use would be a hazard: from this call on the table is this thread's alone, which has
    // opened nothing.
    let done = unsafe { libc::close_range(3, libc::c_uint::MAX, libc::CLOSE_RANGE_UNSHARE as _) };
    Errno::result(done).context("idle clients need descriptors of their own")?;
    Ok(())
}
