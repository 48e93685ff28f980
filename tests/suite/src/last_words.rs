//! The last words on the servers of a failed case.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitStatus;
use std::thread;

use nix::sys::signal::Signal;

use crate::glance::Glance;

/// The last words on a server that was running when something failed.
#[derive(Clone, Debug)]
pub struct LastWords {
    /// Its program, and where it listened.
    pub server: String,
    /// How it ended, in a sentence.
    pub end: String,
    /// What it had printed on standard error.
    pub printed: String,
}

impl fmt::Display for LastWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// How many lines are shown from the beginning, and how many from the end.
        const SHOWN: usize = 12;
        writeln!(f, "{}", self.end)?;
        let lines: Vec<&str> = self.printed.lines().collect();
        if lines.is_empty() {
            return write!(f, "It printed nothing on standard error.");
        }
        write!(f, "It printed on standard error:")?;
        for (number, line) in lines.iter().enumerate() {
            if number < SHOWN || number + SHOWN >= lines.len() {
                write!(f, "\n  {}", clipped(line))?;
            } else if number == SHOWN {
                write!(f, "\n  … ({} more lines) …", lines.len() - 2 * SHOWN)?;
            }
        }
        Ok(())
    }
}

/// Returns a line for a person, cut to a few lines of a terminal.
pub(crate) fn clipped(line: &str) -> String {
    const MOST: usize = 200;
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}… ({} bytes)", &line[..end], line.len()),
        None => line.to_owned(),
    }
}

thread_local! {
    /// Where this thread's last words go, or `None` for standard error.
    static HEARD: RefCell<Option<Vec<LastWords>>> = const { RefCell::new(None) };
}

/// Runs something that may panic. Returns its outcome and the last words of the servers that fell with it, which are
/// then not printed.
pub fn with_last_words<T>(action: impl FnOnce() -> T) -> (thread::Result<T>, Vec<LastWords>) {
    let before = HEARD.replace(Some(Vec::new()));
    let outcome = catch_unwind(AssertUnwindSafe(action));
    (outcome, HEARD.replace(before).unwrap_or_default())
}

/// Takes a server's last words, or returns them if nobody in this thread wants them.
pub(crate) fn heard(words: LastWords) -> Option<LastWords> {
    HEARD.with_borrow_mut(|heard| match heard {
        Some(heard) => {
            heard.push(words);
            None
        }
        None => Some(words),
    })
}

/// Returns the message of a panic.
pub fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

/// Returns how a process ended: "it exited with 1".
pub fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it exited with {code}"),
        (None, Some(signal)) => match Signal::try_from(signal) {
            Ok(signal) => format!("{signal} ended it"),
            Err(_) => format!("signal {signal} ended it"),
        },
        (None, None) => "how it ended is unknown".to_owned(),
    }
}

/// Returns the end of a server that the suite had to kill, in a sentence.
pub(crate) fn killed(glance: Glance, printed: u64, is_late: bool) -> String {
    /// The amount worth mentioning.
    const MUCH: u64 = 64 << 20;
    const MUCH_PRINTED: u64 = 1 << 20;
    let state = match glance.state {
        'T' | 't' => "stopped by a signal",
        'R' => "busy",
        _ => "asleep",
    };
    let mut words = vec![state.to_owned()];
    if glance.processes > 1 {
        words.push(format!("with {} processes", glance.processes));
    }
    if glance.memory >= MUCH {
        words.push(format!("with {} MiB of memory", glance.memory >> 20));
    }
    if printed >= MUCH_PRINTED {
        words.push(format!("with {} MiB on standard error", printed >> 20));
    }
    let when = if is_late {
        "When the case's time was up"
    } else {
        "Afterwards"
    };
    format!(
        "{when} it was still alive ({}), and the suite killed it.",
        words.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_sentence() {
        let end = |status| ending(ExitStatus::from_raw(status));
        assert_eq!(end(1 << 8), "it exited with 1");
        assert_eq!(end(9), "SIGKILL ended it");
        let glance = Glance {
            state: 'T',
            processes: 41,
            memory: 300 << 20,
        };
        let words = "Afterwards it was still alive (stopped by a signal, with 41 processes, with 300 MiB of memory), and the suite killed it.";
        assert_eq!(killed(glance, 0, false), words);
    }

    #[test]
    fn nothing_printed_is_said() {
        let words = |printed: &str| {
            let (server, end) = (String::new(), "It exited with 1.".to_owned());
            let printed = printed.to_owned();
            LastWords {
                server,
                end,
                printed,
            }
            .to_string()
        };
        assert_eq!(
            words(""),
            "It exited with 1.\nIt printed nothing on standard error."
        );
        let many = words(&"a line\n".repeat(100));
        assert!(
            many.lines().count() == 27 && many.contains("… (76 more lines) …"),
            "{many}"
        );
    }
}
