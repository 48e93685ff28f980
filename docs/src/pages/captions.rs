//! A line above each block that says where it comes from.

use super::edits::Edits;
use crate::blocks::{Kind, parse};

/// Puts a caption in the place of each block's comment.
pub(super) fn add(text: &str) -> anyhow::Result<String> {
    let mut edits = Edits::default();
    for block in parse(text)? {
        if let Some(caption) = caption(&block.kind)? {
            let caption = format!("<div class=\"caption\">\n\n{caption}\n\n</div>\n\n");
            edits.replace(block.head, caption);
        }
    }
    Ok(edits.apply(text))
}

fn caption(kind: &Kind) -> anyhow::Result<Option<String>> {
    Ok(Some(match kind {
        Kind::Code(place) => format!("{}, line {}", link(&place.file), place.find()?.line),
        Kind::Diff(before, after) => {
            format!("{} → {}", link(&before.file), link(&after.file))
        }
        Kind::Patch(patch) => link(&patch.file),
        Kind::Output(output) => format!("`cargo lab {}`", output.arguments.join(" ")),
        Kind::Session(session) => format!("next to `stage-{:02}`", session.stage),
        Kind::Red(_) | Kind::Claims(_) | Kind::Notes(_) | Kind::Practice(_) | Kind::Measured(_) => {
            return Ok(None);
        }
    }))
}

fn link(file: &str) -> String {
    format!("[`{file}`](../../{file})")
}
