//! The text files that tasks and hunts are: a title, lines `Name: value`, and sections.

use anyhow::Context;

/// A file of this form, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The text behind `# `.
    pub title: String,
    fields: Vec<(String, String)>,
    /// The sections, each with its heading behind `## `, in order.
    pub sections: Vec<(String, String)>,
}

impl Page {
    /// Takes `text` apart.
    pub fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut is_code = false;
        for line in text.lines() {
            is_code ^= line.starts_with("```");
            if let (Some(heading), false) = (line.strip_prefix("## "), is_code) {
                page.sections.push((heading.to_owned(), String::new()));
            } else if let Some((_, section)) = page.sections.last_mut() {
                section.push_str(line);
                section.push('\n');
            } else if let Some(title) = line.strip_prefix("# ") {
                title.clone_into(&mut page.title);
            } else if let Some((name, value)) = line.split_once(": ") {
                page.fields.push((name.to_owned(), value.trim().to_owned()));
            }
        }
        page
    }

    /// Returns the value of a field, if it is there.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields.find_map(|(found, value)| (found == name).then_some(value.as_str()))
    }

    /// Returns the value of a field.
    ///
    /// # Errors
    ///
    /// Returns an error that names the field if it is not there.
    pub fn needed(&self, name: &str) -> anyhow::Result<&str> {
        self.field(name)
            .with_context(|| format!("there is no line `{name}: `"))
    }

    /// Returns the text of a section, without empty lines around it.
    ///
    /// # Errors
    ///
    /// Returns an error that names the section if it is not there, or empty.
    pub fn section(&self, heading: &str) -> anyhow::Result<&str> {
        let mut sections = self.sections.iter();
        let found = sections.find(|(found, _)| found == heading);
        let text = found.map_or("", |(_, text)| text.trim());
        (!text.is_empty())
            .then_some(text)
            .with_context(|| format!("there is no section `## {heading}`"))
    }
}

/// Returns the words of a field.
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Returns what stands in the first code block of a text.
pub fn code(text: &str) -> Option<String> {
    block(text, "")
}

/// Returns what stands in the first code block of a text whose language begins with `language`.
pub fn block(text: &str, language: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("```{language}"))?;
    let (_, rest) = rest.split_once('\n')?;
    let (code, _) = rest.split_once("```")?;
    Some(code.to_owned())
}
