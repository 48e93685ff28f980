//! The executor without any socket: what it asks of a future is a waker, and of a waker a call, from wherever it comes.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::thread;

use beyond::reactor::Executor;

/// What the tasks of a test leave for it to see.
#[derive(Default)]
struct Seen {
    polls: Cell<u32>,
    waker: RefCell<Option<Waker>>,
}

impl Seen {
    /// Spawns a task that is ready at its poll number `last`. Each poll is counted, and its waker is kept.
    fn spawn(self: &Rc<Self>, executor: &mut Executor, last: u32) {
        let seen = Rc::clone(self);
        executor.spawn(poll_fn(move |cx| {
            seen.polls.set(seen.polls.get() + 1);
            seen.waker.replace(Some(cx.waker().clone()));
            match seen.polls.get() == last {
                true => Poll::Ready(Ok(())),
                false => Poll::Pending,
            }
        }));
    }

    fn waker(&self) -> Waker {
        let waker = self.waker.take();
        waker.unwrap_or_else(|| panic!("the task was not polled"))
    }
}

#[test]
fn a_task_is_polled_when_it_is_woken_and_not_otherwise() {
    let (mut executor, seen) = (Executor::default(), Rc::new(Seen::default()));
    seen.spawn(&mut executor, 2);
    assert!(executor.has_work(), "a new task is on the run queue");
    executor.poll_woken();
    executor.poll_woken();
    assert_eq!((seen.polls.get(), executor.has_work()), (1, false));
    seen.waker().wake();
    executor.poll_woken();
    assert_eq!(seen.polls.get(), 2);
}

#[test]
fn a_waker_wakes_from_another_thread() {
    let (mut executor, seen) = (Executor::default(), Rc::new(Seen::default()));
    seen.spawn(&mut executor, 2);
    executor.poll_woken();
    let waker = seen.waker();
    let woken = thread::spawn(move || waker.wake()).join();
    assert!(woken.is_ok() && executor.has_work());
    executor.poll_woken();
    assert_eq!(seen.polls.get(), 2);
}

/// Its token is a place and a generation: the next task in that place is another.
#[test]
fn an_old_waker_does_not_wake_the_task_that_came_after() {
    let (mut executor, first) = (Executor::default(), Rc::new(Seen::default()));
    first.spawn(&mut executor, 1);
    executor.poll_woken();
    let second = Rc::new(Seen::default());
    second.spawn(&mut executor, 9);
    executor.poll_woken();
    first.waker().wake();
    executor.poll_woken();
    assert_eq!(second.polls.get(), 1);
}

/// Otherwise one task that always has work would keep the loop from its look at the kernel.
#[test]
fn a_task_that_wakes_itself_is_polled_once_a_turn() {
    let (mut executor, polls) = (Executor::default(), Rc::new(Cell::new(0)));
    let counter = Rc::clone(&polls);
    executor.spawn(poll_fn(move |cx| {
        counter.set(counter.get() + 1);
        cx.waker().wake_by_ref();
        match counter.get() < 100 {
            true => Poll::Pending,
            false => Poll::Ready(Ok(())),
        }
    }));
    executor.poll_woken();
    assert_eq!((polls.get(), executor.has_work()), (1, true));
}

/// The page promises a short one (docs/chapters/tokio.md): the lines of the runtime's code, without comments, imports and
/// the loop that uses it.
#[test]
fn the_runtime_has_fewer_than_200_lines() {
    let files = [
        include_str!("../src/reactor/coop.rs"),
        include_str!("../src/reactor/driver.rs"),
        include_str!("../src/reactor/executor.rs"),
        include_str!("../src/reactor/net.rs"),
    ];
    let lines = files.iter().flat_map(|file| file.lines()).map(str::trim);
    let is_code =
        |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with("use ");
    let number = lines.filter(is_code).count();
    assert!(number < 200, "{number} lines");
}
