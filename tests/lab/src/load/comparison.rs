//! Servers side by side as a person reads them.

use bench::files::{FileCase, FileComparison, FileStanding};
use bench::{ServerComparison, Spread};

use crate::show::Align::{Left, Right};
use crate::show::{Document, Shown, Table, Tone, number};

/// Returns a table whose first column names the server.
fn server_table<const N: usize>(columns: [&'static str; N]) -> Table {
    let columns = columns.map(|name| (name, Right));
    Table::new([("server", Left)].into_iter().chain(columns))
}

impl Shown for ServerComparison {
    const KIND: &'static str = "load comparison";

    fn document(&self) -> Document {
        let mut document = Document::new("Servers side by side");
        let idle = number(self.idle);
        let cores = match self.pinned {
            true => "load and server on a core each",
            false => "load and server on one core",
        };
        document.text(format!(
            "{} rounds in turns, {idle} idle clients, {cores}. CPU time is in µs per echo.",
            self.rounds
        ));
        let mut table = server_table([
            "time",
            "least … most",
            "of the first",
            "load/server",
            "echoes/s",
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
            let advice = "Some bytes were lost or changed: try each server alone.";
            document.toned(Tone::Bad, advice);
        }
        document
    }
}

impl Shown for FileComparison {
    const KIND: &'static str = "file load comparison";

    fn document(&self) -> Document {
        let mut document = Document::new("Stage 8 and nginx as servers of files");
        document.text(format!(
            "Medians of {} rounds in turns, with the servers on one core and wrk on the other, each in percent of its core. The last two columns are stage 8's ratios to each server, followed by the least and the most of the rounds. Once wrk has used up its own core, the rate says what wrk can do, and only the CPU time per GB describes the server.",
            self.rounds
        ));
        for (case, rows) in &self.cases {
            document.heading(format!("{} × {}", case.file, case.connections));
            document.table(file_table(case, rows));
        }
        for complaint in &self.complaints {
            document.toned(Tone::Bad, complaint.as_str());
        }
        document
    }
}

fn file_table(case: &FileCase, rows: &[FileStanding]) -> Table {
    let (unit, one) = match case.is_huge() {
        true => ("MB/s", 1e6),
        false => ("files/s", case.size as f64),
    };
    let mut table = server_table([
        unit,
        "s a GB",
        "its %",
        "wrk %",
        "stage 8's rate",
        "time a GB",
    ]);
    let ratio = |of: Spread| format!("{:.2} {:.2}–{:.2}", of.median, of.least, of.most);
    for row in rows {
        let turn = row.median;
        table.row([
            row.server.to_owned(),
            number((turn.rate / one) as u64),
            format!("{:.3}", turn.seconds_a_gb),
            format!("{:.0}", turn.share),
            format!("{:.0}", turn.wrk_share),
            ratio(row.stage_08_rate),
            ratio(row.stage_08_time),
        ]);
    }
    table
}
