//! Stage 8 as a server of files, next to nginx.
//!
//! The servers have one core, wrk the other. nginx runs twice, once as it comes and once with open_file_cache. In each
//! round each server gets two seconds for each file size. A GB is 10⁹ bytes of files, heads not counted. Shares are
//! percentages of a core: once wrk has used up its own core, the rate says what wrk can do, and only the CPU time per
//! GB describes the server.

mod server;
mod wrk;

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;
use suite::{Server, pattern};

use crate::{Cores, OnStep, Restore, Spread, median, rounds};

/// Files of one size, and how many connections ask for them.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FileCase {
    /// The file's name.
    pub file: &'static str,
    /// Its bytes.
    pub size: usize,
    /// Connections that request it.
    pub connections: u32,
}

/// All sizes.
#[rustfmt::skip]
pub const CASES: [FileCase; 4] = [
    FileCase { file: "1KiB", size: 1 << 10, connections: 64 },
    FileCase { file: "16KiB", size: 16 << 10, connections: 64 },
    FileCase { file: "1MiB", size: 1 << 20, connections: 16 },
    FileCase { file: "256MiB", size: 256 << 20, connections: 4 },
];

impl FileCase {
    /// Returns whether a turn sends so few files that those still under way at its end count.
    pub const fn is_huge(&self) -> bool {
        self.size >= 16 << 20
    }
}

/// The figures of a turn.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FileTurn {
    /// Bytes a second.
    pub rate: f64,
    /// Seconds of the server's CPU time for a GB.
    pub seconds_a_gb: f64,
    /// The server's share of a core, in percent.
    pub share: f64,
    /// wrk's share of a core, in percent.
    pub wrk_share: f64,
}

/// The figures of a server with files of one size.
#[derive(Debug, Serialize)]
pub struct FileStanding {
    /// Its name.
    pub server: &'static str,
    /// The median of each figure.
    pub median: FileTurn,
    /// Each round's ratio of stage 8's rate to this server's.
    pub stage_08_rate: Spread,
    /// Each round's ratio of stage 8's time per GB to this server's.
    pub stage_08_time: Spread,
}

/// File servers compared side by side.
#[derive(Debug, Serialize)]
pub struct FileComparison {
    /// Turns of each server.
    pub rounds: usize,
    /// The complaints of wrk, a line each.
    pub complaints: Vec<String>,
    /// For each size, the servers.
    pub cases: Vec<(FileCase, Vec<FileStanding>)>,
}

/// The number of steps that [`compare`] reports.
pub const STEPS: usize = 1 + CASES.len();

/// Finds a program that may not be installed, even in folders that only root searches.
///
/// # Errors
///
/// Fails if it is not installed.
pub fn find(name: &str) -> anyhow::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = env::split_paths(&path).chain(["/usr/sbin".into()]);
    let found = folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()));
    found.with_context(|| format!("{name} is not installed; the comparison needs it"))
}

/// Has stage 8 and nginx, given as programs, serve files from the empty `folder`, and gives each `count` turns for each
/// size.
///
/// # Errors
///
/// Fails if there is only one core, if a server ends, or if wrk cannot measure it.
pub fn compare(
    [stage_08, nginx, wrk]: [&Path; 3],
    folder: &Path,
    count: usize,
    progress: OnStep,
) -> anyhow::Result<FileComparison> {
    let cores = Cores::two().context("this needs two cores: one for the servers, one for wrk")?;
    let _restore = Restore::later();
    progress("files and servers");
    write_files(folder)?;
    let script = folder.join("wrk.lua");
    fs::write(&script, wrk::COUNT).with_context(|| script.display().to_string())?;
    let nginx = |name, more| server::nginx(nginx, folder, name, more);
    let mut servers = [
        ("stage-08", server::stage_08(stage_08, folder)),
        ("nginx", nginx("nginx", "")?),
        ("nginx-cached", nginx("nginx-cached", server::CACHE)?),
    ];
    for (_, server) in &servers {
        // This thread moves to the other core, and wrk, its child, with it.
        cores.assign(server.process())?;
    }
    let mut complaints = Vec::new();
    let mut cases = Vec::new();
    for case in CASES {
        progress(case.file);
        let turns = rounds(&mut servers, count, |(name, server)| {
            let (turn, complained) = wrk::turn(wrk, &script, server, &case).context(*name)?;
            let lines = complained.iter();
            complaints.extend(lines.map(|line| format!("{name}, {}: {line}", case.file)));
            Ok(turn)
        })?;
        cases.push((case, standings(&servers, &turns)));
    }
    Ok(FileComparison {
        rounds: count,
        complaints,
        cases,
    })
}

/// Returns the servers' results; the first server is stage 8.
fn standings(servers: &[(&'static str, Server)], turns: &[Vec<FileTurn>]) -> Vec<FileStanding> {
    let rows = servers.iter().zip(turns).map(|((server, _), own)| {
        let median = |value: fn(&FileTurn) -> f64| median(own.iter().map(value));
        FileStanding {
            server,
            median: FileTurn {
                rate: median(|turn| turn.rate),
                seconds_a_gb: median(|turn| turn.seconds_a_gb),
                share: median(|turn| turn.share),
                wrk_share: median(|turn| turn.wrk_share),
            },
            stage_08_rate: Spread::of_ratios(&turns[0], own, |turn| turn.rate),
            stage_08_time: Spread::of_ratios(&turns[0], own, |turn| turn.seconds_a_gb),
        }
    });
    rows.collect()
}

/// Writes the files that are served.
fn write_files(folder: &Path) -> anyhow::Result<()> {
    let files = folder.join("files");
    fs::create_dir(&files).with_context(|| files.display().to_string())?;
    for FileCase { file, size, .. } in CASES {
        let path = files.join(file);
        let block = pattern(0, size.min(65_536));
        fs::write(&path, block.repeat(size / block.len())).context(file)?;
        // The disk must have finished its work before the measurement begins.
        File::open(&path)?.sync_all()?;
    }
    Ok(())
}
