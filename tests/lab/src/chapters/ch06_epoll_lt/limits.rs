//! The limits of epoll: the descriptors that are on its list.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::time::Instant;

use anyhow::{Context, bail};
use nix::sys::epoll::EpollTimeout;
use nix::sys::eventfd::EventFd;
use suite::{Call, Client, Faults, leave, number, system};

use crate::world::{Watcher, be_told, outcome};
use crate::{Evidence, Lab};

/// A process's limit of descriptors, for an experiment with a server.
const FEW: u64 = 12;
/// Failed accepts after which a server counts as spinning.
const MANY: u64 = 20_000;

fn limited_to(descriptors: u64) -> Faults {
    Faults {
        descriptors: Some(descriptors),
        ..Faults::default()
    }
}

/// Nothing can be watched without a descriptor, and a process has a limited number of them (C36).
pub(super) fn a_full_table(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    const LIMIT: u64 = 32;
    // Standard input, output and error, and the epoll.
    const NOT_WATCHED: u64 = 4;
    let mut specimen = lab.specimen_with("fill-the-list", &[], limited_to(LIMIT))?;
    let error = specimen.hear()?;
    let entries = specimen.process().interest_list().len();
    let expected = LIMIT - NOT_WATCHED;
    evidence.count("entries that 32 descriptors allow for", entries, expected);
    evidence.outcome("one more", error, "EMFILE");
    system_wide(evidence);
    Ok(())
}

/// The specimen of [`a_full_table`]. The lab watches it until its standard input is closed.
pub(super) fn fill_the_list(_: &[String]) -> anyhow::Result<()> {
    let watcher = Watcher::new()?;
    let mut watched = Vec::new();
    let end = (0..1_000).try_for_each(|_| {
        let fd = EventFd::new()?;
        watcher.watch_input(&fd, 0)?;
        watched.push(fd);
        nix::Result::Ok(())
    });
    println!("{}", outcome(&end, "done"));
    be_told()
}

/// The limits that all processes share. The experiment only reads them, because reaching them would hurt everybody.
fn system_wide(evidence: &mut Evidence) {
    let files = system::number("fs/file-max").map(number);
    evidence.observed("files open in the whole system: file-max", files);
    let entries = system::number("fs/epoll/max_user_watches").map(number);
    evidence.observed("entries a user: epoll/max_user_watches", entries);
}

/// Out of descriptors, a listener stays ready, and a loop that keeps watching it level-triggered spins; stage 6
/// stops watching it for a while (C13).
pub(super) fn out_of_descriptors(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.stage(6)?.start_with(&limited_to(FEW));
    let tracer = server.trace();
    let began = Instant::now();
    let mut clients = too_many(server.address());
    tracer.wait_until(|calls| refused(calls) > 0)?;

    let mut naive = lab.specimen_with("naive-acceptor", &[], limited_to(FEW))?;
    let _crowd = too_many(naive.hear()?.parse()?);
    let spun: u64 = naive.hear()?.parse()?;

    let meanwhile = refused(&tracer.finish());
    let what = "12 descriptors, naive: accepts that fail";
    evidence.count(what, spun, MANY..);
    // Stage 6 retries ten times a second; the naive loop is done in a moment, or later on a busy machine.
    let most = 20 * (1 + began.elapsed().as_secs());
    let what = "stage 6, in that time: accepts that fail";
    evidence.count(what, meanwhile as u64, 1..=most);
    let last = clients.pop().context("nobody came")?;
    leave(clients);
    last.send(b"here");
    let served = last.receive(4).len();
    evidence.count("bytes for one that waited, once others left", served, 4);
    system_wide(evidence);
    Ok(())
}

/// Returns as many clients as the server may have descriptors, which is too many.
fn too_many(address: SocketAddr) -> Vec<Client> {
    (0..FEW).map(|_| Client::connect(address)).collect()
}

fn refused(calls: &[Call]) -> usize {
    calls.iter().filter(|call| call.is_refused_accept()).count()
}

/// The specimen of [`out_of_descriptors`]: accepts what it can, and ends when accept has failed [`MANY`] times. It also
/// ends if the listener goes quiet, which would mean it does not spin.
pub(super) fn naive_acceptor(_: &[String]) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let watcher = Watcher::new()?;
    watcher.watch_input(&listener, 0)?;
    println!("{}", listener.local_addr()?);
    let mut clients = Vec::new();
    let mut failed = 0;
    let two_seconds = EpollTimeout::from(2_000_u16);
    while failed < MANY && !watcher.wait(1, two_seconds)?.is_empty() {
        match listener.accept() {
            Ok((client, _)) => clients.push(client),
            Err(error) if error.raw_os_error() == Some(libc::EMFILE) => failed += 1,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => bail!(error),
        }
    }
    println!("{failed}");
    Ok(())
}
