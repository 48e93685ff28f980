//! The A/B test: if the peer sees a later write, sending made no copy.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::FileExt;

use anyhow::Context;
use nix::sys::socket::{setsockopt, sockopt};
use suite::{deadline, page_size};

use super::ways::{
    Delivery, Way, map_and_send, read_and_send, send_file, send_zerocopy, splice_file,
    splice_mapping,
};
use crate::world::Pages;
use crate::world::interrupt::Folder;
use crate::{Evidence, Lab};

/// Bytes to send, few enough for a socket's buffers.
const LENGTH: usize = 64 * 1024;

/// Each way of sending, and the letter that the peer sees.
const WAYS: [(&str, Way, &str); 6] = [
    ("read + send", read_and_send, "A"),
    ("mmap + send", map_and_send, "A"),
    ("sendfile", send_file, "B"),
    ("splice through a pipe", splice_file, "B"),
    ("vmsplice of the mapping", splice_mapping, "B"),
    ("mmap + send, MSG_ZEROCOPY", send_zerocopy, "A"),
];

/// Queues 64 KiB of 'A' while the peer does not read, overwrites the file in place with 'B', and then lets the peer
/// read. On the loopback MSG_ZEROCOPY copies as the bytes arrive; the experiment waits for its completion, which says
/// so.
pub(super) fn who_sees_the_change(_lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).read(true).write(true);
    for (name, way, expected) in WAYS {
        let file = options.open(folder.path().join("file"))?;
        let (seen, learnt) = deliver(&file, way).context(name)?;
        evidence.outcome(format!("{name}: the peer sees"), seen, expected);
        if let Some(learnt) = learnt {
            evidence.outcome("MSG_ZEROCOPY: its completion says", learnt, "copied");
        }
    }
    Ok(())
}

/// Returns what the peer saw, and what the sender learnt.
fn deliver(file: &File, way: Way) -> anyhow::Result<(&'static str, Option<&'static str>)> {
    // In place, so that the file keeps its pages.
    let fill = |letter| file.write_all_at(&[letter; LENGTH], 0);
    fill(b'A')?;
    let pages = &Pages::map(file, LENGTH / page_size()).context("cannot map a file")?;
    let (socket, mut peer) = connection(LENGTH)?;
    let socket = &socket;
    let learnt = way(&Delivery {
        file,
        pages,
        socket,
    })?;
    fill(b'B')?;
    let mut bytes = vec![0; LENGTH];
    let read = peer.read_exact(&mut bytes);
    read.context("not all of it arrived")?;
    let seen = match bytes {
        bytes if bytes == [b'A'; LENGTH] => "A",
        bytes if bytes == [b'B'; LENGTH] => "B",
        _ => "a mixture",
    };
    Ok((seen, learnt))
}

/// Returns two ends of a connection that holds `room` unread bytes.
fn connection(room: usize) -> anyhow::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    // An accepted connection inherits the listener's. Bookkeeping takes room, too.
    setsockopt(&listener, sockopt::RcvBuf, &(4 * room))?;
    let socket = TcpStream::connect(listener.local_addr()?)?;
    setsockopt(&socket, sockopt::SndBuf, &(4 * room))?;
    let (peer, _) = listener.accept()?;
    socket.set_write_timeout(Some(deadline()))?;
    peer.set_read_timeout(Some(deadline()))?;
    Ok((socket, peer))
}
