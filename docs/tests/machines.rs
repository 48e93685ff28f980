//! What a machine needs stands in several places: in the text, in the container, in what CI runs. They agree.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use anyhow::{Context, ensure};
use book::{chapters, read, workspace};
use regex::Regex;
use serde_json::Value;

/// Returns the packages that a text has apt install, in the first command that names this one.
fn packages(text: &str, one: &str) -> anyhow::Result<BTreeSet<String>> {
    let unbroken = text.replace("\\\n", " ");
    let command = Regex::new(r"(?m)apt(?:-get)? install\b([^&|\n`]*)")?;
    let mut commands = command
        .captures_iter(&unbroken)
        .map(|found| found[1].to_owned());
    let line = commands.find(|words| words.split_whitespace().any(|word| word == one));
    let line = line.with_context(|| format!("nothing installs {one}"))?;
    let words = line
        .split_whitespace()
        .filter(|word| !word.starts_with('-'));
    Ok(words.map(ToOwned::to_owned).collect())
}

/// Returns the oldest Rust that the workspace compiles with, as `1.88`.
fn oldest_rust() -> anyhow::Result<String> {
    let manifest = read(&workspace().join("Cargo.toml"))?;
    let version = manifest.split("rust-version = \"").nth(1);
    let version = version.and_then(|rest| rest.split('"').next());
    Ok(version.context("no rust-version")?.to_owned())
}

#[test]
fn the_same_programs_are_installed_everywhere() -> anyhow::Result<()> {
    let page = packages(&read(&chapters().join("machines.md"))?, "strace")?;
    let mut named = packages(&read(&chapters().join("how-to-use.md"))?, "strace")?;
    // The tests and hunts that use it are skipped without.
    named.insert("python3".to_owned());
    ensure!(
        page == named,
        "machines.md: {page:?}, how-to-use.md: {named:?}"
    );
    let dockerfile = read(&workspace().join(".devcontainer/Dockerfile"))?;
    let mut container = packages(&dockerfile, "strace")?;
    // Your own machine has it.
    container.remove("sudo");
    ensure!(
        page == container,
        "machines.md: {page:?}, the container: {container:?}"
    );
    Ok(())
}

#[test]
fn the_container_is_one_that_an_editor_can_open() -> anyhow::Result<()> {
    let folder = workspace().join(".devcontainer");
    let settings: Value = serde_json::from_str(&read(&folder.join("devcontainer.json"))?)?;
    let dockerfile = settings["build"]["dockerfile"].as_str();
    let dockerfile = read(&folder.join(dockerfile.context("no Dockerfile is named")?))?;
    let user = settings["remoteUser"].as_str().context("no user")?;
    ensure!(dockerfile.contains(&format!("useradd --create-home --shell /bin/bash {user}")));
    ensure!(dockerfile.ends_with(&format!("USER {user}\n")));
    let image = format!("\nFROM docker.io/library/rust:{}.", oldest_rust()?);
    ensure!(dockerfile.contains(&image), "the image is not {image:?}");
    // What the page has a person without an editor type is what the editor does.
    let page = read(&chapters().join("machines.md"))?;
    let typed = page.lines().find(|line| line.starts_with("docker run "));
    let typed = typed.context("no docker run")?;
    for (setting, option) in [
        ("capAdd", "--cap-add "),
        ("securityOpt", "--security-opt "),
        ("runArgs", ""),
    ] {
        let values = settings[setting].as_array().context(setting)?;
        for value in values.iter().filter_map(Value::as_str) {
            let words = format!(
                "{option}{}",
                value.replacen('=', " ", usize::from(option.is_empty()))
            );
            ensure!(
                typed.contains(&words),
                "the page's docker run lacks {words}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_forge_runs_what_has_to_pass() -> anyhow::Result<()> {
    let workflow = read(&workspace().join(".github/workflows/ci.yml"))?;
    let oldest = format!("container: rust:{}.", oldest_rust()?);
    for line in [
        "runner: [ubuntu-24.04, ubuntu-24.04-arm]",
        "runs-on: ${{ matrix.runner }}",
        "- run: .ci/run\n",
        &oldest,
    ] {
        ensure!(workflow.contains(line), "ci.yml lacks {line:?}");
    }
    Ok(())
}

/// A server that has one page, and of the others says that they are not there.
fn serve_one_page(listener: TcpListener) {
    for stream in listener.incoming() {
        // A client that fails is the test's to notice.
        let _ = stream.and_then(answer);
    }
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut first = String::new();
    let mut request = BufReader::new(stream.try_clone()?);
    request.read_line(&mut first)?;
    let mut line = String::new();
    while request.read_line(&mut line)? > 2 {
        line.clear();
    }
    let status = match first.contains(" /there ") {
        true => "200 OK",
        false => "404 Not Found",
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

#[test]
fn a_dead_link_is_named() -> anyhow::Result<()> {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("SKIPPED: there is no curl");
        return Ok(());
    }
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = listener.local_addr()?;
    thread::spawn(|| serve_one_page(listener));
    let folder = tempfile::tempdir()?;
    let text = folder.path().join("text.md");
    let live = format!("[a](http://{server}/there#place) and <http://{server}/there>\n");
    let run = |content: &str| -> anyhow::Result<_> {
        fs::write(&text, content)?;
        let output = Command::new(workspace().join(".ci/links"))
            .arg(&text)
            .output()?;
        Ok((output.status.code(), String::from_utf8(output.stdout)?))
    };
    let (code, said) = run(&live)?;
    ensure!(
        (code, &*said) == (Some(0), "1 links, 0 dead, 0 refused\n"),
        "{code:?} {said}"
    );
    let (code, said) = run(&format!("{live}[b](http://{server}/gone(2))\n"))?;
    let expected = format!("DEAD 404 http://{server}/gone(2)\n2 links, 1 dead, 0 refused\n");
    ensure!(
        (code, said.as_str()) == (Some(1), expected.as_str()),
        "{code:?} {said}"
    );
    Ok(())
}
