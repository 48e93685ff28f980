//! A measurement as a person reads it.

use std::iter;

use bench::{Latency, LoadReport, Losses, Measured, Pace};

use crate::show::{Align, Cell, Document, Shown, Table, Tone, number};

/// Returns the load, in words.
fn load(report: &LoadReport) -> String {
    let Measured { idle, active, .. } = report.measured;
    let (idle, active) = (number(idle), number(active));
    let burst = match report.burst {
        1 => String::new(),
        burst => format!(", {} at a time", number(burst)),
    };
    let pace = match report.pace {
        Pace::Closed => "closed loop: who is answered sends again".to_owned(),
        Pace::Open(rate) => format!("open loop: {} messages a second", number(rate as u64)),
    };
    let size = number(report.size);
    format!("{active} clients talk, {idle} are idle; messages of {size} bytes{burst}; {pace}.")
}

/// Returns what was counted, what it cost, and what went wrong.
fn counts(report: &LoadReport) -> Table {
    let all = &report.measured;
    let rate = number(all.rate() as u64);
    let mebibytes = all.rate() * report.size as f64 / f64::from(1 << 20);
    let rate = format!("{rate} a second, {mebibytes:.1} MiB/s each way");
    let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
    table.row(["echoes", &number(all.echoes), &rate]);
    let costs = [
        ("server's CPU time an echo", all.server_cost(), all.server),
        ("the load's own", Some(all.load_cost()), Some(all.load)),
    ];
    for (what, cost, spent) in costs {
        let share = |spent: f64| spent / all.seconds.max(1e-9) * 100.0;
        let cost = cost.map_or("?".into(), |cost| format!("{cost:.2} µs"));
        let share = spent.map(|spent| format!("{:.0} % of a core", share(spent)));
        table.row([what, &cost, share.as_deref().unwrap_or("not known")]);
    }
    let Losses {
        turned_away,
        eof,
        reset,
        wrong,
        ref first_wrong,
    } = all.lost;
    let losses = [
        ("messages not answered", all.unanswered),
        ("clients turned away", turned_away),
        ("clients closed by the server", eof),
        ("clients reset by the server", reset),
        ("clients that got wrong bytes", wrong),
    ];
    for (what, count) in losses.into_iter().filter(|(_, count)| *count > 0) {
        let words = first_wrong.as_deref().filter(|_| what.ends_with("bytes"));
        let count = Cell::new(Tone::Bad, number(count));
        table.row([what.into(), count, words.unwrap_or_default().into()]);
    }
    table
}

/// Returns the percentiles in a row.
fn latencies(latency: Latency) -> Table {
    let columns = [
        ("median", latency.p50),
        ("90 %", latency.p90),
        ("99 %", latency.p99),
        ("99.9 %", latency.p999),
        ("longest", latency.max),
    ];
    let names = columns.map(|(name, _)| (name, Align::Right));
    let mut table = Table::new(iter::once(("latency, µs", Align::Left)).chain(names));
    let values = columns.map(|(_, value)| match value {
        ..100.0 => format!("{value:.1}"),
        _ => number(value as u64),
    });
    table.row(iter::once(String::new()).chain(values));
    table
}

impl Shown for LoadReport {
    const KIND: &'static str = "load";

    fn document(&self) -> Document {
        let mut document = Document::new(format!("Load on {}", self.address));
        document.text(load(self));
        for note in &self.notes {
            document.toned(Tone::Warn, note.as_str());
        }
        document.table(counts(self));
        document.table(latencies(self.measured.latency));
        if self.measured.is_clean() {
            document.toned(Tone::Quiet, "Every byte came back as it was sent.");
        } else {
            document.toned(Tone::Bad, "Not all came back as it was sent.");
        }
        document
    }
}
