//! Several listeners at one address, of which one dies: what happens to the clients in its queue.

#[path = "programs/loops.rs"]
mod loops;
#[path = "programs/mod.rs"]
mod programs;

use std::io;
use std::mem::zeroed;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::thread;

use loops::sleeps;
use nix::libc::{IFF_UP, SIOCSIFFLAGS, c_char, ifreq, ioctl};
use nix::sched::{CloneFlags, unshare};
use suite::{Client, End, Faults, Server, Subject};

fn cores(options: &[&str]) -> Subject {
    programs::program("cores", env!("CARGO_BIN_EXE_cores"), options)
}

/// Two processes listen on one address, and one is stopped. Clients whose hash picks that one wait in its queue, although
/// the other has nothing to do. Then it is killed. Returns its clients, which have each sent "in", and the other process.
fn clients_of_a_dead_listener() -> (Vec<Client>, Server) {
    let subject = cores(&["--loops", "1"]);
    let alive = subject.start();
    let mut dead = Server::start(&subject, alive.address(), &Faults::default());
    dead.stop();
    let clients: Vec<Client> = (0..64).map(|_| alive.connect()).collect();
    clients.iter().for_each(|client| client.send(b"in"));
    sleeps(&alive);
    let (served, queued): (Vec<Client>, _) = clients
        .into_iter()
        .partition(|client| client.is_readable(0));
    assert!(
        served.len() >= 8 && queued.len() >= 8,
        "{} clients were served, {} wait for the process that is stopped",
        served.len(),
        queued.len()
    );
    sleeps(&alive);
    dead.kill();
    for client in &served {
        client.expect(b"in");
        client.echo(b"undisturbed");
    }
    (queued, alive)
}

/// What waited in the queue of a listener is reset when it is closed, although another one listens on the address.
#[test]
fn the_queue_of_a_dead_listener_is_reset() {
    with_migration(false, || {
        let (clients, alive) = clients_of_a_dead_listener();
        for client in &clients {
            let end = client.receive_to_end();
            assert_eq!(
                end,
                (Vec::new(), End::Reset),
                "a client of the dead listener"
            );
        }
        alive.connect().echo(b"new");
    });
}

/// With net.ipv4.tcp_migrate_req the kernel moves the queue to the other listener, and no client notices.
#[test]
fn the_queue_of_a_dead_listener_moves_if_the_kernel_is_told_to() {
    with_migration(true, || {
        let (clients, alive) = clients_of_a_dead_listener();
        // A kernel before 2026 moves them, and wakes nobody: the loop finds them with the next arrival.
        alive.connect().echo(b"new");
        for client in &clients {
            client.expect(b"in");
            client.echo(b"as if nothing had happened");
        }
    });
}

/// Does `action` in a network of its own, whose net.ipv4.tcp_migrate_req is set. Says so if that is not possible here: it
/// takes CAP_SYS_ADMIN, a /proc/sys that can be written to, and Linux 5.14.
fn with_migration(is_on: bool, action: impl FnOnce() + Send) {
    let in_a_thread = || {
        let prepared = prepare_network(is_on);
        match prepared {
            Ok(()) => action(),
            Err(error) => eprintln!("skipped: no network of its own with tcp_migrate_req: {error}"),
        }
    };
    thread::scope(|scope| {
        if let Err(panic) = scope.spawn(in_a_thread).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Gives this thread a network of its own, and starts the loopback device there.
fn prepare_network(migrates: bool) -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNET)?;
    let file = "/proc/sys/net/ipv4/tcp_migrate_req";
    std::fs::write(file, if migrates { "1" } else { "0" })?;
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    // SAFETY: some types must not be zero. An ifreq is a name, and a union of numbers and addresses.
    let mut request: ifreq = unsafe { zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = *from as c_char;
    }
    request.ifr_ifru.ifru_flags = IFF_UP as i16;
    // SAFETY: the kernel reads a name and flags through the pointer, to a local variable of the type that the
    // request takes (netdevice(7)).
    match unsafe { ioctl(socket.as_raw_fd(), SIOCSIFFLAGS, &raw const request) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
