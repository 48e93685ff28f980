//! What a path may name: regular files beneath the root, and nothing else.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use suite::Faults;

use crate::site::{Site, folder, get, subject};

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

/// A directory that is swapped for a link, again and again, while files in it are asked for: whatever
/// is opened lies beneath the root.
#[test]
fn a_swapped_directory_does_not_lead_out() {
    let site = Site::new("swapped");
    let outside = folder("swapped.outside");
    fs::write(outside.join("file"), "outside").expect("a file outside");
    site.write("inside/file", "inside");
    symlink("../swapped.outside", site.folder.join("link")).expect("a link");
    let path = |name: &str| site.folder.join(name);
    let rename = |from, to| fs::rename(path(from), path(to)).expect("a rename");
    let client = site.connect();
    for round in 0..500 {
        // Both requests are on their way while the names change.
        client.send(get("/here/file").repeat(2).as_bytes());
        let name = ["inside", "link"][round % 2];
        rename(name, "here");
        rename("here", name);
        for _ in 0..2 {
            let answer = crate::site::answer(&client);
            assert_ne!(answer.body, b"outside");
            assert!(matches!(answer.status, 200 | 404 | 503), "{}", answer.head);
        }
    }
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
        assert_eq!(
            crate::site::ask(&client, get(target)).status,
            404,
            "{target}"
        );
    }
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
