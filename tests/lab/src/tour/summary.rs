//! The stages side by side.

use serde::Serialize;
use suite::{Process, Server, leave, seen};

use crate::Lab;
use crate::show::{Align, Cell, Document, Shown, Table, Tone, number};
use crate::world::{Wait, Waits, crowd};

/// Clients that are connected and silent. As many processes are had at once nearly anywhere.
const IDLE: usize = 500;

/// The cost of silent clients at each stage that can hold them, and of one message next to them.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    idle: usize,
    stages: Vec<StageCosts>,
}

#[derive(Debug, Serialize)]
struct StageCosts {
    stage: u8,
    name: &'static str,
    /// Processes and threads.
    tasks: usize,
    /// Bytes of memory of its own for each silent client.
    bytes_a_client: u64,
    /// Its wait; none if it has a task for each client, which sleeps in read.
    wait: Option<Wait>,
}

impl Summary {
    /// Measures stages 2 to 7.
    pub(super) fn of(lab: &Lab) -> anyhow::Result<Self> {
        let names = [
            (2, "fork"),
            (3, "thread"),
            (4, "select"),
            (5, "poll"),
            (6, "epoll"),
            (7, "epoll, edges"),
        ];
        let rows = names.into_iter().map(|(stage, name)| row(lab, stage, name));
        Ok(Self {
            idle: IDLE,
            stages: rows.collect::<Result<_, _>>()?,
        })
    }
}

fn row(lab: &Lab, stage: u8, name: &'static str) -> anyhow::Result<StageCosts> {
    let server = lab.start(stage)?;
    let process = server.process();
    // The first client meets what is set up once, for all.
    let talking = crowd(&server, 1);
    let before = seen(process.family_memory());
    let idle = crowd(&server, IDLE);
    let grown = seen(process.family_memory()).saturating_sub(before);
    let tasks = tasks(&server);
    let wait = match stage {
        ..4 => None,
        _ => Some(Waits::of(lab, &server, &talking[0], 3)?.each()?),
    };
    leave(idle);
    leave(talking);
    Ok(StageCosts {
        stage,
        name,
        tasks,
        bytes_a_client: grown / IDLE as u64,
        wait,
    })
}

/// All threads of all processes.
fn tasks(server: &Server) -> usize {
    let own = server.process();
    let family = std::iter::once(own).chain(own.descendants());
    family
        .map(Process::threads)
        .map(|threads| threads.len())
        .sum()
}

impl Shown for Summary {
    const KIND: &'static str = "summary";

    fn document(&self) -> Document {
        let mut document = Document::new(format!(
            "One message, while {} clients are silent",
            self.idle
        ));
        let mut table = Table::new([
            ("stage", Align::Left),
            ("", Align::Left),
            ("tasks", Align::Right),
            ("bytes a silent client", Align::Right),
            ("descriptors handed in", Align::Right),
            ("bytes in", Align::Right),
            ("ready", Align::Right),
        ]);
        for row in &self.stages {
            let mut cells = vec![
                Cell::new(Tone::Strong, format!("{:02}", row.stage)),
                Cell::from(row.name),
                cost(row.tasks as u64, 1),
                cost(row.bytes_a_client, 1_000),
            ];
            match &row.wait {
                Some(wait) => cells.extend([
                    cost(wait.submitted, wait.ready),
                    cost(
                        wait.bytes_in,
                        size_of::<libc::epoll_event>() as u64 * wait.ready,
                    ),
                    Cell::from(number(wait.ready)),
                ]),
                None => cells.push(Cell::new(Tone::Quiet, "sleeps in read")),
            }
            table.row(cells);
        }
        document.table(table);
        document
    }
}

/// A count that is a cost if it is above what it need be.
fn cost(count: u64, enough: u64) -> Cell {
    let tone = match count {
        _ if count > enough => Tone::Warn,
        _ => Tone::Good,
    };
    Cell::new(tone, number(count))
}
