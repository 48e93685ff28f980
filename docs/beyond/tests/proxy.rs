//! The proxy under the eyes of the suite. The cases are in `tests/suite/src/proxy`; the contract is in
//! `docs/chapters/proxy.md`.

use std::net::{TcpListener, TcpStream};

use nix::sys::socket::{Backlog, listen};
use suite::{Client, Subject, eventually, fresh_address};

fn proxy() -> Subject {
    Subject {
        command: vec![
            suite::program(env!("CARGO_BIN_EXE_proxy")).into(),
            "{addr}".into(),
            "{backend}".into(),
        ],
        announces: true,
        profile: suite::profile::OWN_PROXY,
    }
}

suite::judge! { proxy(), proxy_tests }

/// A client whose backend refuses is turned away, and the log says why.
#[test]
fn a_refusal_is_a_line() {
    let proxy = proxy().before(suite::proxy::nobody()).start();
    // The kernel may report the reset to a client that is still busy with its connecting.
    proxy.stop();
    let client = proxy.connect();
    proxy.go_on();
    client.expect_turned_away();
    let line = format!(
        "{} turned away: no backend: Connection refused",
        client.address()
    );
    eventually("a line on standard error about it", || {
        proxy.log().contains(&line)
    });
}

/// A client that gives up while its backend is slow to answer has not been turned away.
#[test]
fn a_client_that_gives_up_is_no_line() {
    let slow = TcpListener::bind(fresh_address()).and_then(|backend| {
        listen(&backend, Backlog::new(0)?)?;
        // It has room for one connection, and the kernel drops what comes after that.
        let address = backend.local_addr()?;
        Ok((address, TcpStream::connect(address)?, backend))
    });
    let (address, _inside, _slow) =
        slow.unwrap_or_else(|error| panic!("cannot play a backend: {error}"));
    let proxy = proxy().before(address).start();
    let descriptors = || proxy.process().descriptor_count();
    let before = descriptors();
    let client = proxy.connect();
    eventually("the proxy to begin a pair", || descriptors() == before + 2);
    Client::reset(client);
    eventually("the pair to be gone", || descriptors() == before);
    assert_eq!(proxy.whole_log(), "");
}
