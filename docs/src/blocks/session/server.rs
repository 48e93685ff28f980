//! A stage next to which commands are typed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use lab::world::build;
use suite::net::connections;
use suite::{Faults, Process};

use super::Session;
use crate::workspace;

/// A stage that runs, until this is dropped.
pub(super) struct Server {
    child: Child,
    /// How the text asks for the process's number, which a command that prints it shows as `…`.
    questions: [String; 2],
    /// The usual addresses, and those that it has here.
    addresses: Vec<(String, String)>,
}

impl Server {
    pub(super) fn start(session: &Session) -> anyhow::Result<Self> {
        let number = session.stage;
        let name = format!("stage-{number:02}");
        let mut command = Command::new(build(&name)?);
        command.current_dir(workspace()).arg("127.0.0.1:0");
        if number == 8 {
            command.args(["--http", "127.0.0.1:0", "--root", &session.root]);
        }
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        // What these programs were started with, an ignored SIGINT say, is not to show in the text.
        Faults::NONE.prepare(command);
        let mut child = command.spawn().with_context(|| name.clone())?;
        let output = child.stdout.take().context("its output is not ours")?;
        let mut server = Self {
            child,
            // The oldest of that name is the server, if it has forked.
            questions: ["-x", "-ox"].map(|option| format!("$(pgrep {option} {name})")),
            addresses: Vec::new(),
        };
        let mut lines = BufReader::new(output).lines();
        let mut port = |usual: u16| -> anyhow::Result<()> {
            let line = lines.next().context("it does not say where it listens")??;
            let port = line.trim_end_matches('/').rsplit(':').next().unwrap_or("");
            for between in [" ", ":"] {
                let usual = format!("127.0.0.1{between}{usual}");
                let here = format!("127.0.0.1{between}{port}");
                server.addresses.push((usual, here));
            }
            Ok(())
        };
        port(7000 + u16::from(number))?;
        if number == 8 {
            port(8008)?;
        }
        Ok(server)
    }

    /// Returns how many connections the server has, those that wait to be accepted, too, and who traces it.
    pub(super) fn seen(&self) -> (usize, Option<u64>) {
        let own = self
            .addresses
            .iter()
            .filter_map(|(_, here)| here.parse().ok());
        let process = Process::new(self.child.id().cast_signed());
        (
            own.flat_map(connections).count(),
            process.status("TracerPid"),
        )
    }

    /// A command of the text, as it has to be typed here.
    pub(super) fn here(&self, command: &str) -> String {
        let pid = self.child.id().to_string();
        let mut text = command.to_owned();
        for question in &self.questions {
            text = text.replace(question, &pid);
        }
        for (usual, here) in &self.addresses {
            text = text.replace(usual, here);
        }
        text
    }

    /// What was printed here, as the text has it.
    pub(super) fn there(&self, printed: &str) -> String {
        let mut text = printed.to_owned();
        for (usual, here) in &self.addresses {
            text = text.replace(here, usual);
        }
        // The text was printed on x86-64. Where there is only epoll_pwait(2), the C library makes that call.
        if !cfg!(target_arch = "x86_64") {
            text = text.replace("epoll_pwait(", "epoll_wait(");
            text = text.replace(", NULL, 8) =", ") =");
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
