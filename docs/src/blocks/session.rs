//! Commands that a person types next to a server, and what comes back.

mod server;

use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::{run_quietly, workspace};
use server::Server;

/// How long a client may take until it is connected, or a tracer until it has attached.
const SLOWEST_CLIENT: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Commands next to a stage. The text has the usual addresses, the run has free ones.
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
            .context("next to which stage?")?;
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
        let mut aside = Aside::default();
        let mut text = String::new();
        for (command, expected) in commands(written) {
            let here = server.here(command);
            text.push_str(&format!("$ {command}\n"));
            if let Some(here) = here.strip_suffix('&') {
                let before = server.seen();
                aside.start(here)?;
                // A person types more slowly than a client connects, or a tracer attaches.
                let deadline = Instant::now() + SLOWEST_CLIENT;
                while server.seen() == before && Instant::now() < deadline {
                    thread::sleep(LOOK_AGAIN);
                }
                continue;
            }
            if let Some(number) = here.strip_prefix("kill %") {
                aside.end(number)?;
                continue;
            }
            let deadline = Instant::now() + patience(command);
            let printed = loop {
                let printed = server.there(&type_in(&here)?);
                let printed = as_written(&printed, &expected);
                if printed == expected || Instant::now() > deadline {
                    break printed;
                }
            };
            text.push_str(&printed);
        }
        ensure!(!text.is_empty(), "there is no command in it");
        Ok(text)
    }
}

/// The commands of a session, each with what is written below it.
fn commands(written: &str) -> Vec<(&str, String)> {
    let mut commands: Vec<(&str, String)> = Vec::new();
    for line in written.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, String::new())),
            (None, Some((_, output))) => output.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    commands
}

/// How long a command may go on printing something else than what is written. One that only looks is typed
/// again, as a person would, until what it is to show has come about.
fn patience(command: &str) -> Duration {
    let program = command.split(' ').next().unwrap_or_default();
    let looks = ["cat", "grep", "ls", "ps", "ss"].contains(&program);
    Duration::from_secs(if looks { 5 } else { 0 })
}

/// What a shell prints on the terminal, in one stream.
fn type_in(command: &str) -> anyhow::Result<String> {
    let script = format!("exec 2>&1; {command}");
    let (printed, _) = run_quietly(Command::new("sh").args(["-c", &script]))?;
    Ok(printed)
}

/// Commands that run next to the others (`&`), until this is dropped.
#[derive(Default)]
struct Aside(Vec<Child>);

impl Aside {
    fn start(&mut self, command: &str) -> anyhow::Result<()> {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec {command}")]);
        shell
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.0.push(shell.current_dir(workspace()).spawn()?);
        Ok(())
    }

    /// Ends a job, which shells number from 1.
    fn end(&mut self, number: &str) -> anyhow::Result<()> {
        let place = number.parse::<usize>()?.checked_sub(1);
        let child = place.and_then(|place| self.0.get_mut(place));
        let child = child.with_context(|| format!("there is no job {number}"))?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What was printed, in the words of the text: a `…` there stands for whatever is there, of what changes from
/// run to run.
fn as_written(printed: &str, written: &str) -> String {
    let mut text = String::new();
    for line in printed.lines() {
        let mut patterns = written.lines().filter(|pattern| pattern.contains('…'));
        text.push_str(
            patterns
                .find(|pattern| matches(pattern, line))
                .unwrap_or(line),
        );
        text.push('\n');
    }
    text
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

#[cfg(test)]
mod tests {
    use super::{as_written, commands};

    #[test]
    fn an_ellipsis_stands_for_what_changes() {
        assert_eq!(as_written("pid 17 runs\n", "pid … runs\n"), "pid … runs\n");
        assert_eq!(
            as_written("pid 17 rests\n", "pid … runs\n"),
            "pid 17 rests\n"
        );
    }

    #[test]
    fn what_stands_below_a_command_is_its_output() {
        let session = commands("$ one\na\nb\n$ two\n");
        let expected = [("one", "a\nb\n".to_owned()), ("two", String::new())];
        assert_eq!(session, expected);
    }
}
