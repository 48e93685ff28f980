//! The folder of the learner's own: progress, and everything that a command has ever replaced.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

/// How long a command waits for another one that changes something.
const PATIENCE: Duration = Duration::from_secs(5);

/// A folder at the top of the checkout, which git ignores.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// Keeps other commands from changing anything, until it is dropped. The kernel ends it with its process.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, and never looked at")] Flock<File>);

impl Store {
    /// Opens the folder of the checkout at `workspace`, and creates it if it is not there.
    ///
    /// # Errors
    ///
    /// Returns the errors of mkdir(2) and of [`replace`].
    pub fn open(workspace: &Path) -> anyhow::Result<Self> {
        let folder = workspace.join(".practice");
        create_folder(&folder)?;
        // The folder itself says that git ignores it, also in a checkout whose .gitignore is another one.
        let ignore = folder.join(".gitignore");
        if !ignore.is_file() {
            replace(&ignore, "*\n")?;
        }
        Ok(Self { folder })
    }

    /// Returns the path of something in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Waits until no other command changes anything, and keeps it so.
    ///
    /// # Errors
    ///
    /// Returns the errors of open(2), and an error if another command has not ended after a few seconds.
    pub fn lock(&self) -> anyhow::Result<Lock> {
        let path = self.path("lock");
        let open = OpenOptions::new().create(true).append(true).open(&path);
        let mut file = open.with_context(|| format!("cannot open {}", path.display()))?;
        let end = Instant::now() + PATIENCE;
        loop {
            file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => return Ok(Lock(lock)),
                Err((file, Errno::EWOULDBLOCK | Errno::EINTR)) if Instant::now() < end => file,
                Err((_, Errno::EWOULDBLOCK)) => bail!(
                    "another `cargo lab task` or `cargo lab hunt` is changing files: wait until it has ended"
                ),
                Err((_, errno)) => bail!("cannot lock {}: {errno}", path.display()),
            };
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Keeps `text`, which was in `file`, under `what`, such as `04.2`. Returns where it is. What was kept before
    /// stays; the same text is not kept twice in a row.
    ///
    /// # Errors
    ///
    /// Returns the errors of the file system.
    pub fn keep(&self, what: &str, file: &Path, text: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join("kept").join(what);
        create_folder(&folder)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let path = |number: usize| folder.join(format!("{number}-{name}"));
        let next = (1..).find(|number| !path(*number).exists()).unwrap_or(1);
        let last = path(next - 1);
        if fs::read_to_string(&last).is_ok_and(|kept| kept == text) {
            return Ok(last);
        }
        replace(&path(next), text)?;
        Ok(path(next))
    }
}

/// Creates a folder, and those above it.
///
/// # Errors
///
/// Returns the errors of mkdir(2), with the path.
pub fn create_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

/// Puts `text` in the place of the file at `path`, all at once: whatever happens meanwhile, a full disk or a crash,
/// the file has either the old text or the new one.
///
/// # Errors
///
/// Returns the errors of the file system, with the path. The old text is still there then.
pub fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    /// Two threads of one process, such as two tests, may replace the same file.
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Relaxed));
    let new = path.with_file_name(format!(".{name}.{process}-{number}.new"));
    let written = write_and_rename(&new, path, text);
    if written.is_err() {
        // It may not even have been created.
        let _ = fs::remove_file(&new);
    }
    written.with_context(|| format!("cannot write {}; nothing was changed in it", path.display()))
}

fn write_and_rename(new: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::create(new)?;
    file.write_all(text.as_bytes())?;
    match fs::metadata(path) {
        Ok(old) => file.set_permissions(fs::Permissions::from_mode(old.permissions().mode()))?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    file.sync_all()?;
    fs::rename(new, path)?;
    // The name is on the disk once its folder is.
    File::open(path.parent().unwrap_or(path))?.sync_all()
}
