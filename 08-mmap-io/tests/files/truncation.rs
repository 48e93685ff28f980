//! A transfer whose file changes under it.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::Signal;
use stage_08::pages::Mapping;
use suite::{Call, page_size};

use crate::site::{Site, answer, ask, folder, get};

const LENGTH: u64 = 64 << 20;

/// Cuts a file to that many bytes.
fn cut(path: &Path, length: u64) {
    let file = OpenOptions::new().write(true).open(path);
    let cut = file.and_then(|file| file.set_len(length));
    cut.expect("a cut");
}

/// A file that is cut while it is sent ends its own connection, before the promised end, and nothing
/// else.
#[test]
fn a_cut_file_ends_its_own_connection_only() {
    let site = Site::new("cut");
    site.write("small", "as ever");
    let (path, client) = site.stalled(LENGTH);
    let clients = [client, site.stall(), site.stall()];
    let other = site.connect();
    cut(&path, page_size() as u64);
    for client in clients {
        let (body, _) = client.receive_to_end();
        assert!(body.len() < LENGTH as usize, "{} bytes", body.len());
    }
    assert_eq!(ask(&other, get("/small")).body, b"as ever");
    site.server.connect().echo(b"so does the echo");
    let line = "stage-08: \"large\" was cut, or cannot be read, while it was sent\n";
    // One for all three.
    assert_eq!(site.server.whole_log(), line);
}

/// The cut may come between the look at the size and the call: then the kernel meets a page that is no
/// more, and the call fails with EFAULT. No signal comes of it.
#[test]
fn a_cut_behind_the_look_is_efault() {
    let site = Site::new("efault");
    let (path, client) = site.stalled(LENGTH);
    let armed = Arc::new(AtomicBool::new(true));
    let trap = move |call: &Call| {
        // The look is over, and the server stands still until this returns.
        if call.is_stat() && armed.swap(false, Ordering::Relaxed) {
            cut(&path, page_size() as u64);
        }
    };
    let tracer = site.server.trace_with(trap);
    let (body, _) = client.receive_to_end();
    assert!(body.len() < LENGTH as usize, "{} bytes", body.len());
    let faulted = |call: &Call| call.name() == "writev" && call.result == -i64::from(libc::EFAULT);
    tracer
        .wait_until(|calls| calls.iter().any(faulted))
        .expect("a writev that fails with EFAULT");
    site.server.connect().echo(b"alive");
}

/// A cut before the first byte was sent breaks no promise, as none was made: the client gets an answer, and
/// not an empty one. The cut comes after the look at the file, when it is opened and when it is mapped
/// already.
#[test]
fn a_cut_before_the_first_byte_is_500() {
    let site = Site::new("unpromised");
    for is_mapped in [false, true] {
        let path = site.write("file", "x".repeat(3_000));
        if is_mapped {
            assert_eq!(site.get("/file").status, 200);
        }
        let client = site.connect();
        let armed = AtomicBool::new(true);
        let _tracer = site.server.trace_with(move |call| {
            if call.is_stat() && armed.swap(false, Ordering::Relaxed) {
                cut(&path, 0);
            }
        });
        let answer = ask(&client, get("/file"));
        assert_eq!((answer.status, answer.is_last()), (500, true));
        client.expect_eof();
        assert_eq!(site.get("/file").length(), 0);
    }
    assert!(site.server.whole_log().contains("\"file\" was cut"));
}

/// The same between two answers of which the first has used up its client's turn.
#[test]
fn a_cut_before_the_next_answer_is_500() {
    let site = Site::new("unpromised-next");
    site.write_sparse("first", 1 << 20);
    let path = site.write("second", "x".repeat(3_000));
    let client = site.connect();
    let mut sent = 0;
    let tracer = site.server.trace_with(move |call| match call.name() {
        "writev" => sent += call.result.max(0),
        _ if call.is_stat() && sent > 1 << 20 => cut(&path, 0),
        _ => {}
    });
    client.send(format!("{}{}", get("/first"), get("/second")).as_bytes());
    assert_eq!(answer(&client).body.len(), 1 << 20);
    let second = answer(&client);
    assert_eq!(
        (second.status, second.is_last()),
        (500, true),
        "{:?}",
        tracer.finish()
    );
    client.expect_eof();
}

