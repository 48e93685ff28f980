//! Stage 8 with a folder of files.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use suite::{Client, Server};

use crate::Lab;
use crate::world::interrupt::Folder;

/// A folder, and the server that serves it.
pub(super) struct Site {
    /// The server.
    pub(super) server: Server,
    http: SocketAddr,
    folder: Folder,
}

impl Site {
    /// Serves an empty folder.
    pub(super) fn start(lab: &Lab) -> anyhow::Result<Self> {
        let folder = Folder::new()?;
        let mut subject = lab.stage(8)?;
        let options = ["--http", "{ip}:0", "--root"];
        subject.command.extend(options.map(Into::into));
        subject.command.push(folder.path().into());
        let mut server = subject.start();
        let line = format!("serving {} on http://", folder.path().display());
        let http = server.announced(&line);
        Ok(Self {
            server,
            http,
            folder,
        })
    }

    /// Puts a file into it.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// Returns a client that asks for a file, and for nothing after it.
    pub(super) fn ask(&self, name: &str) -> Client {
        let client = Client::connect(self.http).with_small_buffers();
        let request = format!("GET /{name} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n");
        client.send(request.as_bytes());
        client
    }
}

/// Returns the rest of an answer: the length that it promises, and the bytes of its body that have come before the
/// connection's end.
pub(super) fn receive(client: &Client) -> (u64, usize) {
    let (bytes, _) = client.receive_to_end();
    let end = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let end = end.map_or(bytes.len(), |end| end + 4);
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("Content-Length"));
    let length = length.and_then(|(_, length)| length.parse().ok());
    (length.unwrap_or(0), bytes.len() - end)
}
