//! What a server prints.

use std::io::Read;
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What a process prints on standard error, collected as it comes: a full pipe would block it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// That of `child`, from now on.
    pub(crate) fn of(child: &mut Child) -> Self {
        let log = Self::default();
        let Some(mut stderr) = child.stderr.take() else {
            return log;
        };
        let copy = log.clone();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stderr.read(&mut buffer) {
                let mut text = copy.0.lock().unwrap_or_else(PoisonError::into_inner);
                text.extend_from_slice(&buffer[..length]);
            }
        });
        log
    }

    /// What has come so far.
    pub(crate) fn text(&self) -> String {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }
}
