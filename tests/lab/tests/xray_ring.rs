//! The X-ray sees a server whose only call is io_uring_enter: it has no other sign that a client was let in.

use std::io::{self, Write};

use lab::Lab;
use lab::world::CourseServer;
use lab::xray::{in_words, look};
use suite::{Call, reason, with_last_words};

#[test]
fn an_arrival_and_an_echo_are_seen() -> anyhow::Result<()> {
    let lab = Lab::new(env!("CARGO_BIN_EXE_lab"));
    let uring: CourseServer = "uring".parse()?;
    let subject = lab.server(uring)?;
    if let (Err(refusal), _) = with_last_words(|| drop(subject.start())) {
        let _ = writeln!(io::stderr(), "skipped: {}", reason(&*refusal));
        return Ok(());
    }
    let xray = look(&lab, uring, 10)?;
    for scene in [xray.echo, xray.arrival] {
        let names: Vec<&str> = scene.calls.iter().map(|call| call.name).collect();
        assert_eq!(names, ["io_uring_enter"], "{scene:?}");
        let each = scene.count("io_uring_enter") as f64 / scene.times as f64;
        assert!((1.0..=3.0).contains(&each), "{scene:?}");
    }
    Ok(())
}

#[test]
fn the_call_is_said_in_words() {
    let call = Call {
        tid: 0,
        number: libc::SYS_io_uring_enter as u64,
        args: [5, 1_024, 1, 1, 0, 0],
        result: 1_024,
    };
    let words = "io_uring_enter(5, 1,024 to submit, 1 to wait for) = 1,024 submitted";
    assert_eq!(in_words(&call), words);
}
