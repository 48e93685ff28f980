//! What a server prints.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use nix::fcntl::{FcntlArg, OFlag, fcntl};

/// What a process prints on standard error, collected as it comes: a full pipe would block it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Log {
    /// Begins to read what a process prints, from the other end of its standard error.
    pub(crate) fn of(stderr: Option<impl Read + Send + 'static>) -> Self {
        let text = Arc::default();
        let reader = stderr.map(|stderr| {
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

/// Returns the two ends of a pipe that is full.
pub(crate) fn full_pipe() -> (PipeReader, PipeWriter) {
    let filled = io::pipe().and_then(|(reader, mut writer)| {
        let flags = OFlag::from_bits_retain(fcntl(&writer, FcntlArg::F_GETFL)?);
        fcntl(&writer, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        while writer.write(&[b'\n'; 4096]).is_ok() {}
        // The server gets a pipe that blocks, as from a shell.
        fcntl(&writer, FcntlArg::F_SETFL(flags))?;
        Ok((reader, writer))
    });
    filled.unwrap_or_else(|error| panic!("cannot fill a pipe: {error}"))
}
