//! The command line of the echo servers, as the stages have it: `NAME [OPTIONS] [ADDR]`, `--help`, `--version`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, ensure};
use lexopt::{Arg, Parser};
use stage_01::cli::{exit, fail, open, parse_address};

/// A program, in the words of its `--help`.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is, in a line.
    pub about: &'a str,
    /// The port of 127.0.0.1 that it listens on without an ADDR.
    pub port: u16,
    /// The lines for its own options, each with its line feed.
    pub options: &'a str,
}

/// What a command line asks for.
#[derive(Debug)]
pub enum Request {
    /// Print a text.
    Print(String),
    /// Listen on an address.
    Serve(SocketAddr),
}

impl Program<'_> {
    /// Runs a server without options of its own: reads the command line, listens, and hands the listener to `run`.
    /// Returns exit code 2 for a bad argument, 1 for any other error; each error is one line on standard error.
    pub fn main(self, run: impl FnOnce(TcpListener) -> io::Result<()>) -> ExitCode {
        let request = self.parse(|_, _| Ok(false));
        serve(request, |address| {
            let listener = open(address)?;
            run(listener).context("cannot go on")
        })
    }

    /// Reads this program's arguments. `option` is handed the name of each option of the program's own, reads its value, and
    /// returns whether it knows it.
    ///
    /// # Errors
    ///
    /// Returns an error that names the argument that is wrong.
    pub fn parse(
        self,
        mut option: impl FnMut(&str, &mut Parser) -> anyhow::Result<bool>,
    ) -> anyhow::Result<Request> {
        let mut parser = Parser::from_env();
        let (mut text, mut address) = (None, None);
        // Reads all arguments, so that `--version=3` is a bad one, too.
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => text = Some(self.help()),
                Arg::Short('V') | Arg::Long("version") => {
                    text = Some(format!("{} {}", self.name, env!("CARGO_PKG_VERSION")));
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
        Ok(match text {
            Some(text) => Request::Print(text),
            None => Request::Serve(address.unwrap_or(self.default())),
        })
    }

    fn default(self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    fn help(self) -> String {
        let (
            default,
            Self {
                name,
                about,
                port,
                options,
            },
        ) = (self.default(), self);
        format!(
            "{name}: {about}\n\n\
             Usage: {name} [OPTIONS] [ADDR]\n\n\
             Listen on ADDR [default: {default}], an IP address and a port such as\n\
             [::1]:{port}; port 0 picks a free one. The server prints the address when it is\n\
             ready.\n\n\
             Options:\n{options}\
            \x20 -h, --help           Print this help\n\
            \x20 -V, --version        Print the version"
        )
    }
}

/// Does what was asked for: `serve` is handed the address. Returns exit code 2 for a bad argument, 1 for any other error.
pub fn serve(
    request: anyhow::Result<Request>,
    serve: impl FnOnce(SocketAddr) -> anyhow::Result<()>,
) -> ExitCode {
    match request {
        Err(error) => fail(2, &error),
        Ok(Request::Print(text)) => exit(stage_01::say(text).map_err(anyhow::Error::from)),
        Ok(Request::Serve(address)) => exit(serve(address)),
    }
}

/// Reads the value of an option: a number in `range`.
///
/// # Errors
///
/// Returns an error that names the value if it is no such number.
pub fn number(parser: &mut Parser, range: RangeInclusive<usize>) -> anyhow::Result<usize> {
    let text = parser.value()?.to_string_lossy().into_owned();
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.with_context(|| {
        let (least, most) = range.into_inner();
        format!("'{text}' is not a number from {least} to {most}")
    })
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
