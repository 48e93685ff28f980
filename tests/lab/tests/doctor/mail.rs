//! The mail.

use std::process::Command;
use std::{fs, io};

use anyhow::{Context, ensure};
use serde_json::Value;
use suite::workspace;

use super::LAB;

#[test]
fn the_mail_is_short_and_its_commands_are_those_of_the_book() -> anyhow::Result<()> {
    let output = Command::new(LAB).args(["doctor", "--mail"]).output()?;
    let mail = String::from_utf8(output.stdout)?;
    ensure!(mail.lines().count() <= 25 && mail.is_ascii(), "{mail}");
    ensure!(mail.lines().all(|line| line.len() <= 72), "{mail}");
    let pages = ["README.md", "docs/chapters/how-to-use.md"];
    let pages = pages.map(|page| fs::read_to_string(workspace().join(page)));
    let pages = pages.into_iter().collect::<io::Result<String>>()?;
    let commands = mail.replace("\\\n", "");
    let commands = commands
        .lines()
        .filter_map(|line| line.strip_prefix("    "));
    let commands: Vec<_> = commands
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    ensure!(commands.len() == 4, "{commands:?}");
    for command in commands {
        ensure!(
            pages.contains(&format!("\n{command}\n")),
            "neither README nor `How to use` has `{command}`"
        );
        if let Some(words) = command.strip_prefix("cargo lab ") {
            lab::cli::check(words.split(' '))?;
        }
    }
    let output = Command::new(LAB)
        .args(["doctor", "--mail", "--json"])
        .output()?;
    let all: Value = serde_json::from_slice(&output.stdout)?;
    let text = all["results"][0]["result"]["text"]
        .as_str()
        .context("no text")?;
    ensure!(
        all["results"][0]["kind"] == "mail" && text.trim() == mail.trim(),
        "{all:#}"
    );
    Ok(())
}
