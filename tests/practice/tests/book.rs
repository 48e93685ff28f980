//! The book knows of the tasks and hunts.

use anyhow::ensure;
use practice::course::Course;
use practice::hunt::{self, Hunt};
use practice::task::{self, Task};

/// Each chapter sends to its tasks and hunts, and the minutes add up.
#[test]
fn the_book_knows_of_them() -> anyhow::Result<()> {
    let course = Course::here()?;
    let (tasks, hunts) = (task::all(&course)?, hunt::all(&course)?);
    let overview = course.read("docs/chapters/how-to-use.md")?;
    let readme = course.read("README.md")?;
    for stage in 1..=8_u8 {
        let own: Vec<&Task> = tasks
            .iter()
            .filter(|task| task.stage() == format!("0{stage}"))
            .collect();
        let found: Vec<&Hunt> = hunts.iter().filter(|hunt| hunt.stage == stage).collect();
        let folder = own[0].package();
        let minutes: u32 = own.iter().map(|task| task.minutes).sum();
        let numbers: Vec<&str> = found
            .iter()
            .map(|hunt| hunt.number.trim_start_matches('0'))
            .collect();
        let row = format!(
            "| 0{stage} | {minutes} | {} | {} |",
            own.len(),
            numbers.join(", ")
        );
        ensure!(overview.contains(&row), "how-to-use.md has no row {row}");
        let chapter = chapter(&course, stage)?;
        let start = format!("cargo lab task start 0{stage}.1");
        ensure!(
            chapter.contains(&start),
            "the chapter of {folder} does not say `{start}`"
        );
        for hunt in &found {
            ensure!(
                chapter.contains(&hunt.title),
                "the chapter of {folder} does not name hunt {}",
                hunt.number
            );
        }
        let count = format!("{} tasks", own.len());
        ensure!(
            readme.contains(&count),
            "the README does not say {count} of {folder}"
        );
    }
    let hours = (tasks.iter().map(|task| task.minutes).sum::<u32>() + 30) / 60;
    let sum = format!("{} tasks, about {hours} hours", tasks.len());
    ensure!(
        overview.contains(&sum) && readme.contains(&sum),
        "the book does not say {sum}"
    );
    let hunts = format!("{} hunts", hunts.len());
    ensure!(
        overview.contains(&hunts) && readme.contains(&hunts),
        "the book does not say {hunts}"
    );
    Ok(())
}

fn chapter(course: &Course, stage: u8) -> anyhow::Result<String> {
    for path in practice::course::files(&course.path("docs/chapters"), "md")? {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with(&format!("0{stage}-")) {
            return course.read(&format!("docs/chapters/{name}"));
        }
    }
    anyhow::bail!("no chapter of stage {stage}")
}
