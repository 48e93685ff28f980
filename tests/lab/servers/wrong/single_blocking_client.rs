//! Wrong, where more than one client is expected: it reads from one client until that one leaves; all others wait.
//! Seen in: the first server of every tutorial.
//! Turns red: e09_second_client (judged as a server for many: `--as any`)

use std::io;
use std::net::{SocketAddrV4, TcpListener};

pub(super) fn run(address: SocketAddrV4) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept()?;
        // The error of a client is no reason to end.
        let _ = io::copy(&mut &client, &mut &client);
    }
}
