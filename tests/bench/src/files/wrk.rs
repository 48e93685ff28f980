//! wrk, which asks for files and counts answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::server::FileServer;
use super::{FileCase, FileTurn};
use crate::cpu_time;

/// Prints what wrk has counted. (It does not look at the answers, so it costs wrk nothing.)
const COUNT: &str = "function done(s) print('counted', s.requests, s.bytes, s.duration) end";

/// wrk, and the script that it runs.
#[derive(Debug)]
pub(super) struct Wrk {
    program: PathBuf,
    script: PathBuf,
}

impl Wrk {
    pub(super) fn new(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let script = folder.join("wrk.lua");
        fs::write(&script, COUNT).with_context(|| script.display().to_string())?;
        Ok(Self {
            program: program.to_owned(),
            script,
        })
    }

    /// Asks a server for a file for two seconds. Returns what it has done, and what wrk complains of.
    pub(super) fn turn(
        &self,
        server: &FileServer,
        case: &FileCase,
    ) -> anyhow::Result<(FileTurn, Vec<String>)> {
        let mut wrk = Command::new(&self.program);
        // An answer that takes longer than the timeout counts as an error.
        wrk.args(["-t1", "-d2s", "--timeout", "10s", "-s"])
            .arg(&self.script)
            .arg(format!("-c{}", case.connections))
            .arg(format!("http://{}/{}", server.guard.address(), case.file));
        let before = times(server)?;
        let output = wrk.output().context("cannot run wrk")?;
        let after = times(server)?;
        ensure!(server.guard.is_alive(), "it has ended");
        let text = String::from_utf8_lossy(&output.stdout);
        let Some(counted) = Counted::parse(&text) else {
            bail!("wrk: {}", String::from_utf8_lossy(&output.stderr).trim());
        };
        let complains = |line: &&str| line.contains("Socket errors") || line.contains("Non-2xx");
        let complaints = text.lines().filter(complains);
        Ok((
            counted.turn(case, [after[0] - before[0], after[1] - before[1]])?,
            complaints.map(|line| line.trim().to_owned()).collect(),
        ))
    }
}

/// Returns the CPU seconds of a server, and of the processes that have ended: each wrk so far.
fn times(server: &FileServer) -> anyhow::Result<[f64; 2]> {
    let own = cpu_time(server.guard.process());
    let own = own.context("its CPU time is not known")?.as_secs_f64();
    let ended = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let ended = ended.user_time() + ended.system_time();
    Ok([own, ended.num_microseconds() as f64 / 1e6])
}

/// What wrk has counted.
#[derive(Debug, PartialEq)]
struct Counted {
    answers: f64,
    bytes: f64,
    seconds: f64,
}

impl Counted {
    fn parse(text: &str) -> Option<Self> {
        let line = text.lines().find_map(|line| line.strip_prefix("counted"))?;
        let numbers: Option<Vec<f64>> = line
            .split_whitespace()
            .map(|word| word.parse().ok())
            .collect();
        let [answers, bytes, microseconds] = numbers?[..] else {
            return None;
        };
        Some(Self {
            answers,
            bytes,
            seconds: microseconds / 1e6,
        })
    }

    /// Returns the figures of a turn that has cost the server and wrk so many seconds of CPU time.
    fn turn(&self, case: &FileCase, spent: [f64; 2]) -> anyhow::Result<FileTurn> {
        let whole = self.answers * case.size as f64;
        let sent = if case.is_huge() { self.bytes } else { whole };
        ensure!(
            self.bytes > whole && sent > 0.0,
            "{} answers in {} bytes",
            self.answers,
            self.bytes
        );
        let [share, wrk_share] = spent.map(|spent| 100.0 * spent / self.seconds);
        Ok(FileTurn {
            rate: sent / self.seconds,
            seconds_a_gb: spent[0] / sent * 1e9,
            share,
            wrk_share,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::CASES;
    use super::*;

    #[test]
    fn what_wrk_has_counted_becomes_figures() -> anyhow::Result<()> {
        let text = "Running 2s test\n  Socket errors: none\ncounted\t1000\t1500000\t2000000\n";
        let counted = Counted::parse(text).context("nothing counted")?;
        let [small, .., huge] = CASES;
        let turn = counted.turn(&small, [0.5, 1.0])?;
        assert_eq!(turn.rate, 1_024_000.0 / 2.0, "heads do not count");
        assert_eq!(turn.seconds_a_gb, 0.5 / 1_024_000.0 * 1e9);
        assert_eq!([turn.share, turn.wrk_share], [25.0, 50.0]);
        let none = Counted {
            answers: 0.0,
            ..counted
        };
        assert!(
            none.turn(&small, [0.5, 1.0]).is_err(),
            "no answer is no figure"
        );
        let on_their_way = none.turn(&huge, [0.5, 1.0])?;
        assert_eq!(
            on_their_way.rate, 750_000.0,
            "but of huge files a part counts"
        );
        assert_eq!(Counted::parse("counted 1 2"), None);
        Ok(())
    }

    #[test]
    fn answers_that_are_too_short_are_an_error() {
        let counted = Counted {
            answers: 1000.0,
            bytes: 1_000_000.0,
            seconds: 2.0,
        };
        assert!(counted.turn(&CASES[0], [0.5, 1.0]).is_err());
    }
}
