//! P11 and P12: what goes wrong in an event loop, and only there.

use std::thread;

use super::ends::is_back;
use super::stand::{Pair, Stand};
use crate::cases::share_of_processor;
use crate::client::WATCH;
use crate::net::Socket;
use crate::{Client, Subject, eventually, pattern, seen};

/// P11: both ends of a pair report something in the same wake-up, and the first event closes both. The second one, which
/// is still in the batch, is for nobody.
pub fn p11_both_ends_in_one_batch(subject: &Subject) {
    let stand = Stand::start(subject);
    stand.pair().close();
    let bystander = stand.pair();
    let baseline = stand.proxy.process().descriptor_count();
    for first in 0..2 {
        let pairs: Vec<Pair> = (0..20).map(|_| stand.pair()).collect();
        stand.proxy.stop();
        for Pair { client, backend } in pairs {
            match first {
                0 => [client, backend].into_iter().for_each(Client::reset),
                _ => [backend, client].into_iter().for_each(Client::reset),
            }
        }
        stand.proxy.go_on();
        bystander.talk(b"undisturbed");
        is_back(&stand, baseline);
    }
    assert!(stand.proxy.is_alive(), "the proxy has ended");
}

/// P11: between the two events comes a new client, and gets the descriptors of the pair that has just gone. An event for
/// the old pair must not be taken for one of the new pair.
pub fn p11_a_stale_event(subject: &Subject) {
    let stand = Stand::start(subject);
    stand.pair().talk(b"hello");
    for first in 0..4 {
        // What is ready is reported in the order in which it became so.
        let Pair { client, backend } = stand.pair();
        stand.proxy.stop();
        let (one, other) = match first % 2 {
            0 => (client, backend),
            _ => (backend, client),
        };
        one.reset();
        let (client, hello) = stand.greeted();
        other.reset();
        stand.proxy.go_on();
        let backend = stand.backend.accept_for(hello);
        Pair { client, backend }.talk(b"nothing to do with that");
    }
}

/// P12: while nobody speaks, the proxy sleeps: next to pairs that are silent, that have ended in one direction, or that are
/// held back. (A socket that has ended both ways, with bytes unread, is reported by epoll and poll whether or not anybody
/// has asked.)
pub fn p12_rest(subject: &Subject) {
    let stand = Stand::start(subject);
    let silent = stand.pair();
    let half = stand.pair();
    half.client.half_close();
    half.backend.expect_eof();
    rests(&stand, &silent.client);

    let stalled = stand.small_pair();
    let sent = stand.push_gently(&stalled.backend);
    stalled.client.half_close();
    stalled.backend.expect_eof();
    let socket = Socket::facing(stand.proxy.process(), &stalled.backend);
    let socket = socket.unwrap_or_else(|| panic!("cannot observe the proxy's socket"));
    stalled.backend.half_close();
    eventually("the backend's FIN to arrive", || socket.has_hung_up());
    drop(socket);
    rests(&stand, &silent.client);
    stalled.client.expect_pattern(0, sent);
    stalled.client.expect_eof();
}

/// Checks that the proxy neither wakes again and again nor works while its ends say nothing. What is left to do from before may fill
/// a look or two; one that wakes by the clock, or spins, fills all of them.
#[track_caller]
fn rests(stand: &Stand, silent: &Client) {
    const LOOKS: usize = 5;
    let process = stand.proxy.process();
    let sleeps_on = |_| {
        let before = seen(process.sleeps());
        silent.expect_silence();
        seen(process.sleeps()) - before <= 1
    };
    assert!(
        (0..LOOKS).any(sleeps_on),
        "in each of {LOOKS} looks of {WATCH} ms the proxy woke more than once, with nothing to do"
    );
    let share = share_of_processor(&stand.proxy, || silent.expect_silence());
    assert!(
        share < 0.05,
        "the proxy keeps a CPU core {:.0} % busy, with nothing to do",
        share * 100.0
    );
}

/// P12: a pair that streams at full speed does not keep the others from being served.
pub fn p12_flood(subject: &Subject) {
    const CHUNK: usize = 65_536;
    let stand = Stand::start(subject);
    let Pair { client, backend } = stand.pair();
    let other = stand.pair();
    let socket = Socket::facing(stand.proxy.process(), &client);
    let socket = socket.unwrap_or_else(|| panic!("cannot observe the proxy's socket"));
    thread::scope(|scope| {
        // After each of its calls the proxy finds more of the flood: who is faster does not decide.
        let tracer = stand.proxy.trace_with(move |_| socket.wait_readable(1_000));
        let receiver = scope.spawn(|| {
            let mut passed = 0;
            while !backend.at_eof() {
                backend.expect_pattern(passed, CHUNK);
                passed += CHUNK;
            }
        });
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let client = &client;
        let sender = scope.spawn(move || {
            let empty = Err(std::sync::mpsc::TryRecvError::Empty);
            for offset in (0..).step_by(CHUNK) {
                if stopped.try_recv() != empty {
                    return client.half_close();
                }
                client.send(pattern(offset, CHUNK));
            }
        });
        let served = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            (0..50).for_each(|_| other.talk(b"me too"));
        }));
        drop(stop);
        drop(tracer);
        for ended in [served, sender.join(), receiver.join()] {
            if let Err(panic) = ended {
                std::panic::resume_unwind(panic);
            }
        }
    });
}
