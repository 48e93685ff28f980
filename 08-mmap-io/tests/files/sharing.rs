//! Mappings: shared, checked, bounded and given back.

use std::fs;
use std::path::Path;
use std::thread;

use suite::{Client, eventually};

use crate::site::{Site, answer, ask, get, get_with, head};

#[test]
fn requests_of_one_file_share_its_mapping() {
    let site = Site::new("shared");
    let (path, first) = site.stalled(256 << 20);
    let others: Vec<Client> = (0..20)
        .map(|_| {
            let client = site.connect();
            client.send(get("//./large").as_bytes());
            head(&client);
            client
        })
        .collect();
    assert_eq!(site.maps(&path), 1);
    // It stays as long as one of them is being sent.
    drop((others, first));
    eventually("the server to give the mapping back", || {
        site.maps(&path) == 0
    });
}

/// A file that has changed is served anew at once; a transfer under way keeps what it began with.
#[test]
fn a_changed_file_is_served_anew() {
    let site = Site::new("anew");
    let client = site.connect();
    let (path, stalled) = site.stalled(16 << 20);
    let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    let set_time = |path: &Path, time| {
        let file = fs::File::options().write(true).open(path);
        file.and_then(|file| file.set_modified(time))
    };
    for (round, text) in ["one", "two", "six", "ten"].into_iter().enumerate() {
        let before = time(&path).expect("a time");
        match round {
            // Another file in its place: a smaller one, and then one of the same size and time.
            0 | 1 => {
                let new = site.write("new", text);
                set_time(&new, before).expect("another time");
                fs::rename(new, &path).expect("a rename");
            }
            // The same file, other bytes, of the same size.
            2 => fs::write(&path, text).expect("a write"),
            // And of the same time.
            _ => {
                fs::write(&path, text).expect("a write");
                set_time(&path, before).expect("another time");
            }
        }
        let answer = ask(&client, get("/large"));
        assert_eq!(answer.body, text.as_bytes());
    }
    assert_eq!(stalled.receive(16 << 20), vec![0; 16 << 20]);
    fs::remove_file(&path).expect("a removal");
    assert_eq!(ask(&client, get("/large")).status, 404);
    site.write("large", "back");
    assert_eq!(ask(&client, get("/large")).body, b"back");
}

/// 10,000 files in turn neither fail nor leave 10,000 mappings, and soon none. One file is empty: a page is mapped of it, too.
#[test]
fn many_files_leave_few_mappings() {
    let site = Site::new("many");
    let process = site.server.process();
    let mappings = || process.maps().matches("/many/").count();
    let names: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
    let text = |name: &String| name.trim_start_matches('0').to_owned();
    for name in &names {
        site.write(name, text(name));
    }
    let client = site.connect();
    // Faster than a file is let go that nobody asks for.
    for names in names.chunks(2_000) {
        let requests: String = names.iter().map(|name| get(&format!("/{name}"))).collect();
        thread::scope(|scope| {
            scope.spawn(|| client.send(requests.as_bytes()));
            for name in names {
                assert_eq!(answer(&client).body, text(name).as_bytes());
            }
        });
        assert!(mappings() <= 1_024, "{} mappings", mappings());
    }
    assert!(process.descriptor_count() < 16, "descriptors stay");
    eventually("the server to give the mappings back", || mappings() == 0);
    let _ = fs::remove_dir_all(&site.folder);
}

/// A file that was removed takes no room once nobody is sent it: neither a descriptor nor a mapping holds its
/// blocks, which `df` would count and `du` not find.
#[test]
fn a_removed_file_gives_its_blocks_back() {
    let site = Site::new("blocks");
    let path = site.write_sparse("removed", 200 << 20);
    let client = site.connect();
    let range = get_with("/removed", "Range: bytes=-1\r\n");
    assert_eq!(ask(&client, range).status, 206);
    fs::remove_file(&path).expect("a removal");
    let name = path.to_string_lossy();
    let process = site.server.process();
    eventually("it is not mapped any more", || {
        !process.maps().contains(&*name)
    });
    let descriptors = process.descriptors();
    assert!(
        descriptors
            .iter()
            .all(|(_, target)| !target.contains(&*name)),
        "{descriptors:?}"
    );
    assert_eq!(ask(&client, get("/removed")).status, 404);
}

/// Files too large to be kept together are not kept, whatever their number.
#[test]
fn large_files_are_not_all_kept() {
    let site = Site::new("large-files");
    let client = site.connect();
    let sizes = || {
        let maps = site.server.process().maps();
        let sizes = maps.lines().filter(|line| line.contains("/large-files/"));
        let size = |line: &str| {
            let (start, rest) = line.split_once('-')?;
            let (end, _) = rest.split_once(' ')?;
            let number = |text| u64::from_str_radix(text, 16).ok();
            Some(number(end)? - number(start)?)
        };
        sizes.filter_map(size).sum::<u64>()
    };
    for number in 0..20 {
        let name = format!("{number}");
        site.write_sparse(&name, 3 << 30);
        let answer = ask(
            &client,
            format!("GET /{name} HTTP/1.1\r\nHost: h\r\nRange: bytes=-1\r\n\r\n"),
        );
        assert_eq!((answer.status, answer.body.len()), (206, 1));
        assert!(sizes() <= 16 << 30, "{} GiB are mapped", sizes() >> 30);
    }
}

/// What is being sent does not count as kept: one client with a huge file is no reason to map all others
/// anew each time.
#[test]
fn a_huge_transfer_leaves_the_others_mapped() {
    let site = Site::new("huge");
    let (_, _stalled) = site.stalled(20 << 30);
    let tracer = site.server.trace();
    let client = site.connect();
    for number in 0..20 {
        for name in ["one", "two"] {
            if number == 0 {
                site.write(name, name);
            }
            assert_eq!(ask(&client, get(&format!("/{name}"))).body, name.as_bytes());
        }
    }
    let calls = tracer.finish();
    let opened = calls.iter().filter(|call| call.name() == "openat2").count();
    // Each request prolongs a file's time by a second; some room is for a machine that stalls so long.
    assert!(
        (2..=6).contains(&opened),
        "{opened} times opened for 40 requests"
    );
}

/// When there is no room for another mapping, those that are idle give theirs.
#[test]
fn idle_mappings_make_room() {
    let site = Site::new("room");
    let client = site.connect();
    let limit = libc::rlimit {
        rlim_cur: 8 << 30,
        rlim_max: 8 << 30,
    };
    let pid = site.server.process().pid().as_raw();
    // SAFETY: the kernel reads the limit through the pointer, which is that of a local variable, and
    // writes nothing, as the other one is null.
    let set =
        unsafe { libc::prlimit(pid, libc::RLIMIT_AS, &raw const limit, std::ptr::null_mut()) };
    assert_eq!(set, 0, "{}", std::io::Error::last_os_error());
    for name in ["one", "two", "three"] {
        site.write_sparse(name, 5 << 30);
        let answer = ask(
            &client,
            get_with(&format!("/{name}"), "Range: bytes=-1\r\n"),
        );
        assert_eq!(answer.status, 206, "{}", answer.head);
    }
    // One alone is too large: it is refused, and nothing else.
    site.write_sparse("nine", 9 << 30);
    let answer = ask(&client, get("/nine"));
    assert_eq!(
        (answer.status, answer.field("Retry-After")),
        (503, Some("1"))
    );
    site.write("small", "here");
    assert_eq!(ask(&client, get("/small")).body, b"here");
}
