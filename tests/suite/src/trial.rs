//! A case under judgement: it has a time limit as a whole, and its failure is reported in full.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread;
use std::time::Duration;

use crate::family::Mark;
use crate::last_words::reason;
use crate::words::in_words;
use crate::{Case, LastWords, Pointer, Profile, Subject, deadline, meaning_of, with_last_words};

/// How many deadlines a case may take. Whatever it waits for has a deadline of its own, but a server that does each
/// thing just in time can make it wait for thousands of them.
const DEADLINES: u32 = 8;

/// How many deadlines it may take from when its servers are gone.
const DEADLINES_WITHOUT_SERVERS: u32 = 2;

/// The failure of a case.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The case.
    pub case: &'static str,
    /// The rule; empty if the case is not in the table of meanings.
    pub rule: &'static str,
    /// What was sent, and what was seen.
    pub seen: String,
    /// How its servers ended, and what they printed.
    pub servers: Vec<LastWords>,
    /// Where to read about it.
    pub pointer: Option<Pointer>,
    /// The line of the suite that noticed it; empty if unknown.
    pub noticed_at: String,
}

impl Failure {
    fn new((case, _): Case, profile: &Profile, seen: String) -> Self {
        let meaning = meaning_of(case);
        Self {
            case,
            rule: meaning.map_or("", |meaning| meaning.rule),
            seen,
            servers: Vec::new(),
            pointer: meaning.map(|meaning| meaning.pointer(profile)),
            noticed_at: String::new(),
        }
    }

    /// Returns whether nothing is known of the server, because this machine forbids what the suite needs.
    pub fn is_the_machines(&self) -> bool {
        self.seen.contains(crate::words::REMEDY)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![format!("Seen: {}", self.seen)];
        for server in &self.servers {
            lines.push(format!("The server ({}): {server}", server.server));
        }
        if let Some(pointer) = &self.pointer {
            lines.push(format!("Where to read: {pointer}"));
            if !pointer.is_of_the_proxy() {
                lines.push(format!("The rule: docs/chapters/contract.md#{}", self.case));
            }
        }
        if !self.noticed_at.is_empty() {
            lines.push(format!("Noticed at {}", self.noticed_at));
        }
        write!(f, "{}: {}", self.case, self.rule)?;
        let mut lines = lines.iter().flat_map(|text| text.lines());
        lines.try_for_each(|line| write!(f, "\n    {line}"))
    }
}

/// Judges a server by a case, and returns why it fails, if it does.
///
/// One that takes too long loses its servers first, with all that these have started. It then fails by itself, unless
/// something else holds it up: then `give_up` is called, in another thread, and this does not return.
pub fn judge(
    case: Case,
    subject: &Subject,
    give_up: impl FnOnce(Failure) + Send + 'static,
) -> Option<Failure> {
    let profile = subject.profile;
    let failure = move |seen| Failure::new(case, &profile, seen);
    let hangs = move |too_long| {
        let seen = format!("the case {too_long}, not even without its servers");
        give_up(failure(seen));
    };
    let ended = within_limit(|| (case.1)(subject), hangs);
    let seen = match (ended.outcome, ended.too_long) {
        (Ok(()), None) => return None,
        (Ok(()), Some(too_long)) => format!("the case {too_long}"),
        (Err(reason), None) => reason,
        (Err(reason), Some(too_long)) => {
            format!("the case {too_long}; when the suite killed its servers, it was here: {reason}")
        }
    };
    let (servers, noticed_at) = (ended.servers, ended.noticed_at);
    Some(Failure {
        servers,
        noticed_at,
        ..failure(seen)
    })
}

/// What came of something that had a limit.
#[derive(Debug)]
pub struct Ended<T> {
    /// What it returned, or what its panic said.
    pub outcome: Result<T, String>,
    /// The servers that fell with it.
    pub servers: Vec<LastWords>,
    /// That it took too long, if it did: "has not ended in 120 s".
    pub too_long: Option<String>,
    /// Where it panicked.
    noticed_at: String,
}

