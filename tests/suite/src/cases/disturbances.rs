//! E12: urgent data, and a server that is stopped and continued.

use nix::sys::signal::{Signal, kill};

use crate::{Subject, eventually};

/// Checks E12: an urgent byte is no part of the stream, and stops nothing.
pub fn e12_urgent_data(subject: &Subject) {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"calm");
    client.send_urgent(b'!');
    client.echo(b"calm again");
    // Urgent data that nobody reads must not keep the server awake, either.
    server.expect_rest(&client);
    client.half_close();
    client.expect_eof();
}

/// Checks E12: a read ends at the urgent mark although more follows, so a short read does not mean that the socket is
/// drained. An edge-triggered loop that assumes so, as tokio's does, leaves the rest unread unless it asks epoll about
/// urgent data, too.
pub fn e12_urgent_mark(subject: &Subject) {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"calm");
    // All of it has arrived when the server looks.
    server.stop();
    client.send(b"before");
    client.send_urgent(b'!');
    client.send(b"after");
    server.go_on();
    client.expect(b"beforeafter");
}

/// Checks E12: the server is stopped and continued, idle and with work to do. epoll_wait then fails with EINTR.
pub fn e12_stopped_and_continued(subject: &Subject) {
    let server = subject.start();
    let client = server.connect();
    for round in 0..5 {
        server.stop();
        if round % 2 == 0 {
            client.send(b"sent meanwhile");
        }
        server.go_on();
        if round % 2 == 0 {
            client.expect(b"sent meanwhile");
        }
        client.echo(b"after");
    }
    for child in server.process().children() {
        for signal in [Signal::SIGSTOP, Signal::SIGCONT] {
            let sent = kill(child.pid(), signal);
            assert_eq!(sent, Ok(()), "cannot send {signal} to a child");
        }
    }
    client.echo(b"after all");
    assert!(server.is_alive(), "the server has ended");
}

/// Checks E12: the server is stopped and continued while a client that does not read holds it back. A blocked write
/// then ends as a short write, and the server still owes the rest.
pub fn e12_stopped_amid_a_write(subject: &Subject) {
    let server = subject.start();
    // A write that has taken nothing yet simply restarts.
    for _ in 0..5 {
        let client = server.connect().with_small_buffers();
        let sent = server.push(&client);
        server.stop();
        for child in server.process().children() {
            let pid = child.pid();
            assert_eq!(kill(pid, Signal::SIGSTOP), Ok(()), "cannot stop a child");
            eventually("a child to stop after SIGSTOP", || child.state() == 'T');
            assert_eq!(
                kill(pid, Signal::SIGCONT),
                Ok(()),
                "the server cannot be continued"
            );
        }
        server.go_on();
        client.half_close();
        client.expect_pattern(0, sent);
        client.expect_eof();
    }
}
