//! Where faults are made: a copy of the workspace.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use anyhow::{Context, bail};
use nix::fcntl::{Flock, FlockArg};
use practice::compile::{Unit, compile_units};

use crate::changed::Changed;
use crate::commands::{cargo, git, output};
use crate::made::{Judge, Made, copy};
use crate::{Fault, Test, workspace};

/// A copy of the files that git knows of, removed in the end.
#[derive(Debug)]
pub struct Workbench {
    folder: PathBuf,
    target: PathBuf,
    changed: Changed,
    /// The test programs that judge from outside. They know nothing of a library, so that no fault is in them, and each is
    /// compiled once.
    judges: Vec<Judge>,
    /// How many faults were made.
    made: usize,
    /// Held while it is there: two of them would run each other's programs.
    _lock: Flock<File>,
}

/// Which cases a fault is made for.
#[derive(Clone, Copy, Debug)]
pub enum Cases {
    /// Those that it names.
    Named,
    /// All of its stage; of a package of several programs, those of its program.
    All,
}

impl Workbench {
    /// Makes a fresh copy. Copies of different numbers can be used at the same time; one of the same number is waited for.
    ///
    /// # Errors
    ///
    /// If git is not there, or a file cannot be copied.
    pub fn new(number: usize) -> anyhow::Result<Self> {
        // What is compiled once stays for the next time.
        let target = workspace().join("target/zoo").join(number.to_string());
        fs::create_dir_all(&target)?;
        let lock = File::create(target.join("lock"))?;
        let lock = Flock::lock(lock, FlockArg::LockExclusive).map_err(|(_, errno)| errno)?;
        let folder = std::env::temp_dir().join(format!("zoo-{}-{number}", process::id()));
        fs::create_dir_all(&folder)?;
        let workbench = Self {
            // As cargo calls it.
            folder: folder.canonicalize()?,
            target,
            changed: Changed::default(),
            judges: Vec::new(),
            made: 0,
            _lock: lock,
        };
        // What another one left that was killed.
        for folder in ["judges", "made"].map(|name| workbench.target.join(name)) {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir(&folder)?;
        }
        let list = output(git(workspace()).args(["ls-files", "-z"]))?;
        for file in list.split_terminator('\0') {
            let to = workbench.folder.join(file);
            fs::create_dir_all(to.parent().unwrap_or(&workbench.folder))?;
            fs::copy(workspace().join(file), &to).with_context(|| file.to_owned())?;
        }
        Ok(workbench)
    }

    /// Returns the top of the copy.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns Cargo, at the top of the copy. What it compiles stays for the next workbench of this number.
    pub fn cargo(&self) -> Command {
        let mut cargo = cargo(&self.folder);
        cargo
            .env("CARGO_TARGET_DIR", &self.target)
            // Nobody debugs what is made here, and it links in less time.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("RUST_BACKTRACE", "0");
        cargo
    }

