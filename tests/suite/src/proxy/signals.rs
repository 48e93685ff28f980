//! P10: how a proxy ends.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::stand::{Pair, Stand};
use crate::{Subject, deadline, eventually};

/// How long pairs that do not end may hold up the end.
const GRACE: Duration = Duration::from_secs(2);

/// P10: after SIGTERM nobody new is let in, what is under way arrives, and a proxy without pairs exits with 0. A client
/// that waits for its answer looks idle, and is not.
pub fn p10_sigterm(subject: &Subject) {
    // A proxy that waits for its time to be up, although its last pair has ended, does so each time; on a busy machine
    // any other may, too.
    let ends_early = |_| drains(subject) < GRACE;
    assert!(
        (0..3).any(ends_early),
        "after SIGTERM the proxy's last pair ended, but the proxy went on until its {GRACE:?} were up"
    );
}

/// Returns how long after SIGTERM the proxy ends.
fn drains(subject: &Subject) -> Duration {
    let stand = Stand::start(subject);
    let pair = stand.pair();
    pair.client.send(b"the question");
    pair.backend.expect(b"the question");
    // One that waits in the queue when the signal comes is let in: it is connected already, as far as it knows.
    stand.proxy.stop();
    let (client, hello) = stand.greeted();
    stand.proxy.signal(Signal::SIGTERM);
    let began = Instant::now();
    stand.proxy.go_on();
    let backend = stand.backend.accept_for(hello);
    let queued = Pair { client, backend };
    refuses(stand.proxy.address());
    queued.talk(b"in time");
    queued.close();
    pair.backend.send(b"the answer");
    pair.client.expect(b"the answer");
    pair.close();
    stand
        .proxy
        .expect_exit("after SIGTERM, when its last pair has ended");
    began.elapsed()
}

/// P10: pairs that do not end by themselves hold up the end for two seconds, and no longer. Then they are reset: an EOF
/// would say that this was all.
pub fn p10_within_two_seconds(subject: &Subject) {
    let stand = Stand::start(subject);
    let idle = stand.pair();
    let stalled = stand.small_pair();
    stand.push(&stalled.client);
    stand.proxy.signal(Signal::SIGTERM);
    let began = Instant::now();
    refuses(stand.proxy.address());
    idle.talk(b"still here");
    stand.proxy.expect_exit("after SIGTERM");
    let (took, least) = (began.elapsed(), Duration::from_secs(1));
    let most = GRACE + deadline() / 8;
    assert!(
        (least..most).contains(&took),
        "pairs that do not end have two seconds after SIGTERM, but the proxy ended after {took:.1?}"
    );
    idle.client.expect_reset();
    idle.backend.expect_reset();
    stalled.backend.expect_reset();
}

/// Waits until connections to `address` are refused.
fn refuses(address: SocketAddr) {
    eventually(
        "the proxy to stop listening, so that connections are refused",
        || {
            let answer = TcpStream::connect_timeout(&address, Duration::from_millis(500));
            answer.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        },
    );
}
