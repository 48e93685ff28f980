//! Servers that mean ill: what nobody who judges servers may trust. Each keeps to limits of its own, and ends by itself
//! in the end, so that a judge that fails with it does no harm to the machine.

use std::env;
use std::ffi::c_uint;
use std::io::{self, Read, Write};
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio, exit};
use std::thread::{self, sleep};
use std::time::Duration;

use nix::sys::signal::{SigHandler, Signal, raise, signal};
use nix::unistd::{alarm, fork, setsid};

use crate::Run;

/// After this many seconds each of its processes is killed by a signal that none of them ignores.
pub(crate) const LONGEST: c_uint = 120;

/// All of them, by their names.
pub(crate) const ALL: &[(&str, Run)] = &[
    ("endless-line", |_| endless_line()),
    ("liar", |address| liar(address)),
    ("talks", |address| serve(&announce(address)?, talks)),
    ("trickles", |address| serve(&announce(address)?, trickle)),
    ("just-in-time", |address| serve(&announce(address)?, dawdle)),
    ("forks", |address| forks(&announce(address)?)),
    ("leaves", |address| leaves(&announce(address)?)),
    ("deaf", |address| deaf(&announce(address)?)),
    ("fills", |address| fills(&announce(address)?)),
    ("closes", |address| closes(announce(address)?)),
    ("eats", |address| eats(&announce(address)?)),
    ("stops", |address| stops(&announce(address)?)),
    ("silent", |address| serve(&announce(address)?, |_| rest())),
    ("calls", |address| calls(&announce(address)?)),
];

/// Listens, and says where.
pub(crate) fn announce(address: SocketAddrV4) -> io::Result<TcpListener> {
    alarm::set(LONGEST);
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    Ok(listener)
}

/// Serves one client after the other, by what it is told to do with each.
pub(crate) fn serve(
    listener: &TcpListener,
    mut each: impl FnMut(TcpStream) -> io::Result<()>,
) -> io::Result<()> {
    loop {
        let (client, _) = listener.accept()?;
        // A client that breaks off ends its own connection only.
        let _ = each(client);
    }
}

pub(crate) fn echo(mut client: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 16_384];
    loop {
        match client.read(&mut buffer)? {
            0 => return Ok(()),
            received => client.write_all(&buffer[..received])?,
        }
    }
}

pub(crate) fn rest() -> ! {
    loop {
        sleep(Duration::from_secs(1));
    }
}

/// Echoes, and when the client has said its last, goes on talking forever.
fn talks(mut client: TcpStream) -> io::Result<()> {
    let _ = echo(client.try_clone()?);
    loop {
        client.write_all(&[b'x'; 16_384])?;
    }
}

fn trickle(client: TcpStream) -> io::Result<()> {
    answers_slowly(client, Duration::from_millis(20))
}

fn dawdle(client: TcpStream) -> io::Result<()> {
    answers_slowly(client, Duration::from_millis(1_200))
}

/// Echoes one byte at a time, each after a while.
fn answers_slowly(mut client: TcpStream, after: Duration) -> io::Result<()> {
    let mut byte = [0];
    while client.read(&mut byte)? > 0 {
        sleep(after);
        client.write_all(&byte)?;
    }
    Ok(())
}

/// Leaves its session and its parent, for each client again, and with it a crowd of processes that make others.
fn forks(listener: &TcpListener) -> io::Result<()> {
    serve(listener, |client| {
        for _ in 0..20 {
            spawn(|| {
                let _ = setsid();
                ignore_all();
                // Each is another one's parent for a moment, and ends: its number is new each time.
                for _ in 0..400 {
                    if spawn(|| sleep(Duration::from_millis(3))).is_ok() {
                        sleep(Duration::from_millis(1));
                    }
                }
                rest();
            })?;
        }
        drop(client);
        rest();
    })
}

