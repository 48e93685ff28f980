//! Lines that are shown at once, while a command is under way.

use super::Tone;

/// A line of text; what does not fit is wrapped below itself.
#[derive(Clone, Debug)]
pub struct Line {
    /// Spaces before it.
    pub indent: usize,
    /// Its tone.
    pub tone: Tone,
    /// Its text.
    pub text: String,
}

impl Line {
    /// A line in a tone.
    pub fn new(indent: usize, tone: Tone, text: impl Into<String>) -> Self {
        Self {
            indent,
            tone,
            text: text.into(),
        }
    }
}
