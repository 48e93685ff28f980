//! A measurement as a person reads it.

use std::iter::once;

use bench::{Latency, LoadReport, Pace};

use crate::show::Align::{Left, Right};
use crate::show::{Cell, Document, Shown, Table, Tone, number};

/// Returns the load, in words.
fn load_in_words(report: &LoadReport) -> String {
    let [active, idle] = [report.measured.active, report.measured.idle].map(number);
    let size = number(report.plan.size);
    let burst = match report.plan.burst {
        1 => String::new(),
        burst => format!(", {} at a time", number(burst)),
    };
    let pace = match report.plan.pace {
        Pace::Closed => "closed loop: a client that is answered sends again".to_owned(),
        Pace::Open(rate) => format!("open loop: {} messages a second", number(rate as u64)),
    };
    format!("{active} clients talk, {idle} are idle; messages of {size} bytes{burst}; {pace}.")
}

/// Returns the counts, the costs, and what went wrong.
fn count_table(report: &LoadReport) -> Table {
    let (all, lost) = (&report.measured, &report.measured.lost);
    let rate = all.rate();
    let mebibytes = rate * report.plan.size as f64 / f64::from(1 << 20);
    let rate = number(rate as u64);
    let rate = format!("{rate} a second, {mebibytes:.1} MiB/s each way");
    let mut table = Table::new([("", Left), ("", Right), ("", Left)]);
    table.row(["echoes", &number(all.echoes), &rate]);
    let costs = [
        ("server's CPU time per echo", all.server_cost(), all.server),
        ("the load's own", Some(all.load_cost()), Some(all.load)),
    ];
    for (what, cost, spent) in costs {
        let cost = cost.map_or("?".into(), |cost| format!("{cost:.2} µs"));
        let percent = spent.map(|spent| spent / all.seconds.max(1e-9) * 100.0);
        let share = percent.map(|percent| format!("{percent:.0} % of a core"));
        table.row([what, &cost, share.as_deref().unwrap_or("not known")]);
    }
    let words = lost.first_wrong.as_deref().unwrap_or_default();
    let losses = [
        ("messages not answered", all.unanswered, ""),
        ("clients turned away", lost.turned_away, ""),
        ("clients closed by the server", lost.eof, ""),
        ("clients reset by the server", lost.reset, ""),
        ("clients that got wrong bytes", lost.wrong, words),
    ];
    for (what, count, words) in losses.into_iter().filter(|(_, count, _)| *count > 0) {
        let count = Cell::new(Tone::Bad, number(count));
        table.row([what.into(), count, words.into()]);
    }
    table
}

/// Returns the percentiles in a row.
fn latency_table(latency: Latency) -> Table {
    let columns = [
        ("median", latency.p50),
        ("90 %", latency.p90),
        ("99 %", latency.p99),
        ("99.9 %", latency.p999),
        ("longest", latency.max),
    ];
    let names = columns.map(|(name, _)| (name, Right));
    let mut table = Table::new(once(("latency, µs", Left)).chain(names));
    let values = columns.map(|(_, value)| match value {
        ..100.0 => format!("{value:.1}"),
        _ => number(value as u64),
    });
    table.row(once(String::new()).chain(values));
    table
}

impl Shown for LoadReport {
    const KIND: &'static str = "load";

    fn document(&self) -> Document {
        let mut document = Document::new(format!("Load on {}", self.plan.address));
        document.text(load_in_words(self));
        for note in &self.notes {
            document.toned(Tone::Warn, note.as_str());
        }
        document.table(count_table(self));
        document.table(latency_table(self.measured.latency));
        match self.measured.is_clean() {
            true => document.toned(Tone::Quiet, "Every byte came back as it was sent."),
            false => document.toned(Tone::Bad, "Some bytes were lost or changed."),
        }
        document
    }
}
