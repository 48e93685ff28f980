//! Wrong: a process for each client, and nobody waits for those that have ended: each stays behind as a zombie.
//! Seen in: fork-per-client servers of many tutorials; the process table is full after some ten thousand clients.
//! Turns red: e08_comings_and_goings

use std::io;
use std::net::{SocketAddrV4, TcpListener};
use std::process;

use nix::unistd::{ForkResult, fork};

pub(super) fn run(address: SocketAddrV4) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept()?;
        // SAFETY: in a program of several threads, a lock that another one holds would stay locked in the child. This
        // program has one.
        if let ForkResult::Child = unsafe { fork() }? {
            drop(listener);
            let _ = io::copy(&mut &client, &mut &client);
            process::exit(0);
        }
    }
}
