//! A scenario in a page: a table of what happens, which a script makes into something to step through.

use std::fmt::Write;

use anyhow::bail;

use crate::scenario::Scenario;

/// Returns the section for a link to a scenario whose title asks for one: `(scenarios/scan.txt "step by step")`. On the page of its own
/// the title is "page".
///
/// # Errors
///
/// Returns what is wrong with the scenario, or with the title.
pub(super) fn simulator(url: &str, title: &str) -> anyhow::Result<Option<String>> {
    let name = url.strip_prefix("scenarios/");
    let Some(name) = name.and_then(|name| name.strip_suffix(".txt")) else {
        return Ok(None);
    };
    let page = match title {
        "step by step" => "",
        "page" => " data-page",
        "" => return Ok(None),
        _ => bail!("{url}: what is {title:?}?"),
    };
    let scenario = Scenario::read(name)?;
    let mut rows = String::new();
    for step in &scenario.steps {
        let (source, result) = (escape(&step.source), escape(&step.result));
        // Writing to a string does not fail.
        let _ = write!(
            rows,
            "<tr><td><code>{source}</code></td><td>{result}</td></tr>"
        );
    }
    let (heading, about) = (escape(&scenario.title), escape(&scenario.about));
    // In one line: an empty one would end it in Markdown.
    Ok(Some(format!(
        "<section class=\"simulator\" id=\"kernel-{name}\" aria-label=\"{heading}\"{page}><p class=\"title\">{heading}</p>\
         <p class=\"about\">{about}</p><table><thead><tr><th>Step</th><th>Returns</th></tr></thead><tbody>{rows}</tbody></table>\
         </section><script type=\"module\" src=\"theme/kernel/view.js\"></script>"
    )))
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
