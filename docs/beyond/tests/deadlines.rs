//! What grows with the number of timers, and what does not: by comparisons in the heap, and by system calls.

#[path = "programs/mod.rs"]
mod programs;

use std::cell::Cell;
use std::cmp::Ordering;

use beyond::timers::Deadlines;
use stage_06::Token;
use suite::{Call, Subject, crowd, run_case};

thread_local! {
    static COMPARISONS: Cell<u64> = const { Cell::new(0) };
}

/// A point in time that counts how often it is compared.
#[derive(Clone, Copy, Debug)]
struct Counted(u64);

impl Ord for Counted {
    fn cmp(&self, other: &Self) -> Ordering {
        COMPARISONS.set(COMPARISONS.get() + 1);
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Counted {}

/// Returns how many comparisons `action` makes.
fn comparisons(action: impl FnOnce()) -> u64 {
    COMPARISONS.set(0);
    action();
    COMPARISONS.get()
}

fn with(number: u64) -> Deadlines<Counted> {
    let mut deadlines = Deadlines::new();
    (0..number).for_each(|n| deadlines.push(Counted(1_000 + n), Token(n)));
    deadlines
}

/// A turn of the loop in which nothing is due compares once, however many timers there are.
#[test]
fn a_turn_compares_once() {
    for number in [1, 10, 10_000] {
        let mut deadlines = with(number);
        let turn = comparisons(|| assert_eq!(deadlines.pop_due(Counted(0)), None));
        assert_eq!(turn, 1, "next to {number} timers");
        let look = comparisons(|| assert!(deadlines.first().is_some()));
        assert_eq!(look, 0, "next to {number} timers");
    }
}

/// A client that comes has the last of all deadlines, and that is seen at once. One whose deadline is moved goes all the
/// way: a step for each level of the heap, of which 10,000 entries have 14.
#[test]
fn an_arrival_is_constant_and_an_expiry_logarithmic() {
    let cost = |number: u64| {
        let mut deadlines = with(number);
        let arrival = comparisons(|| deadlines.push(Counted(900_000), Token(number)));
        let moved = comparisons(|| {
            let token = deadlines.pop_due(Counted(1_000));
            assert_eq!(token, Some(Token(0)));
            deadlines.push(Counted(900_001), Token(0));
        });
        (arrival, moved)
    };
    let ((few, short), (many, long)) = (cost(10), cost(10_000));
    assert!(
        few <= 2 && many <= 2,
        "an arrival compares {few}, {many} times"
    );
    assert!(
        long < short + 3 * 14,
        "an expiry compares {short}, {long} times"
    );
}

/// They come out in the order of their time, and none before it.
#[test]
fn in_order_and_not_before() {
    let mut deadlines = Deadlines::new();
    for at in [5_u64, 1, 4, 2, 3] {
        deadlines.push(at, Token(at));
    }
    assert_eq!(deadlines.first(), Some(1));
    assert_eq!(deadlines.pop_due(0), None);
    let due: Vec<u64> = std::iter::from_fn(|| deadlines.pop_due(4))
        .map(|token| token.0)
        .collect();
    assert_eq!(due, [1, 2, 3, 4]);
    assert_eq!(deadlines.len(), 1);
}

/// What 100,000 clients leave behind that have gone is bounded by what is there; and to take it out costs each of them a
/// few steps, not a look at all.
#[test]
fn the_gone_are_forgotten() {
    let (mut deadlines, mut most, mut looks) = (Deadlines::new(), 0, 0_u64);
    for number in 0..100_000_u64 {
        deadlines.push(number, Token(number));
        let is_there = |token: Token| token.0 + 10 > number;
        deadlines.forget_gone(10, |token| {
            looks += 1;
            is_there(token)
        });
        most = most.max(deadlines.len());
    }
    assert!(most < 100, "{most} entries for 10 clients");
    assert!(looks < 200_000, "{looks} looks for 100,000 clients");
}

/// Echoes cost the same calls next to 10 clients with a deadline and next to 10,000, and none of them is about time: what a
/// client does moves its deadline without a word to the kernel.
#[test]
fn an_echo_costs_no_call_more_beside_ten_thousand_timers() {
    let hour = ["--idle", "3600"];
    let timers = programs::program("timers", env!("CARGO_BIN_EXE_timers"), &hour);
    run_case("10,000 timers", ten_thousand, &timers);
}

fn ten_thousand(subject: &Subject) {
    let crowd = crowd(10_000);
    let server = subject.start();
    let active = server.connect();
    active.echo(b"in");
    let mut idle = Vec::new();
    for number in [10, crowd.size] {
        while idle.len() < number {
            idle.push(server.connect());
        }
        idle[number - 1].echo(b"in");
        let open = server.process().descriptors().into_iter();
        let timers = open.filter(|(_, target)| target == "anon_inode:[timerfd]");
        assert_eq!(
            timers.count(),
            1,
            "the kernel's timers for {number} clients"
        );
        let tracer = server.trace();
        (0..100).for_each(|_| active.echo(b"a word"));
        let written = |calls: &[Call]| calls.iter().filter(|call| call.is_write()).count() == 100;
        assert!(
            tracer.wait_until(written).is_ok(),
            "there have to be 100 writes"
        );
        let calls = tracer.finish();
        let count = |wanted: fn(&Call) -> bool| calls.iter().filter(|call| wanted(call)).count();
        let counts = [
            count(|call| call.is_wait() && call.result > 0),
            count(Call::is_read),
            count(Call::is_write),
            count(|call| !call.is_wait() && !call.is_read() && !call.is_write()),
        ];
        let expected = [100, 100, 100, 0];
        assert_eq!(
            counts, expected,
            "waits, reads, writes, others, next to {number}"
        );
    }
    suite::leave(idle);
}