/// A cut within the last page is no EFAULT: the kernel would send zeros for what is gone. The look at the
/// size prevents that.
#[test]
fn a_cut_within_the_last_page_sends_no_zeros() {
    let site = Site::new("last-page");
    let (path, client) = site.stalled(LENGTH + 100);
    cut(&path, LENGTH + 50);
    let (body, _) = client.receive_to_end();
    assert!(body.len() < LENGTH as usize, "{} bytes", body.len());

    // A file that is mapped already, as the request before left it.
    let path = site.write("small", "x".repeat(1_000));
    let client = site.connect();
    assert_eq!(ask(&client, get("/small")).body.len(), 1_000);
    assert_eq!(site.maps(&path), 1);
    cut(&path, 500);
    assert_eq!(ask(&client, get("/small")).body, "x".repeat(500).as_bytes());
}

/// Also between two answers of one turn: each looks at the file anew.
#[test]
fn a_cut_between_two_answers_sends_no_zeros() {
    let site = Site::new("between");
    let path = site.write("small", "x".repeat(3_000));
    let client = site.connect();
    let armed = AtomicBool::new(true);
    let _tracer = site.server.trace_with(move |call| {
        if call.name() == "writev" && armed.swap(false, Ordering::Relaxed) {
            cut(&path, 100);
        }
    });
    client.send(get("/small").repeat(2).as_bytes());
    let lengths = [(); 2].map(|()| answer(&client).body.len());
    assert_eq!(lengths, [3_000, 100]);
}

/// A program that reads a page beyond the new end itself dies by SIGBUS, which is why this server reads
/// none: see the test below, which does it.
#[test]
fn touching_a_page_that_is_gone_is_sigbus() {
    let status = Command::new(env::current_exe().expect("this program"))
        .args([
            "--ignored",
            "--exact",
            "truncation::touch_a_page_that_is_gone",
        ])
        .env("RUST_TEST_THREADS", "1")
        .output()
        .expect("a second run of the tests")
        .status;
    assert_eq!(status.signal(), Some(Signal::SIGBUS as i32), "{status}");
}

#[test]
#[ignore = "it ends the program, and is run by the test above"]
fn touch_a_page_that_is_gone() {
    let path = folder("sigbus").join("file");
    let page = page_size();
    fs::write(&path, vec![1; 2 * page]).expect("a file for the test");
    let file = File::open(&path).expect("the file again");
    let mapping = Mapping::new(&file, 2 * page).expect("a mapping");
    let second_page = mapping.part(page..2 * page);
    cut(&path, page_size() as u64);
    // SAFETY: the address is that of a mapping that is alive. The hazard is the page behind it: there
    // is none any more, and the signal that this raises is what the test above waits for.
    let byte = unsafe { second_page.address().cast::<u8>().read_volatile() };
    panic!("read {byte} from a page that is gone, of {mapping:?}");
}

/// A file that is removed, or replaced by another, is sent to its end as it was.
#[test]
fn a_replaced_file_is_sent_to_its_end() {
    let site = Site::new("replaced");
    let (path, client) = site.stalled(16 << 20);
    let new = site.write("new", "another");
    fs::rename(new, &path).expect("a rename");
    assert_eq!(client.receive(16 << 20).len(), 16 << 20);
    assert_eq!(ask(&client, get("/large")).body, b"another");

    let (path, client) = site.stalled(16 << 20);
    fs::remove_file(path).expect("a removal");
    assert_eq!(client.receive(16 << 20).len(), 16 << 20);
    assert_eq!(ask(&client, get("/large")).status, 404);
}

/// A file that is written to in its place may come as a mixture, but whole.
#[test]
fn a_rewritten_file_is_old_or_new_at_each_byte() {
    let site = Site::new("rewritten");
    let (path, client) = site.stalled(LENGTH);
    let file = OpenOptions::new().write(true).open(path).expect("the file");
    for at in (0..LENGTH).step_by(1 << 20) {
        file.write_all_at(&[1; 1 << 20], at).expect("a write");
    }
    let body = client.receive(LENGTH as usize);
    assert_eq!(body.len(), LENGTH as usize);
    assert!(body.iter().all(|&byte| byte <= 1));
    assert_eq!(body.last(), Some(&1), "sent from a copy of the program's");
}

/// A file that grows, as a log does, is sent at the length that was promised.
#[test]
fn a_growing_file_is_sent_as_promised() {
    let site = Site::new("growing");
    let (path, client) = site.stalled(LENGTH);
    let file = OpenOptions::new().append(true).open(path);
    let grown = file.and_then(|file| file.write_all_at(b"more", LENGTH));
    grown.expect("a longer file");
    assert_eq!(client.receive(LENGTH as usize).len(), LENGTH as usize);
    let length = ask(&client, "HEAD /large HTTP/1.1\r\nHost: here\r\n\r\n").length();
    assert_eq!(length, LENGTH as usize + 4);
}
