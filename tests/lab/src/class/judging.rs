//! The judgement of one submission: by a judge of its own, which cannot outlive its time, and leaves nothing.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::lchown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use anyhow::{Context, bail, ensure};
use nix::unistd::geteuid;
use serde_json::Value;
use suite::{Cell, Faults, Process, kill_descendants, tasks_by_user};

use super::network;
use super::submission::{Submission, plain};
use super::table::Learner;
use crate::world::attempt;
use crate::world::interrupt::Folder;

/// How many processes and threads a submission may have: those for 1,100 clients, and some more.
const TASKS: u64 = 1_500;
/// How long its `build` may take.
const BUILD: Duration = Duration::from_secs(120);
/// Users that no file belongs to, and no person is: systemd has them for services, one for each as it starts.
const USERS: std::ops::Range<u32> = 61_184..65_519;

/// What all submissions of a class are judged with.
#[derive(Debug)]
pub(super) struct Court {
    /// The lab's program.
    pub(super) program: PathBuf,
    /// Words for `cargo lab check`, for all submissions.
    pub(super) words: Vec<String>,
    /// The cases.
    pub(super) cases: Vec<String>,
    /// When a judge is given up.
    pub(super) limit: Duration,
    /// Where the pages of the learners go.
    pub(super) pages: Option<PathBuf>,
    /// Users for the submissions; none if this is not root.
    pub(super) users: Option<Vec<u32>>,
    /// Whether each can have a network of its own.
    pub(super) has_networks: bool,
}

/// Returns as many users that nobody is, if this is root, who alone can be another. Fails if root's
/// right to be another, or to look at what another does, is missing: what root itself starts cannot be limited.
pub(super) fn users(number: usize) -> anyhow::Result<Option<Vec<u32>>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let taken: Vec<u32> = tasks_by_user().map(|(user, _)| user).collect();
    let free = USERS.filter(|user| !taken.contains(user));
    let users: Vec<u32> = free.take(number).collect();
    ensure!(
        users.len() == number,
        "there are not enough users for {number} submissions"
    );
    ensure!(
        is_seen_as(USERS.end),
        "root cannot judge strangers here without CAP_SETUID and CAP_SYS_PTRACE (docker run --cap-add \
         SYS_PTRACE): run it as another user"
    );
    Ok(Some(users))
}

/// Returns whether this process sees what a process of `user` has open.
fn is_seen_as(user: u32) -> bool {
    let mut cat = Command::new("cat");
    cat.uid(user)
        .gid(user)
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let Ok(mut child) = cat.spawn() else {
        return false;
    };
    let count = attempt(|| Process::new(child.id().cast_signed()).descriptor_count());
    let _ = child.kill();
    let _ = child.wait();
    count.is_ok_and(|count| count > 0)
}

impl Court {
    /// Returns how submissions are kept apart.
    pub(super) fn in_words(&self) -> String {
        let how = match (&self.users, self.has_networks) {
            (Some(_), true) => "Each ran as a user of its own, in a network of its own.",
            (Some(_), false) => "Each ran as a user of its own.",
            (None, _) => "Each ran as you, one after the other: root can keep them apart from you.",
        };
        how.to_owned()
    }

    /// Judges a submission, which is number `place` of the class.
    pub(super) fn judge(&self, place: usize, submission: &Submission) -> Learner {
        let user = self.users.as_ref().map(|users| users[place]);
        let mut learner = Learner::new(&submission.name);
        match self.judge_as(user, place, submission, &mut learner.printed) {
            Ok(judgement) => learner.judgement = judgement,
            Err(error) => learner.why = plain(&format!("{error:#}")),
        }
        end_all_of(user);
        learner
    }

