//! `stage-08 [--root DIR] [--http ADDR] [ADDR]`: the program around [`stage_08::run`].

mod cli;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use cli::Request;
use lexopt::Parser;
use stage_01::cli::{exit, fail, open};
use stage_01::say;
use stage_08::pages::Root;
use stage_08::{Files, Timeouts};

fn main() -> ExitCode {
    match cli::parse(Parser::from_env()) {
        Err(error) => fail(2, &error),
        Ok(Request::Print(text)) => exit(say(text).map_err(anyhow::Error::from)),
        Ok(Request::Serve(address, files)) => exit(serve(address, files)),
    }
}

fn serve(address: SocketAddr, files: Option<(PathBuf, SocketAddr)>) -> anyhow::Result<()> {
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
