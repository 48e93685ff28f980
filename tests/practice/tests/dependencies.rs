//! What a target folder takes over from another one: the packages of a registry, and nothing else.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::ensure;
use practice::dependencies::take_over;

use crate::keeping::Folder;

const LOCK: &str = r#"
[[package]]
name = "stage-05"
version = "0.1.0"
dependencies = [
 "nix",
]

[[package]]
name = "nix"
version = "0.31.3"
source = "registry+https://github.com/rust-lang/crates.io-index"
"#;

/// The files that Cargo makes of a member and of a package, and the target folder's lock.
const MADE: [&str; 8] = [
    ".cargo-lock",
    ".fingerprint/nix-0123456789abcdef/lib-nix",
    ".fingerprint/stage-05-00000000000000aa/lib-stage_05",
    "build/nix-0123456789abcdef/out/made.rs",
    "deps/libnix-0123456789abcdef.rlib",
    "deps/libstage_05-00000000000000aa.rlib",
    "deps/nix-0123456789abcdef.d",
    "stage-05",
];

fn is_of_a_registry(file: &str) -> bool {
    file.contains("-0123456789abcdef")
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    Ok(fs::write(path, text)?)
}

#[test]
fn members_are_not_taken_over() -> anyhow::Result<()> {
    let folder = Folder::new("dependencies")?;
    let (from, to) = (&folder.0.join("one"), &folder.0.join("other"));
    write(&folder.0.join("Cargo.lock"), LOCK)?;
    // What was not compiled yet is no error.
    take_over(&folder.0, from, to)?;
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for name in MADE {
        let path = from.join("debug").join(name);
        write(&path, name)?;
        File::options()
            .write(true)
            .open(path)?
            .set_modified(long_ago)?;
    }
    // Half of a file, as somebody leaves it who is ended.
    write(&to.join("debug").join(MADE[4]), "de")?;
    take_over(&folder.0, from, to)?;
    for name in MADE {
        let file = to.join("debug").join(name);
        ensure!(file.exists() == is_of_a_registry(name), "{name}");
        if file.exists() {
            ensure!(fs::read_to_string(&file)? == name, "{name} has changed");
            ensure!(
                fs::metadata(&file)?.modified()? == long_ago,
                "{name} is new"
            );
        }
    }
    Ok(())
}

/// Cargo writes into its notes: those of one target folder must not be another one's.
#[test]
fn what_cargo_writes_into_is_not_shared() -> anyhow::Result<()> {
    let folder = Folder::new("notes")?;
    let (from, to) = (&folder.0.join("one"), &folder.0.join("other"));
    write(&folder.0.join("Cargo.lock"), LOCK)?;
    for name in MADE {
        write(&from.join("debug").join(name), name)?;
    }
    take_over(&folder.0, from, to)?;
    for name in MADE.into_iter().filter(|name| is_of_a_registry(name)) {
        // The compiler renames a new library to its place.
        if !name.ends_with(".rlib") {
            fs::write(to.join("debug").join(name), "compiled again")?;
            let kept = fs::read_to_string(from.join("debug").join(name))?;
            ensure!(kept == name, "{name} is shared");
        }
    }
    // What is there is left alone.
    take_over(&folder.0, from, to)?;
    let note = fs::read_to_string(to.join("debug").join(MADE[1]))?;
    ensure!(note == "compiled again", "the note is another one");
    Ok(())
}
