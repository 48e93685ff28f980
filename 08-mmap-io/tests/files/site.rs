//! A directory with a server of its own, and requests to it.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use suite::{Client, Faults, Server, Subject, eventually};

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
        Self::start_with(name, &Faults::default())
    }

    /// An empty one, whose server starts under faults.
    pub(crate) fn start_with(name: &str, faults: &Faults) -> Self {
        let folder = folder(name);
        let mut server = subject(&folder).start_with(faults);
        let http = server.announced(&format!("serving {} on http://", folder.display()));
        Self {
            folder,
            server,
            http,
        }
    }

    /// Puts a file into it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("a folder for the test");
        }
        fs::write(&path, bytes).expect("a file for the test");
        path
    }

    /// Puts a file into it that was last written an hour ago, and waits until its validators count.
    pub(crate) fn write_old(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(name, bytes);
        let file = File::options().write(true).open(&path);
        let hour_ago = SystemTime::now() - Duration::from_secs(3_600);
        let set = file.and_then(|file| file.set_modified(hour_ago));
        set.expect("another time");
        self.settled_tag(name);
        path
    }

    /// Waits until the tag of a file has settled, and gives it: until then each answer has another one.
    pub(crate) fn settled_tag(&self, name: &str) -> String {
        let client = self.connect();
        let mut tags = [String::new(), String::new()];
        eventually("two answers have the same tag", || {
            tags.swap(0, 1);
            let answer = ask(&client, get(&format!("/{name}")));
            tags[0] = answer.field("ETag").expect("a tag").to_owned();
            tags[0] == tags[1]
        });
        tags[0].clone()
    }

    /// Puts a file into it that is `length` bytes long, all of them 0, and takes no room on the disk.
    pub(crate) fn write_sparse(&self, name: &str, length: u64) -> PathBuf {
        let path = self.folder.join(name);
        let file = File::create(&path).expect("a file for the test");
        file.set_len(length).expect("a sparse file");
        path
    }

    /// A file of `length` bytes that no socket buffer holds, and a client that is [stalled](Self::stall)
    /// on it.
    pub(crate) fn stalled(&self, length: u64) -> (PathBuf, Client) {
        let path = self.write_sparse("large", length);
        (path, self.stall())
    }

    /// A client that has asked for the large file, has the head of the answer, and does not read on.
    pub(crate) fn stall(&self) -> Client {
        let client = self.connect().with_small_buffers();
        client.send(get("/large").as_bytes());
        assert_eq!(head(&client).status, 200);
        client
    }

    /// A new client of its files.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.http)
    }

    /// What a new client gets for a request.
    pub(crate) fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        ask(&self.connect(), request)
    }

    /// What a new client gets for the file at `path`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(get(path))
    }

    /// Whether its process has that file mapped.
    pub(crate) fn maps(&self, path: &Path) -> usize {
        let maps = self.server.process().maps();
        maps.lines()
            .filter(|line| line.ends_with(&*path.to_string_lossy()))
            .count()
    }
}

/// An empty folder of that name, for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = suite::scratch(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

/// Stage 8, to serve `folder`.
pub(crate) fn subject(folder: &Path) -> Subject {
    let mut subject = Subject::stage(8, env!("CARGO_BIN_EXE_stage-08"));
    let arguments = ["--http".into(), "{ip}:0".into(), "--root".into()];
    subject.command.extend(arguments);
    subject.command.push(folder.into());
    subject
}

/// A request for a file.
pub(crate) fn get(path: &str) -> String {
    get_with(path, "")
}

/// A request for a file, with lines of more fields.
pub(crate) fn get_with(path: &str, fields: &str) -> String {
    request("GET", path, fields)
}

/// A request.
pub(crate) fn request(method: &str, target: &str, fields: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: here\r\n{fields}\r\n")
}

/// What came for a request.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// All lines of the head.
    pub(crate) head: String,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// The length that it says its body has.
    pub(crate) fn length(&self) -> usize {
        let length = self.field("Content-Length");
        let length = length.and_then(|length| length.parse().ok());
        length.unwrap_or_else(|| panic!("no length: {}", self.head))
    }

    /// Whether it says that no other follows.
    pub(crate) fn is_last(&self) -> bool {
        self.field("Connection") == Some("close")
    }
}

/// What a client gets for a request.
pub(crate) fn ask(client: &Client, request: impl AsRef<[u8]>) -> Answer {
    let request = request.as_ref();
    client.send(request);
    if request.starts_with(b"HEAD ") {
        head(client)
    } else {
        answer(client)
    }
}

/// The next answer.
pub(crate) fn answer(client: &Client) -> Answer {
    let mut answer = head(client);
    if answer.status != 304 {
        answer.body = client.receive(answer.length());
        assert_eq!(answer.body.len(), answer.length(), "{}", answer.head);
    }
    answer
}

/// The head of the next answer.
pub(crate) fn head(client: &Client) -> Answer {
    let mut head = Vec::new();
    let mut next = [0; 1_024];
    while !head.ends_with(b"\r\n\r\n") {
        let length = client.peek(&mut next).expect("a head");
        let so_far = String::from_utf8_lossy(&head);
        assert_ne!(length, 0, "EOF in a head: {so_far:?}");
        // The body is not to be taken with it.
        let known = head.len();
        let both = [&head, &next[..length]].concat();
        let end = both.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        head.extend(client.receive(end.map_or(length, |end| end + 4 - known)));
    }
    let head = String::from_utf8(head).expect("a head is text");
    let status = head
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3));
    let status = status.and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or_else(|| panic!("no status: {head}")),
        head,
        body: Vec::new(),
    }
}