/// Does something in a child, which this process does not wait for.
pub(crate) fn spawn(action: impl FnOnce()) -> io::Result<()> {
    // SAFETY: another thread could hold a lock at the moment of the fork; those that fork have one thread.
    if unsafe { fork() }?.is_child() {
        alarm::set(LONGEST);
        action();
        // SAFETY: exit would run the parent's exit handlers, and write its buffers a second time; _exit does not.
        unsafe { libc::_exit(0) };
    }
    Ok(())
}

fn ignore_all() {
    for number in Signal::iterator().filter(|number| *number != Signal::SIGALRM) {
        // SAFETY: a handler could run while what it uses is half-changed; this action has none.
        let _ = unsafe { signal(number, SigHandler::SigIgn) }; // SIGKILL and SIGSTOP cannot be
    }
}

/// Has a second one of itself go on for it, an orphan in a session of its own that knows nothing of its origin.
/// Its last argument is what its processes are found by.
fn leaves(listener: &TcpListener) -> io::Result<()> {
    let program = env::current_exe()?;
    let token = env::args().nth(3).unwrap_or_default();
    serve(listener, |client| {
        let mut second = Command::new(&program);
        second.args(["silent", "127.0.0.1:0", &token]).env_clear();
        second.stdin(Stdio::null()).stdout(Stdio::null());
        let prepare = || {
            setsid()?;
            Ok(())
        };
        // SAFETY: this runs in a child of a process of one thread; setsid(2) is a system call.
        unsafe { second.pre_exec(prepare) };
        second.spawn()?;
        drop(client);
        exit(1);
    })
}

/// Echoes, and ends for no signal that can be ignored.
fn deaf(listener: &TcpListener) -> io::Result<()> {
    ignore_all();
    serve(listener, |client| {
        thread::spawn(|| echo(client));
        Ok(())
    })
}

/// The number of floods of 64 KiB: 256 MiB are four times what a judge may take.
const FLOODS: usize = 4096;

/// Prints on standard error, more than anybody may keep, and lets its clients wait.
fn fills(listener: &TcpListener) -> io::Result<()> {
    serve(listener, |_client| {
        for _ in 0..FLOODS {
            io::stderr().write_all(&[b'!'; 65_536])?;
        }
        rest()
    })
}

/// Prints a first line that does not end.
fn endless_line() -> io::Result<()> {
    alarm::set(LONGEST);
    for _ in 0..FLOODS {
        io::stdout().write_all(&[b'a'; 65_536])?;
    }
    rest()
}

/// Announces the address that it was told, with a port that is another's: one on which somebody listens already, if there
/// is one.
fn liar(told: SocketAddrV4) -> io::Result<()> {
    alarm::set(LONGEST);
    let port = suite::net::listeners()
        .next()
        .map_or(1, |row| row.local.port());
    println!("listening on {}:{port}", told.ip());
    rest()
}

/// Closes all of its descriptors when it has announced itself.
fn closes(listener: TcpListener) -> io::Result<()> {
    let last = listener.as_raw_fd();
    std::mem::forget(listener);
    for number in 0..=last {
        // SAFETY: this takes descriptors from under their owners; none of them is used any more.
        unsafe { libc::close(number) };
    }
    rest()
}

/// Takes memory, up to 300 MiB, and then serves nobody.
fn eats(listener: &TcpListener) -> io::Result<()> {
    serve(listener, |_client| {
        let mut all = Vec::new();
        for _ in 0..300 {
            all.push(vec![1_u8; 1 << 20]);
            sleep(Duration::from_millis(1));
        }
        rest();
    })
}

/// Stops itself when it has announced itself.
fn stops(listener: &TcpListener) -> io::Result<()> {
    raise(Signal::SIGSTOP)?;
    serve(listener, echo)
}

/// Serves each client while it makes system calls for nothing, without end.
fn calls(listener: &TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut clients: Vec<TcpStream> = Vec::new();
    let mut buffer = [0; 16_384];
    loop {
        if let Ok((client, _)) = listener.accept() {
            client.set_nonblocking(true)?;
            clients.push(client);
        }
        clients.retain_mut(|client| match client.read(&mut buffer) {
            Ok(0) => false,
            Ok(length) => client.write_all(&buffer[..length]).is_ok(),
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        });
    }
}
