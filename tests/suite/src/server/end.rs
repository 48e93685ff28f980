//! The end of a server: by itself, or by its guard.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};

use super::Server;
use crate::glance::Glance;
use crate::last_words::{heard, killed};
use crate::trial::Trial;
use crate::{LastWords, ending, eventually_or, meaning};

impl Server {
    /// Waits until the server ends, and returns how.
    #[track_caller]
    pub fn wait(&self) -> ExitStatus {
        let mut status = None;
        eventually_or(
            "the server to end",
            || {
                status = self.end();
                status.is_some()
            },
            || "it has not ended".to_owned(),
        );
        status.unwrap_or_default()
    }

    /// Waits until the server ends, and checks that it exits with 0. `when` says when: "after SIGTERM".
    #[track_caller]
    pub fn expect_exit(&self, when: &str) {
        let status = self.wait();
        assert!(
            status.success(),
            "the server should exit with 0 {when}, but {}",
            ending(status)
        );
    }

    /// Waits until the server ends, and checks that `signal` ended it.
    #[track_caller]
    pub fn expect_death_by(&self, signal: Signal) {
        let status = self.wait();
        let is_its = status.signal() == Some(signal as i32);
        assert!(
            is_its,
            "{signal} should end the server, but {}",
            ending(status)
        );
    }

    /// Returns whether the server is alive.
    pub fn is_alive(&self) -> bool {
        !self.reaped && self.end().is_none()
    }

    /// How it has ended, if it has. It is not reaped: as long as it is a zombie, its id is not given to
    /// another process, which would then be taken for this one.
    pub(super) fn end(&self) -> Option<ExitStatus> {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        match waitid(Id::Pid(self.process().pid()), flags) {
            Ok(WaitStatus::Exited(_, code)) => Some(ExitStatus::from_raw(code << 8)),
            Ok(WaitStatus::Signaled(_, signal, _)) => Some(ExitStatus::from_raw(signal as i32)),
            _ => None,
        }
    }

    /// Kills it and all that it started, wherever that has gone, and waits until it is gone. Returns how it ended, the
    /// first time.
    pub fn kill(&mut self) -> Option<ExitStatus> {
        if self.reaped {
            return None;
        }
        self.reaped = true;
        if let Some(trial) = &self.trial {
            trial.forget(self.mark);
        }
        let is_gone = self.mark.kill_all(Some(self.process().pid()));
        if !is_gone && !thread::panicking() {
            panic!(
                "{} cannot be killed, or it makes new processes faster than they are killed",
                self.name
            );
        }
        self.child.try_wait().ok().flatten()
    }

    /// Says how it ended, or what it is about before it is killed.
    fn end_in_words(&self) -> String {
        let is_late = self.trial.as_ref().is_some_and(Trial::is_over);
        // One that is on its way out has ended in a moment.
        let process = self.process();
        let began = Instant::now();
        while self.end().is_none()
            && Glance::state(process.pid()) == 'R'
            && began.elapsed() < Duration::from_millis(200)
        {
            thread::sleep(Duration::from_millis(2));
        }
        match self.end() {
            _ if self.reaped => "The suite had killed it already.".to_owned(),
            Some(status) if is_late && status.signal() == Some(libc::SIGKILL) => {
                "The suite killed it when the case's time was up.".to_owned()
            }
            Some(status) => {
                let how = ending(status);
                format!("{}{}.", how[..1].to_uppercase(), &how[1..])
            }
            None => {
                let glance = Glance::at(process.pid(), self.mark);
                killed(glance, self.log.length(), is_late)
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.kill();
            return;
        }
        let end = self.end_in_words();
        self.kill();
        let words = LastWords {
            server: format!("{} at {}", self.name, self.address),
            end,
            printed: self.log.complete_text(),
        };
        if let Some(words) = heard(words) {
            eprintln!("--- The server ({}): {words}", words.server);
            if self.chapter != 0 {
                eprintln!("--- Where to read: {}", meaning::chapter(self.chapter));
            }
        }
    }
}
