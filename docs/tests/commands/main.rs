//! Every command in the text, and in the README, is one that there is. (The commands of sessions are run: see `blocks.rs`.)

mod known;
mod text;

use anyhow::ensure;

use known::Known;
use text::{Found, commands, parts};

#[test]
fn each_can_be_run() -> anyhow::Result<()> {
    let known = Known::gather()?;
    let mut complaints = Vec::new();
    for found in commands()? {
        let Found { command, path, .. } = &found;
        for part in parts(command) {
            if let Err(error) = known.check(&part, found.is_mention) {
                complaints.push(format!("{}: `{command}`: {error:#}", path.display()));
            }
        }
    }
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}