    /// Returns a program that [`cargo`](Self::cargo) has built.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// Compiles the test programs that judge these faults from outside, and keeps copies of them. Without it, [`make`]
    /// compiles them for each fault.
    ///
    /// They are compiled in the checkout, where those that run its tests have compiled them already.
    ///
    /// [`make`]: Self::make
    ///
    /// # Errors
    ///
    /// If they cannot be read, do not compile, or cannot be copied.
    pub fn compile_judges(&mut self, faults: &[Fault], cases: Cases) -> anyhow::Result<()> {
        let mut wanted = BTreeSet::new();
        for fault in faults {
            let tests = self.tests(fault, cases)?.into_iter();
            let outside = tests.filter(|test| !needs_own(fault, test, cases));
            wanted.extend(outside.map(|test| (test.package, test.name)));
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let mut tests = cargo(workspace());
        tests.args(["test", "--no-run", "--workspace"]);
        let names: BTreeSet<&String> = wanted.iter().map(|(_, name)| name).collect();
        tests.args(names.iter().flat_map(|name| ["--test", name]));
        let units = compile_units(tests)?;
        let units =
            units.map_err(|errors| anyhow::anyhow!("the tests do not compile:\n{errors}"))?;
        for (package, name) in wanted {
            let mut judge = judge(&units, &package, &name)?;
            let program = self.target.join("judges").join(format!("{package}-{name}"));
            copy(&judge.program, &program)?;
            judge.program = program;
            self.judges.push(judge);
        }
        Ok(())
    }

    /// Makes a fault, builds its servers and the test programs that have to be compiled with them, and takes the fault
    /// back.
    ///
    /// # Errors
    ///
    /// If the patch does not apply, or what it makes does not compile.
    pub fn make(&mut self, fault: &Fault, cases: Cases) -> anyhow::Result<Made> {
        let tests = self.tests(fault, cases)?;
        self.apply(fault, &[])?;
        let made = self.build(fault, &tests, cases);
        self.made += 1;
        self.apply(fault, &["--reverse"])?;
        made.with_context(|| fault.name.clone())
    }

    fn build(&mut self, fault: &Fault, tests: &[Test], cases: Cases) -> anyhow::Result<Made> {
        let kept = |test: &Test| {
            let mut judges = self.judges.iter();
            let of_test = judges.find(|judge| judge.is_of(&test.package, &test.name));
            of_test.filter(|_| !needs_own(fault, test, cases))
        };
        let (outside, own): (Vec<_>, Vec<_>) = tests.iter().partition(|test| kept(test).is_some());
        let servers: BTreeSet<&str> = tests.iter().flat_map(Test::servers).collect();
        let mut cargo = self.cargo();
        if own.is_empty() {
            cargo.args(["build", "--workspace"]);
            cargo.args(servers.iter().flat_map(|server| ["--bin", server]));
        } else {
            // The servers are built for them, too.
            cargo.args(["test", "--no-run", "--workspace"]);
            cargo.args(own.iter().flat_map(|test| ["--test", &test.name]));
        }
        let units = match compile_units(cargo)? {
            Ok(units) => units,
            Err(errors) => bail!("it does not compile:\n{errors}"),
        };
        // A number, because tests make sockets below it, whose paths must be short.
        let mut made = Made::new(self.target.join("made").join(self.made.to_string()))?;
        for server in servers {
            let is_it = |unit: &Unit| unit.kind == "bin" && unit.name == server;
            made.add_server(&program(&units, is_it).with_context(|| server.to_owned())?)?;
        }
        for judge in outside.into_iter().filter_map(kept) {
            made.add_judge(judge.clone());
        }
        for test in own {
            made.add_own_judge(judge(&units, &test.package, &test.name)?)?;
        }
        self.changed.compiled(&units)?;
        Ok(made)
    }

    /// Returns the test programs whose cases are run.
    fn tests(&self, fault: &Fault, cases: Cases) -> anyhow::Result<Vec<Test>> {
        let is_stage = fault.package.starts_with("stage-");
        match cases {
            Cases::All if is_stage => Test::all(&self.folder, &fault.package),
            _ => Ok(vec![Test::read(&self.folder, &fault.package, &fault.test)?]),
        }
    }

    fn apply(&mut self, fault: &Fault, options: &[&str]) -> anyhow::Result<()> {
        let mut apply = git(&self.folder);
        output(apply.arg("apply").args(options).arg(&fault.path))?;
        let files = fault.files.iter().map(|file| self.folder.join(file));
        files.for_each(|file| self.changed.note(file));
        Ok(())
    }
}

impl Drop for Workbench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Returns whether a test program has to be compiled with a fault: because it looks inside, or the fault is in it.
fn needs_own(fault: &Fault, test: &Test, cases: Cases) -> bool {
    let looks_inside = match cases {
        Cases::Named => fault.red.iter().any(|case| test.looks_inside(case)),
        Cases::All => !test.is_outside(),
    };
    looks_inside || !fault.is_of_servers()
}

/// Finds a test program among what was compiled.
fn judge(units: &[Unit], package: &str, name: &str) -> anyhow::Result<Judge> {
    let is_it = |unit: &Unit| unit.kind == "test" && unit.package == package && unit.name == name;
    let place = units.iter().find(|unit| is_it(unit));
    Ok(Judge {
        package: package.to_owned(),
        name: name.to_owned(),
        program: program(units, is_it).with_context(|| format!("{package} {name}"))?,
        place: place.map(|unit| unit.folder.clone()).unwrap_or_default(),
    })
}

/// Finds a program among what was compiled.
fn program(units: &[Unit], is_it: impl Fn(&Unit) -> bool) -> anyhow::Result<PathBuf> {
    let program = units.iter().find(|unit| is_it(unit));
    let program = program.and_then(|unit| unit.program.clone());
    program.context("cargo has not built this program")
}
