//! What one types beside a server, and what comes back.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;

use anyhow::{Context, ensure};
use lab::world::build;

use crate::{run_quietly, workspace};

/// Commands beside a stage. The text has the usual addresses, the run has free ones.
#[derive(Clone, Debug)]
pub struct Session {
    /// The number of the stage.
    pub stage: u8,
    root: String,
}

impl FromStr for Session {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (stage, options) = text.split_once(' ').unwrap_or((text, "--root docs"));
        let stage = stage
            .strip_prefix("stage-")
            .context("beside which stage?")?;
        let root = options.strip_prefix("--root ");
        Ok(Self {
            stage: stage.parse()?,
            root: root.context("the one option is --root DIR")?.to_owned(),
        })
    }
}

impl Session {
    /// The commands that are written after `$ `, each with what it prints now.
    pub(super) fn run(&self, written: &str) -> anyhow::Result<String> {
        let server = Server::start(self)?;
        let commands = written.lines().filter_map(|line| line.strip_prefix("$ "));
        let mut text = String::new();
        for command in commands {
            let here = server.here(command);
            // What a shell would say on the terminal, in one stream.
            let script = format!("exec 2>&1; {here}");
            let (printed, _) = run_quietly(Command::new("sh").args(["-c", &script]))?;
            text.push_str(&format!("$ {command}\n"));
            for line in server.there(&printed).lines() {
                text.push_str(as_written(line, written));
                text.push('\n');
            }
        }
        ensure!(!text.is_empty(), "there is no command in it");
        Ok(text)
    }
}

/// A line as the text has it, where a `…` stands for whatever is there: of what changes from run to run.
fn as_written<'a>(line: &'a str, written: &'a str) -> &'a str {
    let mut patterns = written.lines().filter(|pattern| pattern.contains('…'));
    patterns
        .find(|pattern| matches(pattern, line))
        .unwrap_or(line)
}

fn matches(pattern: &str, line: &str) -> bool {
    let Some((start, end)) = pattern.split_once('…') else {
        return pattern == line;
    };
    let rest = line.strip_prefix(start);
    rest.is_some_and(|rest| {
        (0..=rest.len()).any(|n| rest.is_char_boundary(n) && matches(end, &rest[n..]))
    })
}

/// A stage that runs, until this is dropped.
struct Server {
    child: Child,
    /// What the text says, and what is so here.
    names: Vec<(String, String)>,
}

impl Server {
    fn start(session: &Session) -> anyhow::Result<Self> {
        let number = session.stage;
        let name = format!("stage-{number:02}");
        let mut command = Command::new(build(&name)?);
        command.current_dir(workspace()).arg("127.0.0.1:0");
        if number == 8 {
            command.args(["--http", "127.0.0.1:0", "--root", &session.root]);
        }
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| name.clone())?;
        let output = child.stdout.take().context("its output is not ours")?;
        let pid = child.id().to_string();
        let mut server = Self {
            child,
            // The oldest of that name is the server, if it has forked.
            names: vec![
                (format!("$(pgrep -x {name})"), pid.clone()),
                (format!("$(pgrep -ox {name})"), pid),
            ],
        };
        let mut lines = BufReader::new(output).lines();
        let mut port = |usual: u16| -> anyhow::Result<()> {
            let line = lines.next().context("it does not say where it listens")??;
            let port = line.trim_end_matches('/').rsplit(':').next().unwrap_or("");
            for between in [" ", ":"] {
                let usual = format!("127.0.0.1{between}{usual}");
                let here = format!("127.0.0.1{between}{port}");
                server.names.push((usual, here));
            }
            Ok(())
        };
        port(7000 + u16::from(number))?;
        if number == 8 {
            port(8008)?;
        }
        Ok(server)
    }

    fn here(&self, command: &str) -> String {
        let mut text = command.to_owned();
        for (usual, here) in &self.names {
            text = text.replace(usual, here);
        }
        text
    }

    fn there(&self, printed: &str) -> String {
        let mut text = printed.to_owned();
        // The process's number is not for the reader to see: a command that prints it shows it as `…`.
        for (usual, here) in self.names.iter().skip(2) {
            text = text.replace(here, usual);
        }
        text
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
