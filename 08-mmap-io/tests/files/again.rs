//! An opening that the kernel wants to be tried again: openat2(2) says EAGAIN when something was renamed while
//! it took a step `..`, as it could not tell whether that led out of the root.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use stage_08::pages::Root;
use stage_08::{Session, Site, Timeouts};
use suite::Client;

use crate::refusal::refused;
use crate::site::{answer, folder, get};

#[test]
fn an_opening_is_tried_again() {
    let folder = folder("again");
    std::fs::write(folder.join("file"), "here").expect("a file");
    for times in [0, 1, 3] {
        let mut root = Root::open(&folder).expect("the folder");
        let look = |_: &_, version: stage_08::pages::Version| Ok(version.size);
        let (found, calls) = refused(times, || root.with_file(Path::new("file"), look));
        assert_eq!(found.ok(), Some(Some(4)), "refused {times} times");
        assert_eq!(calls, times + 1);
    }
}

/// Not without end: the others wait meanwhile.
#[test]
fn an_opening_is_not_tried_for_ever() {
    let folder = folder("again-and-again");
    std::fs::write(folder.join("file"), "here").expect("a file");
    let root = Root::open(&folder).expect("the folder");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let client = Client::connect(listener.local_addr().expect("an address"));
    client.send(get("/file").as_bytes());
    let (stream, _) = listener.accept().expect("a client");
    let (result, calls) = refused(usize::MAX, || {
        let mut site = Site::new(root, Timeouts::default());
        let mut session = Session::new(stream, &mut site)?;
        session.on_ready(&mut [0; 4_096], &mut site);
        Ok::<_, io::Error>(())
    });
    result.expect("a session");
    let answer = answer(&client);
    assert_eq!(
        (answer.status, answer.field("Retry-After")),
        (503, Some("1"))
    );
    assert!((2..=20).contains(&calls), "{calls} tries");
}
