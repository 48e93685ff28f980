//! How the server is started.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::{io, net::SocketAddr};

use suite::{Client, Process, eventually, fresh_address};

use crate::site::{ask, folder, get};

/// A server that ends with its test.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Started without descriptors 0 to 2, as by some supervisors: if a socket got the number 2, the log would be
/// sent to a client (and with the number 1 the announcement).
#[test]
fn no_socket_takes_the_place_of_a_standard_stream() {
    let folder = folder("no-standard-streams");
    std::fs::write(folder.join("file"), "here").expect("a file");
    let [echo, http] = [free_address(), free_address()];
    let mut command = Command::new(suite::program(env!("CARGO_BIN_EXE_stage-08")));
    command.args(["--http", &http.to_string(), "--root"]);
    command.arg(&folder).arg(echo.to_string());
    let close = || {
        // SAFETY: somebody could still use them: only this process, which is about to be another program.
        let closed = unsafe { libc::close_range(0, 2, 0) };
        (closed == 0)
            .then_some(())
            .ok_or_else(io::Error::last_os_error)
    };
    // SAFETY: another thread may have held a lock when this one was forked; a system call needs none.
    unsafe { command.pre_exec(close) };
    let server = Guard(command.spawn().expect("the program starts"));
    eventually("the server listens", || {
        std::net::TcpStream::connect(http).is_ok()
    });
    let client = Client::connect(http);
    for _ in 0..2 {
        assert_eq!(ask(&client, get("/file")).body, b"here");
    }
    Client::connect(echo).echo(b"so does the echo");
    let descriptors = Process::new(server.0.id().cast_signed()).descriptors();
    let standard: Vec<_> = descriptors
        .iter()
        .filter(|(number, _)| *number < 3)
        .collect();
    assert!(
        standard.iter().all(|(_, target)| target == "/dev/null"),
        "{standard:?}"
    );
    assert_eq!(standard.len(), 3, "{descriptors:?}");
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind(fresh_address());
    let address = listener.and_then(|listener| listener.local_addr());
    address.expect("a free port")
}
