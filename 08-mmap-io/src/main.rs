//! `stage-08 [--root DIR] [--http ADDR] [ADDR]`: the program around [`stage_08::run`].

mod cli;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use cli::Request;
use lexopt::Parser;
use stage_01::cli::open;
use stage_01::{report, say};
use stage_08::pages::Root;
use stage_08::{Files, Timeouts};

fn main() -> ExitCode {
    let outcome = match cli::parse(Parser::from_env()) {
        Ok(Request::Print(text)) => say(text).map_err(|error| (1, error.into())),
        Ok(Request::Serve(address, files)) => start(address, files).map_err(|error| (1, error)),
        Err(error) => Err((2, error)),
    };
    let Err((code, error)) = outcome else {
        return ExitCode::SUCCESS;
    };
    // `#` puts the causes behind the error, in the same line.
    report(format_args!("{error:#}"));
    ExitCode::from(code)
}

fn start(address: SocketAddr, files: Option<(PathBuf, SocketAddr)>) -> anyhow::Result<()> {
    let files = files.map(|(root, address)| open_files(&root, address));
    let files = files.transpose()?;
    stage_08::run(open(address)?, files).context("cannot go on")
}

fn open_files(root: &Path, address: SocketAddr) -> anyhow::Result<Files> {
    let directory = root.display();
    Ok(Files {
        root: Root::open(root).with_context(|| format!("cannot serve {directory}"))?,
        listener: open(address)?,
        timeouts: Timeouts::default(),
    })
}
