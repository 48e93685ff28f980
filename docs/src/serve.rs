//! Stage 8 serves the book.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::Context;
use stage_01::cli::open;
use stage_01::say;
use stage_08::pages::Root;
use stage_08::{Files, Timeouts};

/// Says where the book is, and runs stage 8, which serves `folder` there, until SIGINT or SIGTERM.
///
/// # Errors
///
/// If it cannot listen at `http`, or `folder` cannot be opened; and the errors of [`stage_08::run`].
pub fn serve(folder: &Path, http: SocketAddr) -> anyhow::Result<()> {
    let shown = folder.display();
    let files = Files {
        root: Root::open(folder).with_context(|| format!("cannot serve {shown}"))?,
        listener: open(http)?,
        timeouts: Timeouts::default(),
    };
    let address = files.listener.local_addr()?;
    say(format_args!("the book: http://{address}/ (Ctrl-C ends it)"))?;
    // The echo of this one is in nobody's way.
    let echo = open((Ipv4Addr::LOCALHOST, 0).into())?;
    stage_08::run(echo, Some(files)).context("cannot go on")
}
