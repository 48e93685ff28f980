//! How stage 8 serves a file.

use suite::Call;

use super::site::{Site, receive};
use crate::world::attempt;
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
pub(super) fn a_file_is_served(lab: &Lab) -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::new();
    let site = Site::start(lab)?;
    let path = site.write("file", &[b'x'; LENGTH])?;
    let process = site.server.process();
    let tracer = lab.trace(process.pid().as_raw())?;
    attempt(|| {
        let (_, came) = receive(&site.ask("file"));
        evidence.count("bytes of the file that came", came, LENGTH as u64);
        let calls = tracer.finish();
        let count = |wanted: &dyn Fn(&Call) -> bool| {
            let found = calls.iter().filter(|call| wanted(call));
            found.count() as u64
        };
        let reads = count(&|call| READS.contains(&call.name()));
        evidence.count("calls that read the file", reads, 0);
        let writes = count(&|call| call.is_write() && call.result > 0);
        evidence.count("calls that send head and pages: a writev", writes, 1);
        let maps = process.maps();
        let mapped = maps
            .lines()
            .filter(|line| line.ends_with(&*path.to_string_lossy()));
        evidence.count("mappings of it in /proc/PID/maps", mapped.count() as u64, 1);
        let open = process.descriptors();
        let open = open
            .iter()
            .filter(|(_, target)| path.to_string_lossy() == **target);
        evidence.count("descriptors for it that stay open", open.count() as u64, 0);
    })?;
    Ok(evidence)
}
