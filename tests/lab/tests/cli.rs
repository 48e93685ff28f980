//! The program itself: what it says.

pub(crate) mod behind;

use std::fs::File;
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use lab::world::build;
use tempfile::TempDir;

use crate::install;

const LAB: &str = env!("CARGO_BIN_EXE_lab");

fn lab(arguments: &[&str]) -> anyhow::Result<Output> {
    Ok(Command::new(LAB).args(arguments).output()?)
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn without_arguments_it_lists_every_lesson_and_command() -> anyhow::Result<()> {
    let list = stdout(&lab(&[])?);
    for number in 0..=8 {
        assert!(list.contains(&format!("lesson {number:02}")), "{list}");
    }
    for command in [
        "tour", "xray", "claims", "matrix", "scale", "load", "check", "doctor",
    ] {
        assert!(list.contains(command), "no {command} in {list}");
    }
    Ok(())
}

#[test]
fn bad_arguments_are_named() -> anyhow::Result<()> {
    let cases: [&[&str]; 4] = [
        &["lesson", "9"],
        &["claims", "C44"],
        &["lessons"],
        &["--color"],
    ];
    for arguments in cases {
        let output = lab(arguments)?;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let named = arguments.last().copied().unwrap_or_default();
        assert!(stderr(&output).contains(named), "{}", stderr(&output));
    }
    Ok(())
}

#[test]
fn output_fits_into_80_columns_and_is_plain_in_a_pipe() -> anyhow::Result<()> {
    for arguments in [&[][..], &["lesson", "01", "--yes"], &["doctor"]] {
        let text = stdout(&lab(arguments)?);
        assert!(!text.contains('\x1b'), "{text:?}");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert_eq!(line.trim_end(), line, "spaces at the end of a line");
        }
    }
    Ok(())
}

/// clap wraps a text only with its feature `wrap_help`.
#[test]
fn every_help_fits_into_80_columns_in_a_pipe() -> anyhow::Result<()> {
    let mut commands = vec![String::new()];
    let mut next = 0;
    while next < commands.len() {
        let command = commands[next].clone();
        next += 1;
        for option in ["-h", "--help"] {
            let words: Vec<&str> = command.split_whitespace().chain([option]).collect();
            let help = stdout(&lab(&words)?);
            assert!(help.contains("Usage: cargo lab"), "{words:?}: {help}");
            for line in help.lines() {
                assert!(line.chars().count() <= 80, "{words:?}: {line}");
            }
            if option == "--help" {
                let names = subcommands(&help).filter(|name| *name != "help");
                commands.extend(names.map(|name| format!("{command} {name}")));
            }
        }
    }
    assert!(next > 20, "only {next} commands: {commands:?}");
    Ok(())
}

/// Returns the names below `Commands:`.
fn subcommands(help: &str) -> impl Iterator<Item = &str> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let list = list.take_while(|line| !line.is_empty());
    // The rest of a text that is wrapped begins further to the right.
    list.filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty())
}

#[test]
fn json_is_json() -> anyhow::Result<()> {
    let output = lab(&["claims", "C5", "--json"])?;
    let all: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    assert!(all["machine"]["kernel"].is_string(), "{all:#}");
    let result = &all["results"][0];
    assert_eq!(result["kind"], "claim", "{all:#}");
    assert_eq!(result["result"]["number"], 5, "{all:#}");
    Ok(())
}

#[test]
fn a_reader_who_has_enough_is_no_error() -> anyhow::Result<()> {
    let mut child = Command::new(LAB)
        .arg("doctor")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    Ok(())
}

#[test]
fn a_report_that_cannot_be_written_is_one_line() -> anyhow::Result<()> {
    let output = lab(&["doctor", "--report", "/nowhere/report.html"])?;
    assert_eq!(output.status.code(), Some(1));
    let text = stderr(&output);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("cannot write /nowhere/report.html"), "{text}");
    Ok(())
}

#[test]
fn what_cannot_be_printed_is_one_line() -> anyhow::Result<()> {
    let disk = || std::fs::OpenOptions::new().write(true).open("/dev/full");
    for word in ["doctor", "--help", "--version"] {
        let output = Command::new(LAB).arg(word).stdout(disk()?).output()?;
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{word}: {text}");
        let line = "lab: cannot print: No space left on device (os error 28)\n";
        assert_eq!(text, line, "{word}");
    }
    let output = lab(&["doctor", "--report", "/dev/full"])?;
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.starts_with("lab: cannot write /dev/full: "), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    let output = Command::new(LAB)
        .args(["claims", "C99"])
        .stderr(disk()?)
        .output()?;
    assert_eq!(
        output.status.code(),
        Some(2),
        "a standard error that is full"
    );
    Ok(())
}

#[test]
fn without_a_home_and_a_path_it_goes_on() -> anyhow::Result<()> {
    let output = Command::new(LAB).arg("doctor").env_clear().output()?;
    let text = stdout(&output);
    for program in ["nc", "ss", "curl", "python3", "strace"] {
        assert!(text.contains(&format!("!  {program} ")), "{text}");
    }
    assert_eq!(stderr(&output), "");
    // Where the stages are not built.
    let folder = TempDir::new()?;
    let program = folder.path().join("lab");
    install(LAB.as_ref(), &program)?;
    let mut xray = Command::new(program);
    let output = xray.args(["xray", "06"]).env_clear().output()?;
    let text = stderr(&output);
    assert!(
        text.starts_with("lab: cannot run cargo") && text.lines().count() == 1,
        "{text}"
    );
    Ok(())
}

/// What an archive has: programs older than any source, and no Cargo.
#[test]
fn without_sources_programs_are_as_they_should_be() -> anyhow::Result<()> {
    let archive = TempDir::new()?;
    let copies = [
        (LAB.into(), archive.path().join("lab")),
        (build("stage-01")?, archive.path().join("stage-01")),
    ];
    for (program, copy) in &copies {
        install(program, copy)?;
        File::open(copy)?.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    let handed_out = |arguments: &[&str]| {
        let mut lab = Command::new(&copies[0].1);
        let nowhere = archive.path();
        lab.args(arguments).env("PATH", nowhere).env_remove("CARGO");
        lab.env("LAB_WITHOUT_SOURCES", "1").output()
    };
    let xray = handed_out(&["xray", "01"])?;
    assert!(xray.status.success(), "{}", stderr(&xray));
    for command in ["task", "hunt"] {
        let output = handed_out(&[command])?;
        assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
        let line = "lab: a task or a hunt needs a clone of the course\n";
        assert_eq!(stderr(&output), line);
    }
    Ok(())
}

#[test]
fn a_forgotten_word_is_guessed() -> anyhow::Result<()> {
    for (arguments, advice) in [
        (
            &["check", "./nothing"][..],
            "Did you forget `--`? cargo lab check -- ./nothing {addr}",
        ),
        (&["xray"], "For example: cargo lab xray 06"),
    ] {
        let output = lab(arguments)?;
        assert_eq!(output.status.code(), Some(2));
        let text = stderr(&output);
        assert_eq!(text.lines().last(), Some(advice), "{text}");
    }
    Ok(())
}
