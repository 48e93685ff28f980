//! The measurement of a load.

use hdrhistogram::Histogram;
use serde::Serialize;

use super::connection::Loss;

/// The measurement of a load.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// Clients that were there at the beginning.
    pub idle: usize,
    /// Clients that talked.
    pub active: usize,
    /// Messages that came back complete.
    pub echoes: u64,
    /// Messages that were due and did not come back.
    pub unanswered: u64,
    /// Clients that were lost.
    pub lost: Losses,
    /// Seconds from the first message to the last echo.
    pub seconds: f64,
    /// Microseconds from when a message was due to when it was back.
    pub latency: Latency,
    /// Seconds of CPU time that the server spent meanwhile, or `None` if unknown.
    pub server: Option<f64>,
    /// Seconds of CPU time that the load spent.
    pub load: f64,
}

/// Clients that were lost, by cause.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Losses {
    /// Before their first echo.
    pub turned_away: u64,
    /// Closed by EOF.
    pub eof: u64,
    /// Closed by a reset.
    pub reset: u64,
    /// Dropped because wrong bytes came back.
    pub wrong: u64,
    /// The first wrong byte, in words.
    pub first_wrong: Option<String>,
}

/// Percentiles, in microseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Latency {
    /// Half were at least as fast.
    pub p50: f64,
    /// 90 of 100.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1,000.
    pub p999: f64,
    /// All.
    pub max: f64,
}

impl Measured {
    /// Returns the echoes a second.
    pub fn rate(&self) -> f64 {
        self.echoes as f64 / self.seconds.max(1e-9)
    }

    /// Returns the microseconds of the server's CPU time for an echo.
    pub fn server_cost(&self) -> Option<f64> {
        self.server.map(|spent| self.an_echo(spent))
    }

    /// Returns the microseconds of the load's CPU time for an echo.
    pub fn load_cost(&self) -> f64 {
        self.an_echo(self.load)
    }

    /// Returns whether every message came back and no client was lost.
    pub const fn is_clean(&self) -> bool {
        self.unanswered == 0 && self.lost.all() == 0
    }

    fn an_echo(&self, spent: f64) -> f64 {
        spent * 1e6 / (self.echoes as f64).max(1.0)
    }
}

impl Losses {
    /// Returns all of them.
    pub const fn all(&self) -> u64 {
        self.turned_away + self.eof + self.reset + self.wrong
    }

    pub(super) fn add(&mut self, loss: Loss) {
        match loss {
            Loss::Eof => self.eof += 1,
            Loss::Reset => self.reset += 1,
            Loss::Wrong(what) => {
                self.wrong += 1;
                self.first_wrong.get_or_insert(what);
            }
        }
    }
}

impl Latency {
    /// Returns the percentiles of some nanoseconds.
    pub(super) fn of(nanos: &Histogram<u64>) -> Self {
        let micros = |quantile| nanos.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            p50: micros(0.5),
            p90: micros(0.9),
            p99: micros(0.99),
            p999: micros(0.999),
            max: nanos.max() as f64 / 1e3,
        }
    }
}
