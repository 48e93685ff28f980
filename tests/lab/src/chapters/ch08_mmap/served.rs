//! How stage 8 serves a file.

use std::path::Path;
use std::sync::mpsc;

use anyhow::Context;
use suite::{Call, Process};

use super::site::{Site, receive};
use crate::{Evidence, Lab};

/// Bytes of the file: little enough for a socket to take it in one call.
const LENGTH: usize = 16 * 1024;

/// Calls by which a program has a file's bytes copied to it, or moved past it.
const READS: [&str; 8] = [
    "read",
    "pread64",
    "readv",
    "preadv",
    "preadv2",
    "sendfile",
    "splice",
    "copy_file_range",
];

/// A client fetches a file from stage 8, under trace.
pub(super) fn a_file_is_served(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let site = Site::start(lab)?;
    let path = site.write("file", &[b'x'; LENGTH])?;
    let process = site.server.process();
    let (sender, looks) = mpsc::channel();
    // The mapping is looked at while it is in use: it is given up a second after that.
    let hook = move |call: &Call| {
        if call.name() == "writev" {
            // Nobody listens any more if the experiment has failed meanwhile.
            let _ = sender.send(mappings_and_descriptors(process, &path));
        }
    };
    let tracer = lab.trace_with(process.pid().as_raw(), hook)?;
    let (_, came) = receive(&site.ask("file"));
    evidence.count("bytes of the file that came", came, LENGTH);
    let calls = tracer.finish();
    let reads = calls.iter().filter(|call| READS.contains(&call.name()));
    evidence.count("calls that read the file", reads.count(), 0);
    let writes = calls
        .iter()
        .filter(|call| call.is_write() && call.result > 0);
    let what = "calls that send head and pages: a writev";
    evidence.count(what, writes.count(), 1);
    let (mappings, descriptors) = looks.recv().context("stage 8 has made no writev")?;
    evidence.count("mappings of it in /proc/PID/maps", mappings, 1);
    evidence.count("descriptors of it that are open", descriptors, 0);
    Ok(())
}

/// Returns how many mappings and descriptors a process has of a file.
fn mappings_and_descriptors(process: Process, path: &Path) -> (usize, usize) {
    let path = &*path.to_string_lossy();
    let maps = process.maps();
    let mappings = maps.lines().filter(|line| line.ends_with(path)).count();
    let mut descriptors = process.descriptors();
    descriptors.retain(|(_, target)| target == path);
    (mappings, descriptors.len())
}
