//! Begins a target folder with what another one has compiled already.
//!
//! What Cargo compiles of a package from a registry depends on no workspace: the names of the files have a hash of the
//! compiler, the profile and the features. What does not fit is compiled again. A member of the workspace is never
//! taken over: Cargo knows its sources by their times, and those of a copy say nothing.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use anyhow::Context;
use nix::fcntl::{Flock, FlockArg};

/// Where Cargo keeps what it compiles for tests, in a target folder.
const PROFILE: &str = "debug";

/// Brings to the target folder `to` what `from` has, and `to` has not, of the packages that Cargo.lock of `workspace`
/// names with a registry. Brings nothing if the two are on different file systems, because programs and libraries are
/// shared by links.
///
/// Waits for a cargo that compiles into `from`.
///
/// # Errors
///
/// Returns the errors of the file system, with the path.
pub fn take_over(workspace: &Path, from: &Path, to: &Path) -> anyhow::Result<()> {
    let (from, to) = (&from.join(PROFILE), &to.join(PROFILE));
    let Ok(lock) = File::open(from.join(".cargo-lock")) else {
        // Nothing was compiled there.
        return Ok(());
    };
    let lock = Flock::lock(lock, FlockArg::LockShared).map_err(|(_, errno)| errno);
    let _lock = lock.context("cannot wait for cargo")?;
    crate::store::create_folder(to)?;
    if device(from)? != device(to)? {
        return Ok(());
    }
    let packages = from_registries(workspace)?;
    let mut hashes = BTreeSet::new();
    let mut units = Vec::new();
    for unit in names(&from.join(FINGERPRINTS))? {
        let Some((package, hash)) = unit.rsplit_once('-') else {
            continue;
        };
        if packages.contains(package) && !to.join(FINGERPRINTS).join(&unit).exists() {
            hashes.insert(hash.to_owned());
            units.push(unit);
        }
    }
    let (deps, to_deps) = (from.join("deps"), to.join("deps"));
    crate::store::create_folder(&to_deps)?;
    for file in names(&deps)? {
        if hash_of(&file).is_some_and(|hash| hashes.contains(hash)) {
            bring(&deps.join(&file), &to_deps.join(&file))?;
        }
    }
    // The fingerprint is the last: a unit without one is compiled.
    for folder in ["build", FINGERPRINTS] {
        for unit in &units {
            let unit_of = |target: &Path| target.join(folder).join(unit);
            if unit_of(from).is_dir() {
                bring(&unit_of(from), &unit_of(to))?;
            }
        }
    }
    Ok(())
}

/// Where Cargo notes what it has compiled, and from what.
const FINGERPRINTS: &str = ".fingerprint";

/// Returns the number of the file system that a folder is on.
fn device(folder: &Path) -> anyhow::Result<u64> {
    let metadata = fs::metadata(folder).with_context(|| folder.display().to_string())?;
    Ok(metadata.dev())
}

/// Returns the names of the packages that a workspace has from a registry. Its members have no source.
fn from_registries(workspace: &Path) -> anyhow::Result<BTreeSet<String>> {
    let path = workspace.join("Cargo.lock");
    let lock = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let packages = lock.split("[[package]]").skip(1);
    let packages = packages.filter(|package| package.contains("\nsource = \"registry+"));
    let name = |package: &str| {
        let mut lines = package.lines();
        let name = lines.find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        name.map(str::to_owned)
    };
    Ok(packages.filter_map(name).collect())
}

/// Returns the hash in a name such as `libnix-2ad13fc739bd96e8.rlib`.
fn hash_of(file: &str) -> Option<&str> {
    let (name, _) = file.split_once('.')?;
    Some(name.rsplit_once('-')?.1)
}

/// Returns the names of what is in a folder; none if there is no such folder.
fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| folder.display().to_string())?,
    };
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().into_string().ok());
    entries
        .filter_map(|entry| name(entry).transpose())
        .collect()
}

/// Brings a file, or a folder with all that is in it, to `to`.
fn bring(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.is_dir() {
        return bring_file(from, to).with_context(|| format!("cannot bring {}", from.display()));
    }
    crate::store::create_folder(to)?;
    let bring_one = |name: &String| bring(&from.join(name), &to.join(name));
    names(from)?.iter().try_for_each(bring_one)
}

/// Brings a file, with its time, by which Cargo knows whether it is older than what it was made from.
fn bring_file(from: &Path, to: &Path) -> io::Result<()> {
    // It may be half of one, if this was ended amid its work before.
    match fs::remove_file(to) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = fs::metadata(from)?;
    let is_program = file.permissions().mode() & 0o100 != 0;
    let end = from.extension().and_then(OsStr::to_str);
    if is_program || end.is_some_and(|end| ["rlib", "rmeta", "so"].contains(&end)) {
        // The compiler and the linker write a new file and rename it: what has two names is never written into.
        return fs::hard_link(from, to);
    }
    fs::copy(from, to)?;
    let copy = File::options().write(true).open(to)?;
    copy.set_modified(file.modified()?)
}
