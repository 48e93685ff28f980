//! What has to be compiled: cargo goes by the times of files, and a program that it wrongly leaves as it is would be judged
//! in place of another.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::ensure;
use practice::compile::Unit;

/// The sources that have changed since they were compiled last.
#[derive(Debug, Default)]
pub(crate) struct Changed(BTreeSet<PathBuf>);

impl Changed {
    /// Notes that a file has changed.
    pub(crate) fn note(&mut self, file: PathBuf) {
        self.0.insert(file);
    }

    /// Takes out the sources of what cargo has compiled.
    ///
    /// # Errors
    ///
    /// Returns an error if it has left something as it was, although a source of it has changed.
    pub(crate) fn compiled(&mut self, units: &[Unit]) -> anyhow::Result<()> {
        for unit in units.iter().filter(|unit| unit.is_fresh) {
            let changed = self.0.iter().find(|file| is_source(unit, file));
            ensure!(
                changed.is_none(),
                "{} {} was not compiled anew, although {changed:?} has changed",
                unit.kind,
                unit.name
            );
        }
        let compiled = |file: &PathBuf| {
            let mut units = units.iter().filter(|unit| !unit.is_fresh);
            units.any(|unit| is_source(unit, file))
        };
        self.0.retain(|file| !compiled(file));
        Ok(())
    }
}

/// Returns whether a file is a source of something, and of nothing that it is built from.
fn is_source(unit: &Unit, file: &Path) -> bool {
    let is_of_a_program = |file: &Path| {
        let below = file.strip_prefix(unit.folder.join("src"));
        below.is_ok_and(|below| below.starts_with("bin") || below == Path::new("main.rs"))
    };
    match unit.kind.as_str() {
        "lib" => file.starts_with(unit.folder.join("src")) && !is_of_a_program(file),
        _ => file == unit.root,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(kind: &str, root: &str, is_fresh: bool) -> Unit {
        Unit {
            package: "p".to_owned(),
            name: "p".to_owned(),
            kind: kind.to_owned(),
            root: root.into(),
            is_fresh,
            program: None,
            folder: "/p".into(),
        }
    }

    fn changed(files: &[&str]) -> Changed {
        Changed(files.iter().map(PathBuf::from).collect())
    }

    #[test]
    fn what_has_changed_must_be_compiled() {
        let old = [unit("lib", "/p/src/lib.rs", true)];
        assert!(changed(&["/p/src/part/a.rs"]).compiled(&old).is_err());
        assert!(changed(&["/p/src/main.rs"]).compiled(&old).is_ok());
        assert!(changed(&["/p/http/src/lib.rs"]).compiled(&old).is_ok());
        let old = [unit("bin", "/p/src/bin/a.rs", true)];
        assert!(changed(&["/p/src/bin/a.rs"]).compiled(&old).is_err());
        assert!(changed(&["/p/src/bin/b.rs"]).compiled(&old).is_ok());
    }

    #[test]
    fn what_was_compiled_has_not_changed_since() -> anyhow::Result<()> {
        let mut changed = changed(&["/p/src/a.rs", "/q/src/a.rs"]);
        changed.compiled(&[unit("lib", "/p/src/lib.rs", false)])?;
        changed.compiled(&[unit("lib", "/p/src/lib.rs", true)])?;
        assert_eq!(changed.0, [PathBuf::from("/q/src/a.rs")].into());
        Ok(())
    }
}
