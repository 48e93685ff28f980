//! `stage-08 [--root DIR] [--http ADDR] [ADDR]`: the program around [`stage_08::run`] and
//! [`stage_08::run_with_files`].

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use stage_01::cli::{Arguments, Opt, Program, open, parse_address, serve};
use stage_08::pages::Root;
use stage_08::{Site, Timeouts};

const PROGRAM: Program = Program {
    stage: 8,
    about: "an echo server that also serves files, from their mappings, over HTTP",
    options: &[
        Opt {
            name: "root",
            value: "DIR",
            help: "Serve the files beneath DIR, too",
        },
        Opt {
            name: "http",
            value: "ADDR",
            help: "Serve them at ADDR [default: 127.0.0.1:8008]",
        },
    ],
};

struct Files {
    root: PathBuf,
    address: SocketAddr,
}

fn main() -> ExitCode {
    PROGRAM.main_with(check, |(address, files)| match files {
        None => serve(address, stage_08::run),
        Some(files) => serve_both(address, &files),
    })
}

fn check(mut arguments: Arguments) -> anyhow::Result<(SocketAddr, Option<Files>)> {
    let root = arguments.values.remove("root").map(PathBuf::from);
    let http = arguments.values.remove("http");
    let http = http.as_ref().map(parse_address).transpose()?;
    if root.is_none() && http.is_some() {
        bail!("'--http' is of use with '--root' only");
    }
    let address = http.unwrap_or((Ipv4Addr::LOCALHOST, 8008).into());
    Ok((arguments.address, root.map(|root| Files { root, address })))
}

fn serve_both(address: SocketAddr, files: &Files) -> anyhow::Result<()> {
    let directory = files.root.display();
    let root = Root::open(&files.root).with_context(|| format!("cannot serve {directory}"))?;
    let listener = open(address)?;
    let http = open(files.address)?;
    let site = Site::new(root, Timeouts::default());
    stage_08::run_with_files(listener, http, site).context("cannot go on")
}
