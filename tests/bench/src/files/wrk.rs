//! wrk, which requests files and counts the answers.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use suite::Server;

use super::{FileCase, FileTurn};

/// Prints what wrk counted. The script does not look at the answers, so it costs wrk nothing.
pub(super) const COUNT: &str =
    "function done(s) print('counted', s.requests, s.bytes, s.duration) end";

/// Has wrk request a file from a server for two seconds, with a `script` that prints [`COUNT`]. Returns what the server
/// did, and wrk's complaints.
pub(super) fn turn(
    wrk: &Path,
    script: &Path,
    server: &Server,
    case: &FileCase,
) -> anyhow::Result<(FileTurn, Vec<String>)> {
    let mut wrk = Command::new(wrk);
    // An answer that takes longer than the timeout counts as an error.
    wrk.args(["-t1", "-d2s", "--timeout", "10s", "-s"])
        .arg(script);
    wrk.arg(format!("-c{}", case.connections));
    wrk.arg(format!("http://{}/{}", server.address(), case.file));
    let before = times(server)?;
    let output = wrk.output().context("cannot run wrk")?;
    let after = times(server)?;
    ensure!(server.is_alive(), "the server has ended");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let spent = [after[0] - before[0], after[1] - before[1]];
    let turn = figures(&text, case, spent).with_context(errors)?;
    let complains = |line: &&str| line.contains("Socket errors") || line.contains("Non-2xx");
    let complaints = text.lines().filter(complains);
    Ok((
        turn,
        complaints.map(|line| line.trim().to_owned()).collect(),
    ))
}

/// Returns the CPU seconds of a server, and of the child processes that have ended: every wrk so far.
fn times(server: &Server) -> anyhow::Result<[f64; 2]> {
    let own = server.process().family_processor_time();
    let own = own
        .context("the server's CPU time is unknown")?
        .as_secs_f64();
    let ended = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let ended = ended.user_time() + ended.system_time();
    Ok([own, ended.num_microseconds() as f64 / 1e6])
}

/// Returns the figures of a turn, from wrk's count and the seconds of CPU time that the server and wrk have spent.
fn figures(text: &str, case: &FileCase, spent: [f64; 2]) -> anyhow::Result<FileTurn> {
    let counted = text.lines().find_map(|line| line.strip_prefix("counted"));
    let words = counted.unwrap_or_default().split_whitespace();
    let numbers: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
    let [answers, bytes, microseconds] = numbers[..] else {
        bail!("wrk printed no count");
    };
    let (whole, seconds) = (answers * case.size as f64, microseconds / 1e6);
    let sent = if case.is_huge() { bytes } else { whole };
    ensure!(
        bytes > whole && sent > 0.0,
        "{answers} answers in {bytes} bytes"
    );
    let [share, wrk_share] = spent.map(|spent| 100.0 * spent / seconds);
    Ok(FileTurn {
        rate: sent / seconds,
        seconds_a_gb: spent[0] / sent * 1e9,
        share,
        wrk_share,
    })
}

#[cfg(test)]
mod tests {
    use super::super::CASES;
    use super::*;

    const SPENT: [f64; 2] = [0.5, 1.0];

    #[test]
    fn what_wrk_has_counted_becomes_figures() -> anyhow::Result<()> {
        let [small, .., huge] = CASES;
        let turn = figures("Running\ncounted\t1000\t1500000\t2000000\n", &small, SPENT)?;
        assert_eq!(turn.rate, 1_024_000.0 / 2.0, "heads do not count");
        assert_eq!(turn.seconds_a_gb, 0.5 / 1_024_000.0 * 1e9);
        assert_eq!([turn.share, turn.wrk_share], [25.0, 50.0]);
        let on_its_way = figures("counted 0 1500000 2000000", &huge, SPENT)?;
        assert_eq!(on_its_way.rate, 750_000.0, "of a huge file a part counts");
        Ok(())
    }

    #[test]
    fn what_is_no_figure_is_an_error() {
        for (text, why) in [
            ("counted 0 1500000 2000000", "no answer"),
            ("counted 1000 1000000 2000000", "answers that are too short"),
            ("counted 1000", "a line that is cut off"),
            ("Running 2s test", "nothing counted"),
        ] {
            assert!(figures(text, &CASES[0], SPENT).is_err(), "{why}");
        }
    }
}
