//! What a server prints.

use std::io::Read;
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// What a process prints on standard error, collected as it comes: a full pipe would block it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Log {
    /// That of `child`, from now on.
    pub(crate) fn of(child: &mut Child) -> Self {
        let text = Arc::default();
        let reader = child.stderr.take().map(|stderr| {
            let copy = Arc::clone(&text);
            thread::spawn(move || collect(stderr, &copy))
        });
        Self { text, reader }
    }

    /// What has come so far.
    pub(crate) fn text(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// All that has come, when nobody is left who could print more.
    pub(crate) fn complete_text(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            // It does not panic: what it locks is never poisoned.
            let _ = reader.join();
        }
        self.text()
    }
}

fn collect(mut stderr: impl Read, text: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stderr.read(&mut buffer) {
        let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
        text.extend_from_slice(&buffer[..length]);
    }
}
