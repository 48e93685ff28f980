//! The command line of the programs: options of their own, and the address to listen on.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use lexopt::{Arg, Parser};
use stage_01::cli::{exit, fail, parse_address};

/// What a command line asks for.
#[derive(Debug)]
pub enum Request {
    /// Print a text.
    Print(String),
    /// Listen on an address.
    Serve(SocketAddr),
}

/// Reads this program's arguments. `help` is the text of `--help`, and its first word is the program's name. `option` is
/// handed the name of each other option, reads its value, and returns whether it knows it.
///
/// # Errors
///
/// Returns an error that names the argument that is wrong, or missing.
pub fn parse(
    help: &str,
    mut option: impl FnMut(&str, &mut Parser) -> anyhow::Result<bool>,
) -> anyhow::Result<Request> {
    let mut parser = Parser::from_env();
    let (mut text, mut address) = (None, None);
    // Reads all arguments, so that `--version=3` is a bad one, too.
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => text = Some(help.to_owned()),
            Arg::Short('V') | Arg::Long("version") => {
                let name = help.split(':').next().unwrap_or_default();
                text = Some(format!("{name} {}", env!("CARGO_PKG_VERSION")));
            }
            Arg::Value(value) if address.is_none() => address = Some(parse_address(&value)?),
            Arg::Long(name) => {
                let name = name.to_owned();
                if !option(&name, &mut parser).with_context(|| format!("--{name}"))? {
                    return Err(Arg::Long(&name).unexpected().into());
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    match (text, address) {
        (Some(text), _) => Ok(Request::Print(text)),
        (None, Some(address)) => Ok(Request::Serve(address)),
        (None, None) => Err(anyhow!("an address is needed: ADDR")),
    }
}

/// Does what was asked for: `serve` is handed the address. Returns exit code 2 for a bad argument, 1 for any other error.
pub fn run(
    request: anyhow::Result<Request>,
    serve: impl FnOnce(SocketAddr) -> anyhow::Result<()>,
) -> ExitCode {
    match request {
        Err(error) => fail(2, &error),
        Ok(Request::Print(text)) => exit(stage_01::say(text).map_err(anyhow::Error::from)),
        Ok(Request::Serve(address)) => exit(serve(address)),
    }
}

/// Reads the value of an option: a number of at least `least`.
///
/// # Errors
///
/// Returns an error that names the value if it is no such number.
pub fn number(parser: &mut Parser, least: usize) -> anyhow::Result<usize> {
    let text = parser.value()?.to_string_lossy().into_owned();
    let number = text.parse().ok().filter(|number| *number >= least);
    number.with_context(|| format!("'{text}' is not a number of at least {least}"))
}

/// Reads the value of an option: seconds, such as `75` or `0.5`.
///
/// # Errors
///
/// Returns an error that names the value if it is no such number, 0, or more than a year.
pub fn seconds(parser: &mut Parser) -> anyhow::Result<Duration> {
    const YEAR: f64 = 366.0 * 86_400.0;
    let text = parser.value()?.to_string_lossy().into_owned();
    let seconds = text.parse::<f64>().ok();
    let seconds = seconds.with_context(|| format!("'{text}' is not a number of seconds"))?;
    ensure!(
        (0.001..=YEAR).contains(&seconds),
        "'{text}' is not from 0.001 to a year's seconds"
    );
    Ok(Duration::from_secs_f64(seconds))
}
