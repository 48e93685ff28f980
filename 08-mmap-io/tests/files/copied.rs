//! Files that cannot be mapped: they are read, and served all the same.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use stage_08::pages::{CopiedFile, Version};
use suite::{Client, assert_same, eventually, pattern, seen};

use crate::refusal::without_mappings;
use crate::site::{Site, answer, ask, folder, get, get_with, request, subject};

/// Files of sysfs and /proc, whose sizes are none: 4,096 and 0. Their length is what was read.
#[test]
fn what_is_made_up_is_as_long_as_it_is() {
    for (root, targets) in [
        ("/sys", ["/class/net/lo/mtu", "/kernel/uevent_seqnum"]),
        ("/proc", ["/version", "/sys/kernel/ostype"]),
    ] {
        let mut server = subject(Path::new(root)).start();
        let http = server.announced(&format!("serving {root} on http://"));
        let client = Client::connect(http);
        for target in targets {
            let bytes = fs::read(format!("{root}{target}")).expect("a file");
            let whole = ask(&client, get(target));
            assert_eq!((whole.status, &*whole.body), (200, &*bytes), "{target}");
            let head = ask(&client, request("HEAD", target, ""));
            assert_eq!((head.status, head.length()), (200, bytes.len()));
            let part = ask(&client, get_with(target, "Range: bytes=1-2\r\n"));
            assert_eq!((part.status, &*part.body), (206, &bytes[1..3]));
            let last = ask(&client, get_with(target, "Range: bytes=-1\r\n"));
            assert_eq!((last.status, &*last.body), (206, &bytes[bytes.len() - 1..]));
            let behind = get_with(target, &format!("Range: bytes={}-\r\n", bytes.len()));
            assert_eq!(ask(&client, behind).status, 416, "{target}");
        }
        assert_eq!(ask(&client, get("/missing")).status, 404);
        // One line, whatever the number of files.
        let line = format!("stage-08: {:?} cannot be mapped: ", &targets[0][1..]);
        let log = server.whole_log();
        assert!(log.starts_with(&line) && log.lines().count() == 1, "{log}");
    }
}

/// A file of any size is sent a buffer at a time, whatever the client reads.
#[test]
fn a_large_file_is_read_in_pieces() {
    without_mappings(|| {
        let site = Site::new("pieces-of-a-file");
        let bytes = pattern(0, 65_536).repeat(20);
        let path = site.write("file", &bytes);
        let exact = site.write("exact", &bytes[..65_536]);
        let reader = site.connect().with_small_buffers();
        reader.send(get("/file").as_bytes());
        let slow = answer(&reader);
        assert_same(&bytes, &slow.body);
        let client = site.connect();
        let whole = ask(&client, get("/exact"));
        assert_same(&bytes[..65_536], &whole.body);
        for (first, last) in [(0, 0), (65_535, 65_536), (100_000, 900_000)] {
            let range = format!("Range: bytes={first}-{last}\r\n");
            let part = ask(&client, get_with("/file", &range));
            assert_eq!(part.status, 206);
            assert_same(&bytes[first..=last], &part.body);
        }
        let head = ask(&client, request("HEAD", "/file", ""));
        assert_eq!(head.length(), bytes.len());
        assert_eq!([site.maps(&path), site.maps(&exact)], [0, 0]);
    });
}

/// Nothing is kept for the next request, nor does a tag count: what made the bytes up may leave no trace in a
/// file's times.
#[test]
fn what_is_read_is_read_anew() {
    without_mappings(|| {
        let site = Site::new("anew-each-time");
        site.write("file", "here");
        let client = site.connect();
        let first = ask(&client, get("/file"));
        assert_eq!(first.field("Last-Modified"), None, "{}", first.head);
        let tag = first.field("ETag").expect("a tag");
        for field in ["If-None-Match", "If-Range"] {
            let range = "Range: bytes=0-0\r\n";
            let same = get_with("/file", &format!("{range}{field}: {tag}\r\n"));
            let expected = if field == "If-Range" { 200 } else { 206 };
            assert_eq!(ask(&client, same).status, expected, "{field}");
        }
        let descriptors = site.server.process().descriptor_count();
        for text in ["one", "two", "four"] {
            site.write("file", text);
            assert_eq!(ask(&client, get("/file")).body, text.as_bytes());
        }
        site.write("file", "");
        assert_eq!(ask(&client, get("/file")).length(), 0);
        assert_eq!(site.server.process().descriptor_count(), descriptors);
    });
}

/// An empty file has no bytes to map, and is none of these: it has validators, and nothing is said of it.
#[test]
fn an_empty_file_can_be_mapped() {
    let site = Site::new("mapped-empty");
    site.write_old("file", "");
    let answer = site.get("/file");
    assert_eq!((answer.status, answer.length()), (200, 0));
    assert!(answer.field("Last-Modified").is_some(), "{}", answer.head);
    assert_eq!(site.server.whole_log(), "");
}

/// Clients that do not read hold a buffer and a descriptor each, and are in nobody's way.
#[test]
fn stalled_readers_hold_a_buffer_each() {
    without_mappings(|| {
        let site = Site::new("stalled-copies");
        site.write("small", "quick");
        let neighbour = site.connect();
        let is_served = || ask(&neighbour, get("/small")).body == b"quick";
        assert!(is_served());
        let (path, first) = site.stalled(64 << 20);
        let process = site.server.process();
        let before = (seen(process.memory()), process.descriptor_count());
        let stalled: Vec<Client> = (0..50).map(|_| site.stall()).collect();
        assert!(is_served());
        let grown = seen(process.memory()).saturating_sub(before.0);
        assert!(grown < 50 * 80 * 1024, "{grown} bytes for 50 clients");
        assert_eq!(process.descriptor_count(), before.1 + 2 * 50);
        drop(stalled);
        eventually("their descriptors are closed", || {
            process.descriptor_count() <= before.1
        });
        // A file that is cut ends its own connection, before the promised end.
        let file = OpenOptions::new().write(true).open(path);
        let cut = file.and_then(|file| file.set_len(4_096));
        cut.expect("a cut");
        let (body, _) = first.receive_to_end();
        assert!(body.len() < 64 << 20, "{} bytes", body.len());
        eventually("a line says so", || {
            site.server.log().contains("\"large\" was cut")
        });
        assert!(is_served());
    });
}

/// A file that has more bytes than it says, and than a buffer holds, is refused: its length could not be
/// promised.
#[test]
fn what_does_not_say_its_length_is_refused() {
    let path = folder("length").join("file");
    fs::write(&path, vec![b'x'; 100_000]).expect("a file");
    let file = File::open(&path).expect("the file");
    let says = |size| {
        let version = Version {
            inode: (1, 2),
            size,
            modified: (0, 0),
            changed: (0, 0),
        };
        CopiedFile::new(&path, &file, version).map(|copied| copied.size())
    };
    let error = says(0).expect_err("no length");
    assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    // If it has less, it breaks off.
    assert_eq!(says(100_000).ok(), Some(100_000));
    assert_eq!(says(200_000).ok(), Some(200_000));
}
