//! What a connection costs the kernel, and how many files it allows.

use std::io::{BufRead, stdin};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use anyhow::Context;
use suite::{Client, eventually, fresh_address, leave, number, system};

use crate::world::ensure_descriptors;
use crate::{Evidence, Lab};

/// Connections opened between two looks at the kernel's memory. Each CPU core counts its own changes first, so the sum
/// may lag by half a MiB (proc_meminfo(5) reads vmstat's).
const BATCH: usize = 1_000;
/// The most batches of a crowd. Other programs take and return memory meanwhile, so batches are opened until three in a
/// row agree,
const BATCHES: usize = 9;
/// or else all are closed and new ones opened, this many times. If even that brings no agreement, the median of all
/// batches has to do.
const CROWDS: usize = 20;
/// Descriptors below which a batch would drown in the noise of other programs.
const LEAST: u64 = 1_000;

/// C14: the limit that is made from memory, and the memory that a connection takes.
pub(super) fn for_each_connection(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let files = system::number("fs/file-max").map(number);
    evidence.observed("files the system may have open: file-max", files);
    let tenth = system::memory_kib("MemTotal").map(|kib| number(kib / 10));
    evidence.observed("a tenth of its memory in KiB", tenth);
    let bytes = bytes_an_end(lab, evidence)?.max(1);
    evidence.aside("kernel memory for an idle end, bytes", number(bytes));
    // In the order of 100,000, with a margin for other kernels: from 1 KiB to 21 KiB for each end.
    let order = 50_000..=1_000_000_u64;
    evidence.count("idle ends that fit into 1 GiB", (1 << 30) / bytes, order);
    full_and_empty(lab, evidence)
}

/// Returns the bytes that the kernel takes for each end of a silent connection, from its allocator of small objects:
/// the socket, its inode and the open file.
fn bytes_an_end(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<u64> {
    ensure_descriptors(LEAST)?;
    let room = evidence.room("ends", 2 * BATCH * BATCHES);
    let batch = BATCH.min(room / 6);
    // The bytes that the kernel has allocated for its own small objects.
    let memory = || system::memory_kib("Slab").context("cannot observe the kernel's memory");
    let mut all = Vec::new();
    for _ in 0..CROWDS {
        let mut crowd = lab.specimen("crowd", &[&batch.to_string()])?;
        crowd.expect("ready")?;
        let begin = all.len();
        for _ in 0..room / (2 * batch) {
            let before = memory()?;
            crowd.go_on("open")?;
            all.push(memory()?.saturating_sub(before) * 1024 / (2 * batch as u64));
            if let Some(bytes) = agreed(&all[begin..]) {
                crowd.end()?;
                return Ok(bytes);
            }
        }
        crowd.end()?;
    }
    all.sort_unstable();
    let middle = all.get(all.len() / 2).copied();
    middle.context("no connection was opened")
}

/// Returns the cost of each of the last three batches, if they roughly agree.
fn agreed(grown: &[u64]) -> Option<u64> {
    let mut last = *grown.last_chunk::<3>()?;
    last.sort_unstable();
    let [least, middle, most] = last;
    (least > 0 && most <= least + least / 2).then_some(middle)
}

/// An idle connection has no buffers: they exist only while they hold something.
fn full_and_empty(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(6)?;
    let client = server.connect();
    client.send(&[b'?'; 1_000]);
    eventually("the echo to come", || {
        let peeked = client.peek(&mut [0; 1_000]);
        peeked.is_ok_and(|length| length == 1_000)
    });
    let full = bytes_in_buffers(client.stream());
    evidence.count("buffers of an end, 1,000 bytes unread", full, 1_000..);
    client.receive(1_000);
    let empty = bytes_in_buffers(client.stream());
    evidence.count("buffers of the same end once it is idle", empty, 0);
    Ok(())
}

/// Returns the bytes in a socket's two queues, with their overhead (SO_MEMINFO, net/core/sock.c, sk_get_meminfo).
fn bytes_in_buffers(socket: &TcpStream) -> u64 {
    // include/uapi/linux/sock_diag.h
    const RECEIVED: usize = 0;
    const TO_BE_SENT: usize = 5;
    let mut figures = [0_u32; 9];
    let mut size = size_of_val(&figures) as libc::socklen_t;
    let (level, option) = (libc::SOL_SOCKET, libc::SO_MEMINFO);
    let to = (&raw mut figures).cast();
    // SAFETY: the kernel writes through both pointers, at most as many bytes to the first as the second says:
    // that is the size of the array.
    let got = unsafe { libc::getsockopt(socket.as_raw_fd(), level, option, to, &raw mut size) };
    match got {
        0 => u64::from(figures[RECEIVED]) + u64::from(figures[TO_BE_SENT]),
        // Not 0, which is the value hoped for.
        _ => u64::MAX,
    }
}

/// The specimen: a process with both ends of many connections. Each line on its standard input opens as many more as
/// its argument says.
pub(super) fn crowd(arguments: &[String]) -> anyhow::Result<()> {
    let batch: usize = arguments.first().context("how many?")?.parse()?;
    let listener = TcpListener::bind(fresh_address())?;
    let (mut clients, mut accepted) = (Vec::new(), Vec::new());
    println!("ready");
    for _line in stdin().lock().lines() {
        for _ in 0..batch {
            clients.push(Client::connect(listener.local_addr()?));
            accepted.push(listener.accept()?);
        }
        println!("open");
    }
    // They end by resets, because TIME_WAIT takes memory, too.
    leave(clients);
    Ok(())
}
