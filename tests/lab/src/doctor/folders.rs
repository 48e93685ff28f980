//! The folders: the course's, and that of temporary files.

use std::path::Path;
use std::process::{Command, Stdio};

use suite::{system, workspace};

use super::Finding;
use super::State::{Fine, Limited, Missing};
use super::findings::{UNSEEN, limited_unless};
use crate::world::Changes;

/// The beginnings of the names of file systems that another machine has a part in: a host's, or a server's.
const SHARED: [&str; 11] = [
    "9p",
    "cifs",
    "drvfs",
    "fakeowner",
    "fuse",
    "nfs",
    "osxfs",
    "prl_fs",
    "smb",
    "vboxsf",
    "virtiofs",
];

/// Looks at the file system: faults on pages that were dropped from the cache need a disk behind it.
pub(super) fn temporary_folder() -> Finding {
    let folder = std::env::temp_dir();
    let system = system::file_system(&folder).unwrap_or_default();
    let state = match tempfile::tempfile() {
        Ok(_) => limited_unless(system != "tmpfs" && !is_shared(&system)),
        Err(_) => Missing,
    };
    Finding::new(format!("{} ({system})", folder.display()), state)
}

pub(super) fn course_folder() -> Finding {
    let folder = workspace().canonicalize();
    let system = system::file_system(folder.as_deref().unwrap_or(Path::new("/")));
    let system = system.unwrap_or(UNSEEN.to_owned());
    let state = limited_unless(!is_shared(&system));
    Finding::new(system, state)
}

/// Returns whether another machine has a part in a file system; containers make one of FUSE from folders that are here.
fn is_shared(system: &str) -> bool {
    let mut shared = SHARED.into_iter();
    system != "fuse.fuse-overlayfs" && shared.any(|name| system.starts_with(name))
}

/// Looks whether git accepts the folder; where there is no git, the list of programs says so.
pub(super) fn clone() -> Finding {
    let mut git = Command::new("git");
    git.args(["rev-parse", "--git-dir"])
        .current_dir(workspace());
    match git.stdin(Stdio::null()).output() {
        Ok(output) if !output.status.success() => {
            let words = String::from_utf8_lossy(&output.stderr);
            let seen = Finding::new(words.lines().next().unwrap_or_default(), Limited);
            match words.contains("dubious ownership") {
                true => seen.advise("the breaks need git, which does not trust this folder: git config --global --add safe.directory '*'"),
                false => seen,
            }
        }
        _ => Finding::new("made by git", Fine),
    }
}

/// Looks for a task that is open, and for a break that was not undone: they make lessons fail.
pub(super) fn checkout() -> Finding {
    Changes::here().question().map_or_else(
        || Finding::new("the stages are as committed", Fine),
        |question| Finding::new(question, Limited),
    )
}
