//! A measurement as a person reads it.

use std::net::SocketAddr;

use bench::files::FileComparison;
use bench::{Comparison, Latency, Losses, Measured, Pace, Plan, Spread};
use serde::Serialize;

use crate::show::{Align, Cell, Document, Shown, Table, Tone, number};

/// What was asked for, and what came of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    address: SocketAddr,
    size: usize,
    burst: usize,
    pace: Pace,
    /// What had to be less than was asked for, and what is not known, a line each.
    notes: Vec<String>,
    measured: Measured,
}

impl Report {
    pub(super) fn new(plan: &Plan, notes: Vec<String>, measured: Measured) -> Self {
        Self {
            address: plan.address,
            size: plan.size,
            burst: plan.burst,
            pace: plan.pace,
            notes,
            measured,
        }
    }

    /// Returns whether all came back, and no client was lost.
    pub(super) const fn is_clean(&self) -> bool {
        self.measured.is_clean()
    }

    /// Returns the load, in words.
    fn load(&self) -> String {
        let Measured { idle, active, .. } = self.measured;
        let (idle, active) = (number(idle as u64), number(active as u64));
        let burst = match self.burst {
            1 => String::new(),
            burst => format!(", {} at a time", number(burst as u64)),
        };
        let pace = match self.pace {
            Pace::Closed => "closed loop: who is answered sends again".to_owned(),
            Pace::Open(rate) => format!("open loop: {} messages a second", number(rate as u64)),
        };
        let size = number(self.size as u64);
        format!("{active} clients talk, {idle} are idle; messages of {size} bytes{burst}; {pace}.")
    }

    fn counts(&self) -> Table {
        let all = &self.measured;
        let mebibytes = all.rate() * self.size as f64 / f64::from(1 << 20);
        let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        table.row([
            "echoes",
            &number(all.echoes),
            &format!(
                "{} a second, {mebibytes:.1} MiB/s each way",
                number(all.rate() as u64)
            ),
        ]);
        let share = |cost: f64| format!("{:.0} % of a core", cost / all.seconds.max(1e-9) * 100.0);
        match all.server_cost().zip(all.server) {
            Some((cost, spent)) => {
                let cost = format!("{cost:.2} µs");
                table.row(["server's processor time an echo", &cost, &share(spent)]);
            }
            None => table.row(["server's processor time an echo", "?", "not known"]),
        }
        let cost = format!("{:.2} µs", all.load_cost());
        table.row(["the load's own", &cost, &share(all.load)]);
        for (what, count, words) in losses(all) {
            if count > 0 {
                let count = Cell::new(Tone::Bad, number(count));
                table.row([Cell::from(what), count, Cell::from(words)]);
            }
        }
        table
    }
}

/// What went wrong: what, how many, and more words.
fn losses(all: &Measured) -> [(&'static str, u64, String); 5] {
    let Losses {
        turned_away,
        eof,
        reset,
        wrong,
        ref first_wrong,
    } = all.lost;
    let nothing = String::new();
    [
        ("messages not answered", all.unanswered, nothing.clone()),
        ("clients turned away", turned_away, nothing.clone()),
        ("clients closed by the server", eof, nothing.clone()),
        ("clients reset by the server", reset, nothing),
        (
            "clients that got wrong bytes",
            wrong,
            first_wrong.clone().unwrap_or_default(),
        ),
    ]
}

/// Percentiles in a row.
fn latencies(latency: Latency) -> Table {
    let names = ["median", "90 %", "99 %", "99.9 %", "longest"];
    let values = [
        latency.p50,
        latency.p90,
        latency.p99,
        latency.p999,
        latency.max,
    ];
    let columns = std::iter::once(("latency, µs", Align::Left));
    let columns = columns.chain(names.map(|name| (name, Align::Right)));
    let mut table = Table::new(columns);
    let values = values.map(|value| match value {
        ..100.0 => format!("{value:.1}"),
        _ => number(value as u64),
    });
    table.row(std::iter::once(String::new()).chain(values));
    table
}

impl Shown for Report {
    const KIND: &'static str = "load";

    fn document(&self) -> Document {
        let mut document = Document::new(format!("Load on {}", self.address));
        document.text(self.load());
        for note in &self.notes {
            document.toned(Tone::Warn, note.as_str());
        }
        document.table(self.counts());
        document.table(latencies(self.measured.latency));
        let (tone, verdict) = match self.measured.is_clean() {
            true => (Tone::Quiet, "Every byte came back as it was sent."),
            false => (Tone::Bad, "Not all came back as it was sent."),
        };
        document.toned(tone, verdict);
        document
    }
}

impl Shown for Comparison {
    const KIND: &'static str = "load comparison";

    fn document(&self) -> Document {
        let mut document = Document::new("Servers side by side");
        let idle = number(self.idle);
        let cores = if self.pinned {
            "load and server on a core each"
        } else {
            "load and server on one core"
        };
        document.text(format!(
            "{} rounds in turns, {idle} idle clients, {cores}. Processor time is in µs an echo.",
            self.rounds
        ));
        let mut table = Table::new([
            ("server", Align::Left),
            ("time", Align::Right),
            ("least … most", Align::Right),
            ("of the first", Align::Right),
            ("load/server", Align::Right),
            ("echoes/s", Align::Right),
        ]);
        for row in &self.rows {
            let cost = row.cost;
            table.row([
                row.server.clone(),
                format!("{:.2}", cost.median),
                format!("{:.2} … {:.2}", cost.least, cost.most),
                format!("{:.3}", row.of_the_first),
                format!("{:.3}", row.load_of_the_server),
                number(row.rate as u64),
            ]);
        }
        document.table(table);
        if !self.is_clean {
            document.toned(
                Tone::Bad,
                "Not all came back as it was sent: try each server alone.",
            );
        }
        document
    }
}

impl Shown for FileComparison {
    const KIND: &'static str = "file load comparison";

    fn document(&self) -> Document {
        let mut document = Document::new("Stage 8 and nginx as servers of files");
        document.text(format!(
            "Medians of {} rounds in turns, the servers on one core, wrk on the other. The last two columns are \
             stage 8's ratios to each server, and behind them the least and the most of the rounds. Where wrk has used up its own \
             core, the rate is wrk's, and only the time a GB the server's.",
            self.rounds
        ));
        for (case, rows) in &self.cases {
            document.heading(format!("{} × {}", case.file, case.connections));
            let (unit, one) = if case.is_huge() {
                ("MB/s", 1e6)
            } else {
                ("files/s", case.size as f64)
            };
            let names = [
                unit,
                "s a GB",
                "server",
                "wrk",
                "stage 8's rate",
                "time a GB",
            ];
            let columns = std::iter::once(("", Align::Left));
            let mut table = Table::new(columns.chain(names.map(|name| (name, Align::Right))));
            for row in rows {
                let ratio = |ratio: Spread| {
                    let Spread {
                        median,
                        least,
                        most,
                    } = ratio;
                    format!("{median:.2} {least:.2}–{most:.2}")
                };
                table.row([
                    row.server.to_owned(),
                    number((row.rate / one) as u64),
                    format!("{:.3}", row.seconds_a_gb),
                    format!("{:.0} %", row.share),
                    format!("{:.0} %", row.wrk_share),
                    ratio(row.stage_08_rate),
                    ratio(row.stage_08_time),
                ]);
            }
            document.table(table);
        }
        for complaint in &self.complaints {
            document.toned(Tone::Bad, complaint.as_str());
        }
        document
    }
}
