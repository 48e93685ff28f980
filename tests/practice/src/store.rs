//! The folder of the learner's own: progress, and everything that a command has ever replaced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Error, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
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
    /// Names the folder of the checkout at `workspace`. Nothing is created before something has to be kept.
    pub fn of(workspace: &Path) -> Self {
        Self {
            folder: workspace.join(".practice"),
        }
    }

    fn create(&self) -> anyhow::Result<()> {
        create_folder(&self.folder)?;
        // The folder itself says that git ignores it, even in a checkout whose .gitignore is another one.
        let ignore = self.folder.join(".gitignore");
        if !ignore.is_file() {
            self.replace(&ignore, "*\n")?;
        }
        Ok(())
    }

    /// Returns the path of something in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Waits until no other command changes anything, and keeps it so.
    ///
    /// # Errors
    ///
    /// Returns the errors of mkdir(2) and open(2), and an error if another command has not ended after a few seconds.
    pub fn lock(&self) -> anyhow::Result<Lock> {
        self.lock_within(PATIENCE)
    }

    /// Works like [`lock`](Self::lock), but waits no longer than `patience`.
    ///
    /// # Errors
    ///
    /// Returns those of `lock`.
    pub fn lock_within(&self, patience: Duration) -> anyhow::Result<Lock> {
        self.create()?;
        let path = self.path("lock");
        let open = OpenOptions::new().create(true).append(true).open(&path);
        let mut file = open.map_err(|error| failed("cannot open", &path, &error))?;
        let end = Instant::now() + patience;
        loop {
            file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => {
                    self.remove_unfinished();
                    return Ok(Lock(lock));
                }
                Err((file, Errno::EWOULDBLOCK | Errno::EINTR)) if Instant::now() < end => file,
                Err((_, Errno::EWOULDBLOCK)) => bail!(
                    "another `cargo lab task` or `cargo lab hunt` is changing files: wait until it has ended, and repeat this"
                ),
                Err((_, errno)) => bail!("cannot lock {}: {errno}", path.display()),
            };
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Removes new versions of files that a crash kept from taking their places. The caller has the lock.
    fn remove_unfinished(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            if path.extension().is_some_and(|end| end == UNFINISHED) {
                // The next command tries again.
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Keeps `bytes`, which were in `file`, under `what`, such as `04.2`. Returns where they are. What was kept before
    /// stays; the same bytes are not kept twice in a row.
    ///
    /// # Errors
    ///
    /// Returns the errors of the file system.
    pub fn keep(
        &self,
        what: &str,
        file: &Path,
        bytes: impl AsRef<[u8]>,
    ) -> anyhow::Result<PathBuf> {
        self.create()?;
        let folder = self.folder.join("kept").join(what);
        create_folder(&folder)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let path = |number: usize| folder.join(format!("{number}-{name}"));
        let next = (1..).find(|number| !path(*number).exists()).unwrap_or(1);
        let last = path(next - 1);
        if fs::read(&last).is_ok_and(|kept| kept == bytes.as_ref()) {
            return Ok(last);
        }
        self.replace(&path(next), bytes)?;
        Ok(path(next))
    }

    /// Returns whether a file with these bytes was kept, of any task: then nothing of it can be lost.
    pub fn has(&self, bytes: &[u8]) -> bool {
        let inside = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        let files = inside(&self.folder.join("kept")).flat_map(|kept| inside(&kept.path()));
        let is_it = |path: PathBuf| fs::read(path).is_ok_and(|kept| kept == bytes);
        files.into_iter().any(|file| is_it(file.path()))
    }

    /// Copies a program into the folder `name`, under a name of its own there.
    ///
    /// # Errors
    ///
    /// Returns the errors of the file system, with the path.
    pub fn copy(&self, program: &Path, name: &str, as_what: &str) -> anyhow::Result<()> {
        let folder = self.folder.join(name);
        create_folder(&folder)?;
        let copy = folder.join(as_what);
        let copied = fs::copy(program, &copy).map(drop);
        copied.map_err(|error| {
            // Half of a program is of no use.
            let _ = fs::remove_file(&copy);
            failed("cannot copy the server to", &copy, &error)
        })
    }

    /// Puts `bytes` in the place of the file at `path`, all at once: whatever happens meanwhile, a full disk or a
    /// crash, the file has either the old bytes or the new ones. What a crash leaves behind is in this folder, and not
    /// among the sources.
    ///
    /// # Errors
    ///
    /// Returns the errors of the file system, with the path. The old bytes are still there then.
    pub fn replace(&self, path: &Path, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
        match replace_from(&self.folder, path, bytes.as_ref()) {
            // The folder is on another file system.
            Err(error) if error.kind() == ErrorKind::CrossesDevices => replace(path, bytes),
            Err(error) => Err(failed(CANNOT_WRITE, path, &error)),
            Ok(()) => Ok(()),
        }
    }
}

const CANNOT_WRITE: &str = "nothing was changed, because it is not possible to write";

/// How the names of files end that were not finished.
const UNFINISHED: &str = "new";

/// Says what failed, and what to do about it.
fn failed(what: &str, path: &Path, error: &Error) -> anyhow::Error {
    let advice = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "; make room (`cargo clean` frees much of it), and repeat the command"
        }
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            "; work in a copy that belongs to you: `git clone . ~/course`"
        }
        _ => "",
    };
    anyhow!("{what} {}: {error}{advice}", path.display())
}

/// Creates a folder, and those above it.
///
/// # Errors
///
/// Returns the errors of mkdir(2), with the path.
pub fn create_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).map_err(|error| failed("cannot create", folder, &error))
}

/// Puts `bytes` in the place of the file at `path`, all at once, as [`Store::replace`] does, by way of a file next to it.
///
/// # Errors
///
/// Returns the errors of the file system, with the path. The old bytes are still there then.
pub fn replace(path: &Path, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    replace_from(folder, path, bytes.as_ref()).map_err(|error| failed(CANNOT_WRITE, path, &error))
}

/// Writes the new file into `folder`, and renames it.
fn replace_from(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    /// Two threads of one process, such as two tests, may replace the same file.
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    // A link stays a link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Relaxed));
    let new = folder.join(format!(".{name}.{process}-{number}.{UNFINISHED}"));
    let written = write_and_rename(&new, &path, bytes);
    if written.is_err() {
        // It may not even have been created.
        let _ = fs::remove_file(&new);
    }
    written
}

fn write_and_rename(new: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(new)?;
    file.write_all(bytes)?;
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
