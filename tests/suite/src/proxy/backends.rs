//! P5, P6 and P7: a backend that refuses, that is slow to answer, or that dies.

use std::time::Duration;

use super::backend::{Backend, nobody};
use super::ends::is_back;
use super::stand::{Pair, Stand, expect_turned_away};
use crate::cases::share_of_processor;
use crate::net::Socket;
use crate::{Subject, deadline, eventually};

/// P5: a client whose backend refuses the connection is let go, and nothing else happens to the proxy.
pub fn p05_refused(subject: &Subject) {
    let address = nobody();
    let proxy = subject.before(address).start();
    for _ in 0..3 {
        expect_turned_away(&proxy);
    }
    assert!(proxy.is_alive(), "the proxy has ended");
    let stand = Stand {
        backend: Backend::at(address),
        proxy,
    };
    stand.pair().talk(b"at last");
}

/// P6: a backend whose queue is full gives no answer for a second or more. Meanwhile the others are served, and the proxy
/// rests; then the client's bytes arrive.
pub fn p06_slow_to_connect(subject: &Subject) {
    let stand = Stand::start(subject);
    let other = stand.pair();
    let inside = stand.backend.fill_queue();
    let (client, hello) = stand.greeted();
    client.send(b"the question");
    for _ in 0..5 {
        other.talk(b"undisturbed");
    }
    let share = share_of_processor(&stand.proxy, || client.expect_silence());
    assert!(
        share < 0.05,
        "the proxy keeps a CPU core {:.0} % busy while it waits for a backend",
        share * 100.0
    );
    drop(inside);
    let backend = stand.backend.accept_for(hello);
    backend.expect(b"the question");
    Pair { client, backend }.talk(b"at last");
}

/// P6: a client that gives up while its backend is slow to answer leaves nothing behind.
pub fn p06_gone_before_it_is_connected(subject: &Subject) {
    let stand = Stand::start(subject);
    stand.pair().close();
    let other = stand.pair();
    let baseline = stand.proxy.process().descriptor_count();
    let _inside = stand.backend.fill_queue();
    let clients: Vec<_> = (0..5).map(|_| stand.greeted().0).collect();
    let has_all = || {
        let held = |client| Socket::facing(stand.proxy.process(), client).is_some();
        clients.iter().all(held)
    };
    eventually("the proxy to accept its clients", has_all);
    clients.into_iter().for_each(crate::Client::reset);
    is_back(&stand, baseline);
    other.talk(b"undisturbed");
}

/// P7: when the backend dies, its clients are let go, later ones are turned away, and those that come when it is back are
/// served.
pub fn p07_backend_dies(subject: &Subject) {
    let stand = Stand::start(subject);
    let pairs: Vec<Pair> = (0..5).map(|_| stand.pair()).collect();
    let Stand { backend, proxy } = stand;
    let address = backend.address();
    // A process that dies with bytes unread resets its connections, and ends the others.
    pairs[0].client.send(b"never read");
    let arrived = || pairs[0].backend.is_readable(0);
    eventually("bytes to arrive at the backend", arrived);
    drop(backend);
    for Pair { client, backend } in pairs {
        drop(backend);
        let (bytes, _) = client.receive_to_end();
        assert!(
            bytes.is_empty(),
            "bytes came that nobody had sent: {bytes:x?}"
        );
    }
    expect_turned_away(&proxy);
    assert!(proxy.is_alive(), "the proxy has ended");
    let stand = Stand {
        backend: Backend::at(address),
        proxy,
    };
    let client = stand.greeted();
    let found = stand
        .backend
        .look_for(client.1, deadline().max(Duration::from_secs(5)));
    assert!(
        found.is_some(),
        "the backend is back, but no client reaches it"
    );
}
