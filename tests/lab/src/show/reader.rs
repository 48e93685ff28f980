//! Somebody who reads at a terminal, a screen at a time.

use std::io::{self, IsTerminal};

use console::Term;

use super::{Line, Output, Tone};

/// The person at the terminal, whom a command with several screens waits for.
#[derive(Debug)]
pub struct Reader {
    waits: bool,
}

impl Reader {
    /// Creates the reader of `output`. It is waited for only if text goes to a terminal, and Enter can come from one.
    pub fn of(output: &Output) -> Self {
        let are_terminals = io::stdin().is_terminal() && io::stdout().is_terminal();
        Self {
            waits: output.is_text() && are_terminals,
        }
    }

    /// Creates a reader that is never waited for.
    pub const fn in_a_hurry() -> Self {
        Self { waits: false }
    }

    /// Waits for Enter before it returns, because `next` would push the last screen out of sight. From the end of input
    /// on (Ctrl-D) it does not wait.
    ///
    /// # Errors
    ///
    /// Returns the errors of the terminal.
    pub fn turn_to(&mut self, next: &str, output: &Output) -> anyhow::Result<()> {
        if !self.waits {
            return Ok(());
        }
        let prompt = format!("Press Enter for {next}, Ctrl-D for all the rest at once.");
        output.say(vec![
            Line::new(0, Tone::Plain, ""),
            Line::new(0, Tone::Quiet, prompt),
        ])?;
        self.waits = io::stdin().read_line(&mut String::new())? > 0;
        // The prompt, the empty line above it, and the line that Enter has ended.
        let lines = if self.waits { 3 } else { 2 };
        Ok(Term::stdout().clear_last_lines(lines)?)
    }
}
