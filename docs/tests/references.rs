//! The cases and the statements that the book refers to are there.

use anyhow::{Context, ensure};
use book::read;
use regex::Regex;

use crate::chapters::{chapter, stages};

/// The page of the contract has a heading for each case, which a failure can point to, and under it the case's rule.
#[test]
fn each_case_has_its_place_in_the_contract() -> anyhow::Result<()> {
    use suite::{cases, lessons};
    let text = chapter("contract")?;
    let lists = [
        cases::ECHO,
        cases::EVENT_LOOP,
        cases::DRAIN,
        cases::IDLE,
        cases::COMMAND_LINE,
        lessons::STAGE_02,
        lessons::STAGE_03,
        lessons::STAGE_04,
        lessons::STAGE_05,
        lessons::STAGE_06,
        lessons::STAGE_07,
    ];
    let mut count = 0;
    for (name, _) in lists.into_iter().flatten() {
        let rule = suite::meaning_of(name)
            .with_context(|| format!("{name} has no rule"))?
            .rule;
        let place = format!("\n### `{name}`\n\n{rule}\n");
        ensure!(text.contains(&place), "contract.md lacks {place}");
        count += 1;
    }
    ensure!(
        text.matches("\n### `").count() == count,
        "contract.md has a case that is not there"
    );
    Ok(())
}

#[test]
fn each_statement_is_argued_in_its_chapter() -> anyhow::Result<()> {
    let claims = lab::chapters::claims();
    let mut names = stages()?;
    names.insert(0, "00-sockets".to_owned());
    for (number, claim) in claims {
        let name = &names[usize::from(number)];
        let named = Regex::new(&format!(r"\bC{}\b", claim.number))?;
        ensure!(
            named.is_match(&chapter(name)?),
            "{name} does not name C{}",
            claim.number
        );
    }
    Ok(())
}

#[test]
fn no_statement_is_named_that_is_not_there() -> anyhow::Result<()> {
    let named = Regex::new(r"\bC(\d+)\b")?;
    let all = 1..=lab::chapters::claims().len();
    for path in book::markdown_files()? {
        for number in named.captures_iter(&read(&path)?) {
            let known = all.contains(&number[1].parse()?);
            ensure!(known, "{}: {}", path.display(), &number[0]);
        }
    }
    Ok(())
}
