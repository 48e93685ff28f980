//! What a path may name: regular files beneath the root, and nothing else.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use suite::{Call, Faults};

use crate::site::{Site, ask, folder, get, subject};

/// A site with a file inside, and one outside that it has all sorts of ways to.
fn site(name: &str) -> Site {
    let site = Site::new(name);
    let outside = format!("{name}.outside");
    fs::write(site.folder.with_file_name(&outside), "outside").expect("a file outside");
    site.write("file", "inside");
    fs::create_dir(site.folder.join("folder")).expect("a folder");
    for (target, link) in [
        (format!("../{outside}"), "link-out"),
        ("/etc/passwd".into(), "link-to-root"),
        ("..".into(), "folder/link-in"),
        ("../..".into(), "folder/link-up"),
        ("/proc/self/root".into(), "magic"),
        ("file".into(), "link-in-place"),
        ("loop".into(), "loop"),
    ] {
        symlink(target, site.folder.join(link)).expect("a link");
    }
    site
}

#[test]
fn dots_and_nonsense_are_refused() {
    let site = site("dots");
    for (target, expected) in [
        ("/../dots.outside", 404),
        ("/..%2fdots.outside", 404),
        ("/%2e%2e/dots.outside", 404),
        ("/%2e%2e%2fdots.outside", 404),
        ("/folder/../../dots.outside", 404),
        ("/folder/../file", 404),
        ("/..", 404),
        ("/%252e%252e/dots.outside", 404),
        ("/file%00", 400),
        ("/%00", 400),
        ("/%zz", 400),
        ("/file%", 400),
        ("/file%4", 400),
        ("/file#part", 400),
        ("file", 400),
        ("*", 400),
        ("http://", 400),
        ("http:///file", 400),
        ("http://:80/file", 400),
        ("http://user@here/file", 400),
        ("ftp://here/file", 400),
        // Decoded once, that is `%66ile`.
        ("/%2566ile", 404),
        ("/missing", 404),
        ("/file/below", 404),
    ] {
        assert_eq!(site.get(target).status, expected, "{target}");
    }
    let long = format!("/{}", "x".repeat(300));
    assert_eq!(site.get(&long).status, 404, "a name that is too long");
}

#[test]
fn a_file_has_many_spellings() {
    let site = site("spellings");
    for target in [
        "/file",
        "//file",
        "/./file",
        "/folder//link-in/file",
        "/%66ile",
        "/%66%69%6C%65",
        "/file?/../query",
        "/link-in-place",
        "http://here/file",
        "HTTP://here:80/file",
        "https://[::1]:8008/file",
    ] {
        let answer = site.get(target);
        assert_eq!(
            (answer.status, &*answer.body),
            (200, &b"inside"[..]),
            "{target}"
        );
    }
}

#[test]
fn links_do_not_lead_out() {
    let site = site("links");
    for target in [
        "/link-out",
        "/link-to-root",
        "/folder/link-up/links.outside",
        "/magic/etc/passwd",
        "/loop",
    ] {
        assert_eq!(site.get(target).status, 404, "{target}");
    }
}

/// A directory that is swapped for a link while a file in it is asked for: whatever is opened lies beneath
/// the root. The swap comes after the first system call of a request, after the second one, and so on:
/// also between a look at the path and the opening, if there were one.
#[test]
fn a_swapped_directory_does_not_lead_out() {
    let site = Site::new("swapped");
    let outside = folder("swapped.outside");
    symlink("../swapped.outside", site.folder.join("other")).expect("a link");
    let swap = |folder: &Path| {
        for (from, to) in [("here", "third"), ("other", "here"), ("third", "other")] {
            fs::rename(folder.join(from), folder.join(to)).expect("a rename");
        }
    };
    // How many calls are left until then; `None` afterwards.
    let left = Arc::new(Mutex::new(None));
    let trap = {
        let (left, folder) = (Arc::clone(&left), site.folder.clone());
        move |_: &Call| {
            // The server stands still until this returns.
            let mut left = left.lock().expect("a number");
            *left = left.and_then(|left: usize| left.checked_sub(1));
            if *left == Some(0) {
                swap(&folder);
                *left = None;
            }
        }
    };
    let client = site.connect();
    let tracer = site.server.trace_with(trap);
    let mut number = 0;
    let mut is_swapped = true;
    while is_swapped {
        number += 1;
        assert!(number < 100, "a request of {number} calls");
        // Another one each time, as it must not be mapped yet.
        let name = format!("{number}");
        site.write(&format!("here/{name}"), "inside");
        fs::write(outside.join(&name), "outside").expect("a file outside");
        *left.lock().expect("a number") = Some(number);
        let answer = ask(&client, get(&format!("/here/{name}")));
        let body = String::from_utf8_lossy(&answer.body);
        assert_ne!(body, "outside", "swapped after {number} calls");
        assert!(matches!(answer.status, 200 | 404), "{}", answer.head);
        is_swapped = left.lock().expect("a number").take().is_none();
        if is_swapped {
            swap(&site.folder);
        }
    }
    assert!(number > 3, "{:?}", tracer.finish());
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let site = Site::new("no-file");
    let fifo = site.folder.join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo failed");
    let socket = std::os::unix::net::UnixListener::bind(site.folder.join("socket"));
    let _socket = socket.expect("a socket");
    for target in ["/fifo", "/socket", "/fifo/"] {
        assert_eq!(site.get(target).status, 404, "{target}");
    }
    // Devices, without the privilege to make one.
    let mut devices = subject(Path::new("/dev")).start();
    let http = devices.announced("serving /dev on http://");
    for target in ["/null", "/zero", "/tty", "/ptmx"] {
        let client = suite::Client::connect(http);
        assert_eq!(ask(&client, get(target)).status, 404, "{target}");
    }
}

/// What fails for another reason than the path is not said to be missing, which would be remembered, and a line
/// says why it failed.
#[test]
fn what_cannot_be_read_is_the_servers_fault() {
    let mut server = subject(Path::new("/proc")).start();
    let http = server.announced("serving /proc on http://");
    let client = suite::Client::connect(http);
    // There is no memory at address 0 (proc_pid_mem(5)).
    for _ in 0..3 {
        assert_eq!(ask(&client, get("/self/mem")).status, 500);
    }
    assert_eq!(ask(&client, get("/self/missing")).status, 404);
    let line = "stage-08: \"self/mem\" is not served: Input/output error";
    let log = server.whole_log();
    assert!(log.starts_with(line) && log.lines().count() == 1, "{log}");
}

#[test]
fn what_may_not_be_read_is_forbidden() {
    // Root may read everything, and so has to lose that.
    let faults = Faults {
        no_override: true,
        ..Faults::default()
    };
    let site = Site::start_with("unreadable", &faults);
    let path = site.write("file", "secret");
    let in_folder = site.write("folder/file", "secret");
    let forbid = |path: &Path, mode| {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(path, mode).expect("another mode");
    };
    forbid(&path, 0o000);
    let folder = in_folder.parent().expect("a folder");
    forbid(folder, 0o000);
    let answers = ["/file", "/folder/file"].map(|target| site.get(target).status);
    // So that the next run can remove it.
    forbid(folder, 0o700);
    assert_eq!(answers, [403, 403]);
    forbid(&path, 0o400);
    assert_eq!(site.get("/file").status, 200);
}
