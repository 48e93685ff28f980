//! P2 and P3: how a connection ends on one side, and on the other one.

use super::stand::{Pair, Stand, stream};
use crate::{Subject, eventually, eventually_or};

/// P2: after the client's FIN the backend sees EOF, and still can answer.
pub fn p02_half_close_of_the_client(subject: &Subject) {
    let stand = Stand::start(subject);
    let pair = stand.pair();
    pair.client.send(b"the question");
    pair.client.half_close();
    pair.backend.expect(b"the question");
    pair.backend.expect_eof();
    stream(&pair.backend, &pair.client, 0, 1 << 20);
    drop(pair.backend);
    pair.client.expect_eof();
}

/// P2: after the backend's FIN the client sees EOF, and still can send.
pub fn p02_half_close_of_the_backend(subject: &Subject) {
    let stand = Stand::start(subject);
    let pair = stand.pair();
    pair.backend.send(b"no more questions");
    pair.backend.half_close();
    pair.client.expect(b"no more questions");
    pair.client.expect_eof();
    stream(&pair.client, &pair.backend, 0, 1 << 20);
    drop(pair.client);
    pair.backend.expect_eof();
}

/// P2: when both have ended, nothing of the pair is left.
pub fn p02_both_ends(subject: &Subject) {
    let stand = Stand::start(subject);
    stand.pair().close();
    let baseline = stand.proxy.process().descriptor_count();
    for _ in 0..20 {
        stand.pair().close();
        let Pair { client, backend } = stand.pair();
        backend.half_close();
        client.expect_eof();
        drop(client);
        backend.expect_eof();
    }
    is_back(&stand, baseline);
}

/// P3: a reset of the client is a reset for the backend: it must not take what it has for all there was.
pub fn p03_reset_of_the_client(subject: &Subject) {
    let stand = Stand::start(subject);
    let bystander = stand.pair();
    let Pair { client, backend } = stand.pair();
    client.send(b"half of a ques");
    backend.expect(b"half of a ques");
    client.reset();
    backend.expect_reset();
    bystander.talk(b"undisturbed");
}

/// P3: a reset of the backend is a reset for the client.
pub fn p03_reset_of_the_backend(subject: &Subject) {
    let stand = Stand::start(subject);
    let bystander = stand.pair();
    let Pair { client, backend } = stand.pair();
    backend.send(b"half of an ans");
    client.expect(b"half of an ans");
    backend.reset();
    client.expect_reset();
    bystander.talk(b"undisturbed");
}

/// P3: a reset is also passed on while the proxy does not read from the end that is reset, because the other one is slow.
pub fn p03_reset_while_held_back(subject: &Subject) {
    let stand = Stand::start(subject);
    stand.pair().close();
    let baseline = stand.proxy.process().descriptor_count();
    for sends_itself in [true, false] {
        let Pair { client, backend } = stand.small_pair();
        // Either its own bytes do not get through, or it takes none.
        stand.push(if sends_itself { &client } else { &backend });
        client.reset();
        if subject.profile.is_own {
            // Before the backend reads: that would set the proxy free. Other proxies may deliver what they hold first.
            eventually("the backend to notice that its client was reset", || {
                backend.is_dead()
            });
        }
        backend.expect_reset();
    }
    is_back(&stand, baseline);
}

/// P3: a client that has ended its half and then gives up is a reset for the backend, which would work on in vain.
pub fn p03_reset_after_half_close(subject: &Subject) {
    let stand = Stand::start(subject);
    stand.pair().close();
    let baseline = stand.proxy.process().descriptor_count();
    let Pair { client, backend } = stand.pair();
    client.half_close();
    backend.expect_eof();
    client.reset();
    is_back(&stand, baseline);
    assert!(
        backend.is_dead(),
        "the client was reset, but the backend did not notice: it could still send"
    );
}

/// Waits until the proxy has given back all descriptors that it held for its pairs.
#[track_caller]
pub(super) fn is_back(stand: &Stand, baseline: usize) {
    let more = || {
        let now = stand.proxy.process().descriptor_count();
        now.saturating_sub(baseline)
    };
    eventually_or(
        "the proxy to close the descriptors of pairs that have ended",
        || more() == 0,
        || format!("{} are still open", more()),
    );
}
