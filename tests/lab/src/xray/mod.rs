//! `cargo lab xray`: what a server asks of the kernel for an echo, for an idle client, for a connection.

mod acts;
mod follow;
mod lines;
mod look;
mod page;
mod scene;
mod sets;
mod words;

use clap::Args;

use crate::Lab;
use crate::show::{Ending, Output, progress_bar};
use crate::world::CourseServer;

pub use acts::Switches;
pub use follow::{Followed, Part, by_the_lab};
pub use lines::CallLine;
pub use look::{Xray, look};
use page::SideBySide;
pub use scene::{CallCount, Scene};
pub use words::in_words;

/// The arguments of `cargo lab xray`.
#[derive(Debug, Args)]
pub(crate) struct XrayOptions {
    /// Look at these stages, such as 06, or programs of the chapters after the course, such as reactor
    #[arg(required = true, value_name = "STAGE")]
    servers: Vec<CourseServer>,
    /// Show them side by side
    #[arg(long, conflicts_with = "follow")]
    compare: bool,
    /// Show each system call as it happens, with its arguments in words
    #[arg(long)]
    follow: bool,
    /// Connect N clients that say nothing
    #[arg(long, value_name = "N", default_value_t = 100)]
    idle: usize,
    /// Follow N echoes
    #[arg(long, value_name = "N", default_value_t = 1, requires = "follow")]
    echoes: usize,
    /// Follow what your own clients cause, until you press Enter
    #[arg(long, requires = "follow", conflicts_with = "echoes")]
    by_hand: bool,
}

/// Runs the command. Fails if a stage does not start or cannot be traced.
pub(crate) fn run(lab: &Lab, options: XrayOptions, output: &mut Output) -> anyhow::Result<Ending> {
    if options.follow {
        for &server in &options.servers {
            let mut show = |followed: &Followed| output.print(follow::latest(followed));
            let followed = match options.by_hand {
                true => follow::by_hand(lab, server, options.idle, &mut show)?,
                false => by_the_lab(lab, server, options.idle, options.echoes, &mut show)?,
            };
            output.record("follow", &followed)?;
        }
        return Ok(Ending::AsExpected);
    }
    let progress = progress_bar(options.servers.len());
    let mut servers = Vec::new();
    for &server in &options.servers {
        progress.set_message(server.to_string());
        servers.push(look(lab, server, options.idle)?);
        progress.inc(1);
    }
    drop(progress);
    match options.compare {
        true => output.show(&SideBySide { servers })?,
        false => servers.iter().try_for_each(|xray| output.show(xray))?,
    }
    Ok(Ending::AsExpected)
}
