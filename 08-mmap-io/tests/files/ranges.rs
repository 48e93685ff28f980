//! Parts of files (RFC 9110, section 14).

use crate::site::{Site, ask, get_with, request};

#[test]
fn a_range_is_a_part() {
    let site = Site::new("ranges");
    site.write("file", "0123456789");
    let client = site.connect();
    for (range, expected, body) in [
        ("bytes=5-5", "bytes 5-5/10", "5"),
        ("bytes=0-9", "bytes 0-9/10", "0123456789"),
        ("bytes=7-", "bytes 7-9/10", "789"),
        ("bytes=0-", "bytes 0-9/10", "0123456789"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=-25", "bytes 0-9/10", "0123456789"),
        ("bytes=8-99", "bytes 8-9/10", "89"),
        ("BYTES=8-99", "bytes 8-9/10", "89"),
        ("bytes=8-99999999999999999999999", "bytes 8-9/10", "89"),
        (
            "bytes=-99999999999999999999999",
            "bytes 0-9/10",
            "0123456789",
        ),
    ] {
        let answer = ask(&client, get_with("/file", &format!("Range: {range}\r\n")));
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.field("Content-Range"), Some(expected), "{range}");
        assert_eq!(answer.body, body.as_bytes(), "{range}");
        assert!(answer.field("ETag").is_some(), "{}", answer.head);
    }
}

#[test]
fn a_range_beyond_the_end_is_416() {
    let site = Site::new("beyond");
    site.write("file", "0123456789");
    site.write("empty", "");
    let client = site.connect();
    for (path, range, size) in [
        ("/file", "bytes=10-", 10),
        ("/file", "bytes=10-20", 10),
        ("/file", "bytes=99999999999999999999999-", 10),
        ("/file", "bytes=-0", 10),
        ("/empty", "bytes=0-", 0),
        ("/empty", "bytes=0-0", 0),
        ("/empty", "bytes=-0", 0),
    ] {
        let answer = ask(&client, get_with(path, &format!("Range: {range}\r\n")));
        assert_eq!(answer.status, 416, "{range}");
        let expected = format!("bytes */{size}");
        assert_eq!(answer.field("Content-Range"), Some(&*expected), "{range}");
    }
}

/// A suffix of at least a byte can be satisfied whatever the length of the file: one that is shorter is sent
/// whole (RFC 9110, section 14.1.2). Of an empty one that is no part, so the status is 200.
#[test]
fn a_suffix_of_an_empty_file_is_all_of_it() {
    let site = Site::new("suffix");
    site.write("empty", "");
    let client = site.connect();
    for suffix in ["-1", "-5", "-007", "-99999999999999999999999"] {
        let range = format!("Range: bytes={suffix}\r\n");
        let answer = ask(&client, get_with("/empty", &range));
        assert_eq!((answer.status, answer.length()), (200, 0), "{suffix}");
        assert_eq!(answer.field("Content-Range"), None, "{suffix}");
    }
}

#[test]
fn other_ranges_are_ignored() {
    let site = Site::new("ignored");
    site.write("file", "0123456789");
    let client = site.connect();
    let whole = |request: String| {
        let answer = ask(&client, &request);
        assert_eq!(
            (answer.status, &*answer.body),
            (200, &b"0123456789"[..]),
            "{request}"
        );
        assert_eq!(answer.field("Content-Range"), None, "{request}");
    };
    for range in [
        "bytes=0-1,3-4",
        "bytes=0-1, -1",
        "bytes=7-3",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=+1-2",
        "bytes=1-2-3",
        "bytes=0x1-2",
        "bytes 1-2",
        "lines=1-2",
        "1-2",
        "",
    ] {
        whole(get_with("/file", &format!("Range: {range}\r\n")));
    }
    whole(get_with(
        "/file",
        "Range: bytes=1-2\r\nRange: bytes=3-4\r\n",
    ));
    let head = ask(&client, request("HEAD", "/file", "Range: bytes=1-2\r\n"));
    assert_eq!((head.status, head.length()), (200, 10));
}