    /// Returns what `cargo lab check` reports of a submission, and keeps what its build has printed.
    fn judge_as(
        &self,
        user: Option<u32>,
        place: usize,
        submission: &Submission,
        printed: &mut Vec<String>,
    ) -> anyhow::Result<Value> {
        let (desk, place_of_its_own) = (Folder::new()?, Folder::new()?);
        // Its neighbours are where nothing else is.
        let home = &place_of_its_own.path().join("home");
        fs::create_dir(home)?;
        lchown(place_of_its_own.path(), user, user)?;
        one_at_a_time(|| submission.copy_to(home, user))?;
        let cell = Cell {
            folder: home.clone(),
            user,
            tasks: TASKS + tasks_of(user),
        };
        if let Some(build) = submission.build(home) {
            let mut command = self.command(&build);
            cell.hold(&mut command);
            let log = desk.path().join("build");
            let file = File::create(&log)?;
            command.stdout(file.try_clone()?);
            let ended = run(command, file, BUILD)?;
            *printed = last_lines(&log)?;
            match ended {
                Some(status) if status.success() => {}
                Some(status) => bail!("`build` failed: {}", suite::ending(status)),
                None => bail!("`build` has not ended in {} s", BUILD.as_secs()),
            }
        }
        let server = submission.command(home)?;
        let (result, log) = (desk.path().join("result.json"), desk.path().join("log"));
        let mut judge = self.command(&self.program);
        judge.args(["check", "--json", "--title", &submission.name]);
        judge
            .arg("--cell")
            .arg(&cell.folder)
            .arg(cell.tasks.to_string());
        judge.args(user.map(|user| user.to_string()));
        if let Some(page) = self.page_of(place, submission) {
            judge.arg("--report").arg(page);
        }
        judge.args(&self.words).args(&self.cases);
        judge.arg("--").args(server).stdout(File::create(&result)?);
        if run(judge, File::create(&log)?, self.limit)?.is_none() {
            bail!("it was given up after {} s", self.limit.as_secs());
        }
        let all: Value = serde_json::from_slice(&fs::read(&result)?).unwrap_or_default();
        match &all["results"][0]["result"] {
            Value::Null => {
                let said = last_lines(&log)?.pop().unwrap_or_default();
                bail!("{}", said.trim_start_matches("lab: "))
            }
            judged => Ok(judged.clone()),
        }
    }

    /// Returns where the page of a submission goes.
    pub(super) fn page_of(&self, place: usize, submission: &Submission) -> Option<PathBuf> {
        let name = format!("{:02}-{}.html", place + 1, submission.name);
        self.pages.as_ref().map(|pages| pages.join(name))
    }

    /// Returns a command that runs in a network of its own, which only root can make: before it is another user.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if self.has_networks {
            network::enter(&mut command);
        }
        command
    }
}

/// Runs a command with its standard error in a file, and returns how it has ended; nothing if that was not in time.
fn run(mut command: Command, log: File, limit: Duration) -> anyhow::Result<Option<ExitStatus>> {
    command.stdin(Stdio::null()).stderr(log);
    Faults::default().prepare(&mut command);
    let name = command.get_program().to_owned();
    let child = start(&mut command);
    let mut child = child.with_context(|| format!("cannot start {}", name.display()))?;
    let began = Instant::now();
    while began.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// Ends all that runs as `user`, at once, so that none of it can make another one meanwhile; or, if that is nobody of its
/// own, all that this process has started, directly or not: then no other submission is there.
fn end_all_of(user: Option<u32>) {
    let Some(user) = user else {
        return kill_descendants(Duration::from_secs(10));
    };
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -KILL -1"]).uid(user).gid(user);
    // It complains when there is nobody.
    let _ = start(kill.stderr(Stdio::null())).and_then(|mut kill| kill.wait());
}

/// Starts a program while no other is being copied.
fn start(command: &mut Command) -> io::Result<Child> {
    one_at_a_time(|| command.spawn())
}

/// Runs what copies a program, or starts one. Until a new process runs its own program, it holds what was open in this
/// one, and a program that somebody has open for writing cannot be started: `ETXTBSY`, execve(2). `spawn` returns after
/// that.
fn one_at_a_time<T>(work: impl FnOnce() -> T) -> T {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// Returns how many processes and threads count against a limit of `user`'s before anything is started.
fn tasks_of(user: Option<u32>) -> u64 {
    let own = user.unwrap_or_else(|| geteuid().as_raw());
    let its = tasks_by_user().filter(|(user, _)| *user == own);
    its.map(|(_, tasks)| tasks).sum()
}

/// Returns the last lines of a file that a stranger may have filled.
fn last_lines(path: &Path) -> anyhow::Result<Vec<String>> {
    const MOST: usize = 40;
    let (mut file, mut end) = (File::open(path)?, Vec::new());
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(16 << 10)))?;
    file.read_to_end(&mut end)?;
    let text = String::from_utf8_lossy(&end);
    let lines: Vec<String> = text.lines().map(plain).collect();
    Ok(lines[lines.len().saturating_sub(MOST)..].to_vec())
}
