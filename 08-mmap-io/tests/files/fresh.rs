//! Files that have just changed: what names their version could name the next one, too (RFC 9110, section
//! 8.8.1), because the times of both may be the same.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_rules::{File, Request, Storage};
use suite::eventually;

use crate::site::{Site, ask, get, get_with};

/// The clock that files are stamped with moves every 10 ms or more often; where it moves by nanoseconds,
/// as on some file systems since Linux 6.13, nobody knows that it does.
const TICK: Duration = Duration::from_millis(20);

const RANGE: &str = "Range: bytes=0-0\r\n";

/// A second version, of the same size, may be written within the same tick. So no request is answered as if
/// its client had the current one.
#[test]
fn a_tag_within_the_tick_matches_nothing() {
    let site = Site::new("tick");
    let client = site.connect();
    eventually("four answers within a tick", || {
        let path = site.write("file", "one");
        let first = ask(&client, get("/file"));
        let tag = first.field("ETag").expect("a tag");
        let with = |field: &str| ask(&client, get_with("/file", field));
        let same = with(&format!("If-None-Match: {tag}\r\n"));
        let part = with(&format!("{RANGE}If-Range: {tag}\r\n"));
        let guarded = with(&format!("If-Match: {tag}\r\n"));
        let is_in_time = age(&fs::metadata(path).expect("the file")) < TICK;
        if is_in_time {
            let statuses = [&first, &same, &part, &guarded].map(|answer| answer.status);
            assert_eq!(statuses, [200, 200, 200, 412], "{}", same.head);
            assert_eq!(first.field("Last-Modified"), None, "{}", first.head);
            // Nor is it the tag of another answer, whose bytes could differ.
            assert_ne!(same.field("ETag"), Some(tag));
        }
        is_in_time
    });
    let tag = site.settled_tag("file");
    let same = ask(
        &client,
        get_with("/file", &format!("If-None-Match: {tag}\r\n")),
    );
    assert_eq!(same.status, 304, "{}", same.head);
}

fn age(file: &Metadata) -> Duration {
    let seconds = Duration::from_secs(file.ctime().cast_unsigned());
    let changed = UNIX_EPOCH + seconds + Duration::from_nanos(file.ctime_nsec().cast_unsigned());
    SystemTime::now()
        .duration_since(changed)
        .unwrap_or_default()
}

/// A range would be put behind bytes of another version: a time is proof of one only when its second is
/// over, and was not sent before (RFC 9110, sections 13.1.5 and 8.8.2.2).
#[test]
fn a_time_within_its_second_is_no_proof() {
    let site = Site::new("second");
    let path = site.write("file", "old");
    let client = site.connect();
    site.settled_tag("file");
    let first = ask(&client, get("/file"));
    fs::write(&path, "new").expect("a write");
    let modified = fs::metadata(&path).and_then(|data| data.modified());
    let date = httpdate::fmt_http_date(modified.expect("a time"));
    let resume = || {
        ask(
            &client,
            get_with("/file", &format!("{RANGE}If-Range: {date}\r\n")),
        )
    };
    assert_eq!(resume().status, 200);
    let since = get_with("/file", &format!("If-Modified-Since: {date}\r\n"));
    assert_eq!(ask(&client, since).status, 200);
    assert_eq!(first.field("Last-Modified"), None, "{}", first.head);
    // From then on nobody can have it from an older version.
    let mut later = first;
    eventually("the second is over", || {
        later = ask(&client, get("/file"));
        later.field("Last-Modified").is_some()
    });
    assert_eq!(later.field("Last-Modified"), Some(&*date));
    assert_eq!((&*later.body, resume().status), (&b"new"[..], 206));
}

/// When a validator counts, for file systems that keep more or less of a time. The times are made up:
/// few machines have all of these file systems.
#[test]
fn a_validator_counts_when_its_time_is_over() {
    const NOW: Duration = Duration::new(1_700_000_000, 500_000_000);
    let ago = |milliseconds: i64| {
        let now = NOW.as_millis().cast_signed() as i64 - milliseconds;
        (now.div_euclid(1_000), now.rem_euclid(1_000) * 1_000_000)
    };
    for (changed, modified, expected) in [
        // To the nanosecond, or to the tick.
        (ago(1), ago(1).0, (false, false)),
        (ago(19), ago(19).0, (false, false)),
        (ago(20), ago(20).0, (true, false)),
        (ago(1_400), ago(1_400).0, (true, false)),
        (ago(2_100), ago(2_100).0, (true, true)),
        (ago(20), ago(3_600_000).0, (true, true)),
        (ago(19), ago(3_600_000).0, (false, false)),
        // To the second (ext3), or to an even one (FAT).
        ((ago(0).0, 0), ago(0).0, (false, false)),
        ((ago(1_000).0, 0), ago(1_000).0, (false, false)),
        ((ago(2_000).0, 0), ago(2_000).0, (true, true)),
        // A time to come: the clock was set back, or is another machine's.
        (ago(-1), ago(0).0, (false, false)),
        (ago(-86_400_000), ago(86_400_000).0, (false, false)),
        // Times that HTTP cannot write, and some that nobody can count.
        (ago(20), 253_402_300_799, (true, false)),
        (ago(20), 253_402_300_800, (true, false)),
        (ago(20), -1, (true, false)),
        ((i64::MIN, 0), i64::MIN, (true, false)),
        ((i64::MAX, 999_999_999), i64::MAX, (false, false)),
    ] {
        let file = File {
            path: Path::new("file"),
            size: 1,
            inode: 2,
            modified,
            changed,
        };
        let now = UNIX_EPOCH + NOW;
        let head = answer(&file, "", now);
        let field = |name| head.lines().find_map(|line| line.strip_prefix(name));
        let tag = field("ETag: ").expect("a tag");
        let same = answer(&file, &format!("If-None-Match: {tag}\r\n"), now);
        let counts = (
            same.starts_with("HTTP/1.1 304 "),
            field("Last-Modified: ").is_some(),
        );
        assert_eq!(counts, expected, "{file:?}: {head}");
        // A tag that does not count now is that of no later answer either.
        let later = answer(&file, "", now + Duration::from_secs(10));
        assert_eq!(later.contains(tag), expected.0, "{later}");
    }
}

/// Returns the head of the answer to a request for `file` with `fields`.
fn answer(file: &File, fields: &str, now: SystemTime) -> String {
    let (request, mut storage) = (get_with("/file", fields), Storage::new());
    let request = Request::parse(request.as_bytes(), &mut storage);
    let request = request.ok().flatten().expect("a request");
    let answer = http_rules::Answer::file(&request, file, now);
    String::from_utf8(answer.head).expect("a head is text")
}
