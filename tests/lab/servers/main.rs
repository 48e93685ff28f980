//! Servers for the tests of the lab: a few that are right, one for each fault that the suite has to find, and those that
//! mean ill. (The stages' own faults are patches, in `tests/zoo`.)
//!
//! ```text
//! cargo run -p lab --bin servers -- NAME IP:PORT [WORD…]
//! ```

mod echo;
mod hostile;
mod right;
mod selector;
mod server;
mod sockets;
mod strangers;
mod wrong;

use std::net::SocketAddrV4;
use std::process::ExitCode;

/// A server: it serves at an address until it ends.
type Run = fn(SocketAddrV4) -> std::io::Result<()>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, address, ..] = &words[..] else {
        return complain("usage: servers NAME IP:PORT");
    };
    let mut all = [right::ALL, wrong::ALL, hostile::ALL, strangers::ALL]
        .into_iter()
        .flatten();
    let Some((_, run)) = all.find(|(known, _)| known == name) else {
        return complain(&format!("there is no server {name}"));
    };
    let Ok(address) = address.parse() else {
        return complain(&format!("{address} is not IP:PORT"));
    };
    match run(address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string()),
    }
}

fn complain(line: &str) -> ExitCode {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
    ExitCode::FAILURE
}
