//! Chromium with one tab, driven over two pipes: each command, answer and event is a JSON text that ends with a zero byte.
//!
//! A library knows hundreds of commands for this, and takes a minute to compile. These tests need ten.

use std::collections::VecDeque;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a test waits for the browser. The machine may do other work, too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Starts Chromium, which takes its commands from descriptor 3 and answers on descriptor 4.
const START: &str = "exec chromium \"$@\" 3<&0 4>&1 </dev/null >&2";

const OPTIONS: [&str; 13] = [
    "--headless",
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--window-size=1280,900",
    // Chromium starts no sandbox for root, and CI is root.
    "--no-sandbox",
    // A container's /dev/shm is small.
    "--disable-dev-shm-usage",
    // There is no card that would draw, and drawing in place of one is slow.
    "--disable-gpu",
    // Chromium asks for nothing of its own, and what a page asks for does not leave the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
];

/// The file below the profile that takes what Chromium writes to standard error.
const LOG: &str = "stderr";

/// A tab, alone in a browser that ends with it.
pub(crate) struct Tab {
    chromium: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    /// What each command names once there is a tab.
    session: Value,
    commands_sent: u64,
    /// The events that came before an answer, the oldest first.
    pub(crate) events: VecDeque<Value>,
    profile: TempDir,
}

impl Tab {
    /// Starts Chromium, and opens an empty tab.
    pub(crate) fn open() -> anyhow::Result<Self> {
        let profile = tempfile::tempdir()?;
        let mut command = Command::new("sh");
        command.args(["-c", START, "sh"]).args(OPTIONS);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(File::create(profile.path().join(LOG))?);
        let mut chromium = command.spawn()?;
        let commands = chromium.stdin.take().context("no pipe to Chromium")?;
        let output = chromium.stdout.take().context("no pipe from Chromium")?;
        let (tell, messages) = mpsc::channel();
        thread::spawn(move || read(output, &tell));
        let mut tab = Self {
            chromium,
            commands,
            messages,
            session: Value::Null,
            commands_sent: 0,
            events: VecDeque::new(),
            profile,
        };
        let mut target = tab.call("Target.createTarget", json!({ "url": "about:blank" }))?;
        target["flatten"] = json!(true);
        tab.session = tab.call("Target.attachToTarget", target)?["sessionId"].take();
        Ok(tab)
    }

    /// Has a command carried out, and returns its result.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> anyhow::Result<Value> {
        self.commands_sent += 1;
        let id = self.commands_sent;
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if self.session.is_string() {
            command["sessionId"] = self.session.clone();
        }
        let sent = self.commands.write_all(format!("{command}\0").as_bytes());
        sent.map_err(|error| self.silence(method, &error))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut message = self.message(method, deadline)?;
            if message["id"] == id {
                let error = &message["error"];
                ensure!(error.is_null(), "{method}: {error}");
                return Ok(message["result"].take());
            }
            self.events.push_back(message);
        }
    }

    /// Returns the value of an expression. If that is a promise, waits for it.
    pub(crate) fn ask(&mut self, expression: &str) -> anyhow::Result<Value> {
        let question =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", question)?;
        let exception = &answer["exceptionDetails"];
        ensure!(exception.is_null(), "{exception} from {expression}");
        Ok(answer["result"]["value"].take())
    }

    /// Waits for what Chromium says next: an event, or the answer to a command.
    pub(crate) fn message(&self, what: &str, deadline: Instant) -> anyhow::Result<Value> {
        let left = deadline.saturating_duration_since(Instant::now());
        let message = self.messages.recv_timeout(left);
        message.map_err(|error| self.silence(what, &error))
    }

    fn silence(&self, what: &str, error: &dyn Display) -> anyhow::Error {
        let log = fs::read_to_string(self.profile.path().join(LOG)).unwrap_or_default();
        anyhow!("Chromium was asked for {what}: {error}. Is it installed? It says:\n{log}")
    }
}

/// Passes on what Chromium says, until it ends.
fn read(output: ChildStdout, tell: &Sender<Value>) {
    let messages = BufReader::new(output).split(0);
    let messages = messages.map_while(|message| serde_json::from_slice(&message.ok()?).ok());
    for message in messages {
        if tell.send(message).is_err() {
            break;
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        let _ = self.chromium.kill();
        let _ = self.chromium.wait();
    }
}
