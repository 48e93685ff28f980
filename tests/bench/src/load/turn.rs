//! One measurement: the messages that are due, and those that are back.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::connection::Connection;
use super::plan::Plan;

/// The state of a measurement. Times are nanoseconds of the monotonic clock.
#[derive(Debug)]
pub(super) struct Turn {
    /// Bytes of a message, and of a burst of them.
    size: u64,
    pub(super) burst: u64,
    pub(super) start: u64,
    /// When the last message may be sent.
    pub(super) end: u64,
    /// When the load gives up waiting for the last echoes.
    given_up: u64,
    patience: u64,
    /// When something last came back.
    pub(super) heard: u64,
    /// The time from one burst to the next in an open loop, where they are due evenly, each client in its turn, whatever
    /// the server does.
    interval: Option<u64>,
    /// Clients that take turns, and bursts that have been due so far.
    clients: u64,
    bursts: u64,
    /// Messages that were due, and those that are back.
    pub(super) due: u64,
    pub(super) echoes: u64,
    /// Messages of clients that are lost.
    pub(super) gone: u64,
}

impl Turn {
    pub(super) fn new(plan: &Plan, start: u64) -> Self {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX / 4);
        let end = start + nanos(plan.duration);
        Self {
            size: plan.size as u64,
            burst: (plan.size * plan.burst) as u64,
            start,
            end,
            given_up: end + nanos(plan.patience),
            patience: nanos(plan.patience),
            heard: start,
            interval: plan.interval(),
            clients: plan.active as u64,
            bursts: 0,
            due: 0,
            echoes: 0,
            gone: 0,
        }
    }

    /// Returns whether clients wait for echoes before they send again.
    pub(super) const fn is_closed(&self) -> bool {
        self.interval.is_none()
    }

    /// Returns how many messages are under way.
    pub(super) const fn outstanding(&self) -> u64 {
        self.due - self.echoes - self.gone
    }

    /// Sets where the first message of the client at `place` ends, and when it falls due.
    pub(super) fn begin(&self, place: usize, client: &mut Connection) {
        client.message_end = client.received + self.size;
        client.burst_end = client.received + self.burst;
        client.due = self.start + place as u64 * self.interval.unwrap_or(0);
    }

    /// Returns when the next burst is due, in an open loop that is not over.
    pub(super) fn next_due(&self) -> Option<u64> {
        let due = self.start + self.bursts * self.interval?;
        (due < self.end).then_some(due)
    }

    /// Takes the next burst off the schedule if it is due by `now`. Returns the place of its client.
    pub(super) fn pop_due(&mut self, now: u64) -> Option<usize> {
        self.next_due().filter(|due| *due <= now)?;
        let place = self.bursts % self.clients;
        self.bursts += 1;
        Some(place as usize)
    }

    /// Counts a burst that is due.
    pub(super) fn count_due(&mut self, now: u64) {
        if self.outstanding() == 0 {
            self.heard = now; // from now on something is waited for
        }
        self.due += self.burst / self.size;
    }

    /// Records the messages that have come back complete. Returns whether a whole burst has, so that a closed loop
    /// sends the next.
    pub(super) fn record(
        &mut self,
        client: &mut Connection,
        now: u64,
        latencies: &mut Histogram<u64>,
    ) -> bool {
        let mut finished = false;
        while client.message_end <= client.received {
            latencies.saturating_record(now.saturating_sub(client.due));
            self.echoes += 1;
            if client.message_end == client.burst_end {
                client.burst_end += self.burst;
                client.due += self.interval.unwrap_or(0) * self.clients;
                finished = true;
            }
            client.message_end += self.size;
        }
        finished
    }

    /// Forgets the messages of a lost client.
    pub(super) fn forget(&mut self, client: &Connection) {
        let back = (client.message_end - self.size).min(client.received);
        let owed = client.owed - back;
        self.gone += owed / self.size;
    }

    /// Returns whether nothing is left to wait for, or waiting has become pointless.
    pub(super) fn is_over(&self, now: u64) -> bool {
        let waits = self.outstanding() > 0;
        let silent = now > self.heard + self.patience;
        (!waits && self.next_due().is_none()) || (waits && silent) || now > self.given_up
    }
}
