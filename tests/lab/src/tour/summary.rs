//! The stages side by side.

use libc::epoll_event;
use serde::Serialize;
use suite::{leave, seen};

use crate::Lab;
use crate::show::Align::{Left, Right};
use crate::show::{Cell, Document, Table, Tone, number};
use crate::world::{Wait, Waits};

/// Clients that are connected and silent. Nearly every machine allows this many processes at once.
const IDLE: usize = 500;

/// The cost of silent clients at each stage that can hold them, and the cost of one message next to them.
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
    /// Bytes of private memory for each silent client.
    bytes_a_client: u64,
    /// Its wait; none if it has a task for each client, asleep in read.
    wait: Option<Wait>,
}

/// The stages that can hold silent clients.
const STAGES: [(u8, &str); 6] = [
    (2, "fork"),
    (3, "thread"),
    (4, "select"),
    (5, "poll"),
    (6, "epoll"),
    (7, "epoll, edges"),
];

impl Summary {
    /// Measures stages 2 to 7.
    pub(super) fn of(lab: &Lab) -> anyhow::Result<Self> {
        let stages = STAGES
            .into_iter()
            .map(|(stage, name)| costs(lab, stage, name));
        Ok(Self {
            idle: IDLE,
            stages: stages.collect::<Result<_, _>>()?,
        })
    }

    /// Returns the table of the stages.
    pub(super) fn document(&self) -> Document {
        let idle = self.idle;
        let mut document = Document::new(format!("One message, while {idle} clients are silent"));
        let counts = [
            "tasks",
            "bytes a silent client",
            "descriptors handed in",
            "bytes in",
            "ready",
        ];
        let counts = counts.map(|name| (name, Right));
        let mut table = Table::new([("stage", Left), ("", Left)].into_iter().chain(counts));
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
                    cost(wait.bytes_in, size_of::<epoll_event>() as u64 * wait.ready),
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

fn costs(lab: &Lab, stage: u8, name: &'static str) -> anyhow::Result<StageCosts> {
    let server = lab.start(stage)?;
    let process = server.process();
    // The first client pays for what is set up once, for all.
    let talking = server.crowd(1);
    let before = seen(process.family_memory());
    let idle = server.crowd(IDLE);
    let grown = seen(process.family_memory()).saturating_sub(before);
    let tasks = process.family_threads().len();
    let wait = match stage {
        ..4 => None,
        _ => Some(Waits::of(&server, &talking[0], 3).each()?),
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

/// Returns a count, marked as a cost if it is higher than necessary.
fn cost(count: u64, enough: u64) -> Cell {
    let is_enough = count <= enough;
    let tone = if is_enough { Tone::Good } else { Tone::Warn };
    Cell::new(tone, number(count))
}
