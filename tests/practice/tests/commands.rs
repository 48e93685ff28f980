//! The commands of a task, in whatever state the checkout is: nothing of the learner's is lost, and each names the next.

use std::fs;
use std::thread;

use anyhow::{Context, ensure};
use practice::course::Course;
use practice::hunt::lay_out;
use practice::progress::{Progress, State};
use practice::task::{check, reset, skip, solution, start};

use crate::small::{self, FILE, Small, TEXT};

/// What a learner writes that is right, and what is not.
const RIGHT: &str = "    6 * 7\n";
const WRONG: &str = "    41\n";

impl Small {
    fn start(&self, number: &str) -> small::Said {
        self.run(|course, talk| start(course, Some(number), false, talk))
    }

    /// Puts `body` into the answer.
    fn answer(&self, body: &str) -> anyhow::Result<String> {
        let text = TEXT.replace("    42\n", body);
        self.write(&text)?;
        Ok(text)
    }

    fn state(&self, number: &str) -> anyhow::Result<State> {
        let progress = Progress::read(&self.course.store)?;
        Ok(progress
            .tasks
            .get(number)
            .map_or(State::New, |entry| entry.state))
    }
}

#[test]
fn from_the_hole_to_the_solution() -> anyhow::Result<()> {
    let small = Small::new()?;
    ensure!(small.start("1.1").verdict?, "it did not start");
    ensure!(
        small.text()?.contains("todo!(\"task 01.1\")"),
        "there is no hole"
    );
    let said = small.run(check);
    ensure!(said.text.contains("came to the todo!()"), "{}", said.text);
    let wrong = small.answer(WRONG)?;
    let said = small.run(check);
    ensure!(
        !said.verdict? && said.text.contains("the answer"),
        "{}",
        said.text
    );
    let again = small.start("01.1");
    ensure!(
        again.text.contains("is under way") && small.text()? == wrong,
        "{}",
        again.text
    );
    small.run(reset).verdict?;
    ensure!(small.keeps(&wrong), "reset loses what was written");
    let right = small.answer(RIGHT)?;
    let said = small.run(check);
    ensure!(said.verdict? && small.keeps(&right), "{}", said.text);
    ensure!(
        said.next.iter().any(|next| next.ends_with("start 01.2")),
        "{:?}",
        said.next
    );
    ensure!(
        !small.run(skip).verdict? && small.text()? == right,
        "what is solved was skipped"
    );
    small.run(solution).verdict?;
    ensure!(
        small.text()? == TEXT && small.keeps(&right),
        "not the course's file again"
    );
    Ok(())
}

#[test]
fn a_start_that_was_broken_off_begins_again() -> anyhow::Result<()> {
    let small = Small::new()?;
    small.start("01.1").verdict?;
    // It ended after the progress was written, and before the file was.
    let mut progress = Progress::read(&small.course.store)?;
    progress.tasks.get_mut("01.1").context("no entry")?.dug = false;
    progress.write(&small.course.store)?;
    small.write(TEXT)?;
    let said = small.run(check);
    ensure!(
        !said.verdict? && said.next[0] == "cargo lab task start 01.1",
        "{}",
        said.text
    );
    small.start("01.1").verdict?;
    ensure!(small.text()?.contains("todo!"), "it does not begin again");
    // It ended after both, and before the progress says so.
    let mut progress = Progress::read(&small.course.store)?;
    progress.tasks.get_mut("01.1").context("no entry")?.dug = false;
    progress.write(&small.course.store)?;
    let right = small.answer(RIGHT)?;
    small.start("01.1").verdict?;
    ensure!(small.text()? == right, "what was written is gone");
    ensure!(small.run(check).verdict?, "it is not judged");
    // A new version that did not come to its place is removed.
    let left = small.course.store.path(".lib.rs.1-0.new");
    fs::write(&left, "half")?;
    small.run(reset).verdict?;
    ensure!(!left.exists(), "what a crash left behind stays");
    Ok(())
}

