//! A directory with a server of its own, and requests to it.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use suite::{Client, Server, Subject};

/// A directory of its own, and the server that serves it.
pub(crate) struct Site {
    /// What is served.
    pub(crate) folder: PathBuf,
    /// The program.
    pub(crate) server: Server,
    /// Where it serves files.
    pub(crate) http: SocketAddr,
}

impl Site {
    /// An empty one.
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder for the test");
        let mut subject = Subject::stage(8, env!("CARGO_BIN_EXE_stage-08"));
        subject
            .command
            .extend(["--http".into(), "{ip}:0".into(), "--root".into()]);
        subject.command.push(folder.clone().into());
        let mut server = subject.start();
        let http = server.announced(&format!("serving {} on http://", folder.display()));
        Self {
            folder,
            server,
            http,
        }
    }

    /// Puts a file into it.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, bytes).expect("a file for the test");
        path
    }

    /// A file of `length` bytes that no socket buffer holds, and a client that has asked for it, has
    /// the head of the answer, and does not read on.
    pub(crate) fn stalled(&self, length: u64) -> (PathBuf, Client) {
        let path = self.folder.join("large");
        let file = File::create(&path).expect("a file for the test");
        file.set_len(length).expect("a sparse file");
        let client = self.connect().with_small_buffers();
        ask(&client, "/large");
        assert_eq!(head(&client), ("200".into(), length as usize));
        (path, client)
    }

    /// A new client of its files.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.http)
    }
}

/// Sends a request.
pub(crate) fn ask(client: &Client, path: &str) {
    client.send(format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n").as_bytes());
}

/// The status of an answer, and the length of its body.
pub(crate) fn head(client: &Client) -> (String, usize) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = client.receive(1);
        assert_eq!(
            byte.len(),
            1,
            "EOF in a head: {}",
            String::from_utf8_lossy(&head)
        );
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.and_then(|length| length.parse().ok());
    (
        status,
        length.unwrap_or_else(|| panic!("no length: {head}")),
    )
}

/// The status and the body of an answer.
pub(crate) fn get(client: &Client, path: &str) -> (String, Vec<u8>) {
    ask(client, path);
    let (status, length) = head(client);
    (status, client.receive(length))
}
