//! The command line, the same for every stage: `stage-0N [ADDR]`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use lexopt::{Arg, Parser};

use crate::{listen, report};

/// What a stage's program says of itself, and which arguments it takes.
#[derive(Debug)]
pub struct Program {
    /// The stage's number, 1 to 8: the program is `stage-0N`, its default port is 700N.
    pub stage: u16,
    /// What it is, in a line.
    pub about: &'static str,
    /// The options that it takes beside `--help` and `--version`.
    pub options: &'static [Opt],
}

/// An option that has a value: `--name VALUE`.
#[derive(Debug)]
pub struct Opt {
    /// The name, without the dashes.
    pub name: &'static str,
    /// What its value is called in `--help`.
    pub value: &'static str,
    /// What it does, in a line.
    pub help: &'static str,
}

/// What was asked for on the command line.
#[derive(Debug)]
pub struct Arguments {
    /// Where to listen.
    pub address: SocketAddr,
    /// The values of those of [`Program::options`] that were given, by name.
    pub values: HashMap<&'static str, OsString>,
}

impl Program {
    /// A stage that takes an address and nothing else.
    pub const fn new(stage: u16, about: &'static str) -> Self {
        let options = &[];
        Self {
            stage,
            about,
            options,
        }
    }

    /// The whole of a stage's `main`: parses, listens, and runs the server.
    pub fn main(&self, run: impl FnOnce(TcpListener) -> io::Result<()>) -> ExitCode {
        self.main_with(Ok, |arguments| serve(arguments.address, run))
    }

    /// As [`main`](Self::main), for a program that does more with its arguments. An error of `check`
    /// is that of a bad argument, exit code 2; one of `start` is exit code 1. Either is printed as
    /// one line.
    pub fn main_with<T>(
        &self,
        check: impl FnOnce(Arguments) -> anyhow::Result<T>,
        start: impl FnOnce(T) -> anyhow::Result<()>,
    ) -> ExitCode {
        let outcome = match self.parse(Parser::from_env()) {
            Ok(Request::Print(text)) => print(&text).map_err(|error| (1, error)),
            Ok(Request::Run(arguments)) => match check(arguments) {
                Ok(checked) => start(checked).map_err(|error| (1, error)),
                Err(error) => Err((2, error)),
            },
            Err(error) => Err((2, error)),
        };
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err((code, error)) => {
                // `#` puts the causes behind the error, in the same line.
                report(format_args!("{error:#}"));
                ExitCode::from(code)
            }
        }
    }

    fn parse(&self, mut parser: Parser) -> anyhow::Result<Request> {
        let mut address = None;
        let mut values = HashMap::new();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Request::Print(self.help())),
                Arg::Short('V') | Arg::Long("version") => {
                    return Ok(Request::Print(self.version()));
                }
                Arg::Value(value) if address.is_none() => address = Some(parse_address(&value)?),
                argument => {
                    let option = self.options.iter().find(|o| argument == Arg::Long(o.name));
                    let option = option.ok_or_else(|| argument.unexpected())?;
                    values.insert(option.name, parser.value()?);
                }
            }
        }
        let address = address.unwrap_or((Ipv4Addr::LOCALHOST, self.port()).into());
        Ok(Request::Run(Arguments { address, values }))
    }

    fn port(&self) -> u16 {
        7000 + self.stage
    }

    fn version(&self) -> String {
        // The stages of one workspace share one version.
        format!("stage-0{} {}\n", self.stage, env!("CARGO_PKG_VERSION"))
    }

    fn help(&self) -> String {
        let (stage, about, port) = (self.stage, self.about, self.port());
        let mut help = format!(
            "stage-0{stage}: {about}\n\n\
             Usage: stage-0{stage} [OPTIONS] [ADDR]\n\n\
             ADDR is an IP address and a port, [::1]:{port} for one. Without it, 127.0.0.1:{port}.\n\
             Port 0 picks a free one. The address is printed when the server is ready.\n\n\
             Options:\n"
        );
        for Opt {
            name,
            value,
            help: text,
        } in self.options
        {
            let _ = writeln!(help, "      --{:<15}{text}", format!("{name} {value}"));
        }
        help + "  -h, --help           Print this help\n  -V, --version        Print the version\n"
    }
}

/// Listens on `address`, and runs the server there.
///
/// # Errors
///
/// Those of [`open`] and of `run`.
pub fn serve(
    address: SocketAddr,
    run: impl FnOnce(TcpListener) -> io::Result<()>,
) -> anyhow::Result<()> {
    run(open(address)?).context("cannot go on")
}

/// Listens on `address`, with an error that names it.
///
/// # Errors
///
/// Those of [`listen`].
pub fn open(address: SocketAddr) -> anyhow::Result<TcpListener> {
    listen(address).with_context(|| format!("cannot listen on {address}"))
}

/// Reads an address such as `127.0.0.1:7001` or `[::1]:7001`. Host names are not looked up.
///
/// # Errors
///
/// One that names what was given.
pub fn parse_address(text: &OsString) -> anyhow::Result<SocketAddr> {
    let text = text.to_string_lossy();
    text.parse()
        .map_err(|_| anyhow!("'{text}' is not an address such as 127.0.0.1:7001 or [::1]:7001"))
}

enum Request {
    Run(Arguments),
    Print(String),
}

fn print(text: &str) -> anyhow::Result<()> {
    io::stdout()
        .write_all(text.as_bytes())
        .context("cannot print")
}