#[test]
fn a_file_that_is_gone_or_no_rust_comes_back() -> anyhow::Result<()> {
    let small = Small::new()?;
    small.start("01.1").verdict?;
    fs::remove_dir_all(small.course.path("01-blocking/src"))?;
    let said = small.run(check);
    ensure!(
        !said.verdict? && said.text.contains("is gone"),
        "{}",
        said.text
    );
    small.run(reset).verdict?;
    ensure!(
        small.text()?.contains("todo!"),
        "reset does not bring it back"
    );
    let broken = small.answer("    6 * (7\n")?;
    fs::write(
        small.course.path("01-blocking/src/main.rs"),
        "fn main() {}\n",
    )?;
    let said = small.run(check);
    ensure!(
        !said.verdict? && said.text.contains("does not compile"),
        "{}",
        said.text
    );
    let said = small.run(solution);
    ensure!(
        said.verdict? && small.text()? == TEXT && small.keeps(&broken),
        "{}",
        said.text
    );
    let said = small.run(check);
    ensure!(
        !said.verdict? && said.text.contains("nothing of yours"),
        "{}",
        said.text
    );
    Ok(())
}

#[test]
fn changes_that_git_does_not_know_are_left_alone() -> anyhow::Result<()> {
    let small = Small::new()?;
    small.commit()?;
    small.git("checkout --quiet --detach")?;
    let changed = TEXT.replace("84", "83 + 1");
    small.write(&changed)?;
    let said = small.start("01.1");
    ensure!(
        !said.verdict? && small.text()? == changed,
        "it begins over them"
    );
    ensure!(
        said.next[0] == format!("git diff {FILE}"),
        "{:?}",
        said.next
    );
    small
        .run(|course, talk| start(course, Some("01.1"), true, talk))
        .verdict?;
    ensure!(
        small.keeps(&changed) && small.text()?.contains("83 + 1"),
        "they are lost"
    );
    // The learner's folder is removed: the hole must not be taken for the course's code.
    fs::remove_dir_all(small.course.store.path(""))?;
    let said = small.run(|course, talk| start(course, Some("01.1"), true, talk));
    ensure!(
        !said.verdict? && said.next[0].starts_with("git restore"),
        "{}",
        said.text
    );
    small.git(&format!("restore {FILE}"))?;
    ensure!(small.start("01.1").verdict?, "it does not begin");
    Ok(())
}

/// One terminal judges, and another one gives the task up and begins the next.
#[test]
fn a_verdict_is_about_the_task_that_was_judged() -> anyhow::Result<()> {
    let small = Small::new()?;
    small.start("01.1").verdict?;
    let right = small.answer(RIGHT)?;
    let gate = small.course.path("01-blocking/wait");
    fs::write(&gate, "")?;
    let judged = thread::scope(|scope| {
        let judged = scope.spawn(|| small.run(check));
        // Its build is over when the case runs; until then the file must stay as it is.
        let has_case = || small.course.path("01-blocking/waits").exists();
        while !has_case() && !judged.is_finished() {
            thread::yield_now();
        }
        small.run(skip).verdict?;
        small.start("01.2").verdict?;
        fs::remove_file(&gate)?;
        judged.join().ok().context("the judge panicked")?.verdict
    })?;
    ensure!(judged && small.keeps(&right), "what was judged is not kept");
    ensure!(small.state("01.1")? == State::Skipped, "01.1 was given up");
    ensure!(small.state("01.2")? == State::Open, "01.2 is not solved");
    Ok(())
}

/// A person who has solved tasks hunts in the course's code all the same.
#[test]
fn a_hunt_takes_place_in_the_courses_code() -> anyhow::Result<()> {
    let small = Small::new()?;
    small.start("01.1").verdict?;
    small.answer(RIGHT)?;
    fs::write(small.course.path("Cargo.lock"), "")?;
    let folder = small.course.store.path("copy");
    lay_out(&small.course, &folder)?;
    ensure!(
        fs::read_to_string(folder.join(FILE))? == TEXT,
        "the learner's code is in it"
    );
    Ok(())
}

/// Cargo would take what it builds of the copy for the checkout's own, and a learner's tests would judge the fault.
#[test]
fn a_copy_is_of_another_version() -> anyhow::Result<()> {
    let folder = Small::new()?.course.store.path("06");
    lay_out(&Course::here()?, &folder)?;
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
    fs::remove_dir_all(&folder)?;
    ensure!(manifest.contains("-hunt-06\"\n"), "{manifest}");
    Ok(())
}