/// Does something with servers, which may panic. When that takes too long, its servers are killed, and it is waited for a
/// little longer. If that does not help, `give_up` is called in another thread, and told how long it took.
pub fn within_limit<T>(
    action: impl FnOnce() -> T,
    give_up: impl FnOnce(String) + Send + 'static,
) -> Ended<T> {
    quieten_panics();
    let limit = deadline() * DEADLINES;
    let too_long = format!("has not ended in {} s", limit.as_secs());
    let trial = Trial::default();
    let (done, ended) = mpsc::channel::<()>();
    let (watched, told) = (trial.clone(), too_long.clone());
    thread::spawn(move || {
        if has_hung_up(&ended, limit) {
            return;
        }
        watched.end();
        if !has_hung_up(&ended, deadline() * DEADLINES_WITHOUT_SERVERS) {
            give_up(told);
        }
    });
    let before = TRIAL.replace(Some(trial.clone()));
    NOTICED_AT.take();
    let (outcome, servers) = with_last_words(action);
    TRIAL.set(before);
    drop(done);
    Ended {
        outcome: outcome.map_err(|panic| in_words(&reason(&*panic))),
        servers,
        too_long: trial.is_over().then_some(too_long),
        noticed_at: NOTICED_AT.take(),
    }
}

/// Returns whether the other end hangs up within `time`.
fn has_hung_up(other: &Receiver<()>, time: Duration) -> bool {
    other.recv_timeout(time) != Err(RecvTimeoutError::Timeout)
}

thread_local! {
    /// The case that runs in this thread.
    static TRIAL: RefCell<Option<Trial>> = const { RefCell::new(None) };
    /// Where this thread has panicked.
    static NOTICED_AT: Cell<String> = const { Cell::new(String::new()) };
}

/// A case that runs, as far as its servers are concerned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trial(Arc<Mutex<Servers>>);

#[derive(Debug, Default)]
struct Servers {
    /// The marks of those that run.
    marks: Vec<Mark>,
    /// Whether the case's time is up.
    are_over: bool,
}

impl Trial {
    /// Returns the case that runs in this thread.
    pub(crate) fn here() -> Option<Self> {
        TRIAL.with_borrow(Option::clone)
    }

    /// Adds a server to it.
    ///
    /// # Panics
    ///
    /// If the case's time is up.
    pub(crate) fn add(&self, mark: Mark) {
        let is_over = self.with(|servers| {
            servers.marks.push(mark);
            servers.are_over
        });
        assert!(
            !is_over,
            "the case's time is up, so it starts no further server"
        );
    }

    /// Forgets a server; from then on its id may be another process's.
    pub(crate) fn forget(&self, mark: Mark) {
        self.with(|servers| servers.marks.retain(|other| *other != mark));
    }

    /// Returns whether the case's time is up.
    pub(crate) fn is_over(&self) -> bool {
        self.with(|servers| servers.are_over)
    }

    /// Kills its servers, and lets it start no others. The lock keeps them from being reaped meanwhile.
    fn end(&self) {
        self.with(|servers| {
            servers.are_over = true;
            servers.marks.iter().for_each(|mark| mark.kill_unreaped());
        });
    }

    fn with<T>(&self, action: impl FnOnce(&mut Servers) -> T) -> T {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// From now on a panic of a case is not printed, because its [`Failure`] says it; only its place is kept. A thread
/// without a name is one that a case has started, and hands its panic on. With RUST_BACKTRACE all panics are printed.
fn quieten_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        let wanted = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
        panic::set_hook(Box::new(move |info| {
            let is_of_a_case = TRIAL.with_borrow(Option::is_some);
            if is_of_a_case && let Some(place) = info.location() {
                NOTICED_AT.set(format!("{}:{}", place.file(), place.line()));
            }
            if wanted || !is_of_a_case && thread::current().name().is_some() {
                usual(info);
            }
        }));
    });
}
