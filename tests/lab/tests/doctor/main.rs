//! The doctor: each condition is made for real, or the files of another machine tell of it. Without it, nothing is said.

mod elsewhere;
mod here;
mod mail;
mod refused;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;
use tempfile::TempDir;

const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// The CPU's list on a machine of this kind, and on one of the other, where this program would be emulated.
const CPUS: [&str; 2] = match cfg!(target_arch = "x86_64") {
    true => ["vendor_id\t: AuthenticAMD", "CPU implementer\t: 0x61"],
    false => ["CPU implementer\t: 0x61", "vendor_id\t: AuthenticAMD"],
};

/// The files of a machine on which all is well.
const FILES: [(&str, &str); 12] = [
    ("proc/cpuinfo", CPUS[0]),
    ("proc/meminfo", "MemTotal: 16000000 kB\n"),
    ("proc/self/cgroup", "0::/user/me\n"),
    ("proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/a rw\n"),
    ("proc/self/status", "Name:\tlab\nUid:\t1000\t1000\n"),
    ("proc/sys/kernel/osrelease", "6.18.0-1-amd64\n"),
    ("proc/sys/kernel/pid_max", "32768\n"),
    ("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n"),
    ("proc/sys/net/ipv4/tcp_congestion_control", "cubic\n"),
    ("proc/sys/net/ipv4/tcp_max_tw_buckets", "65536\n"),
    ("proc/sys/net/ipv4/tcp_mem", "190000\t250000\t380000\n"),
    ("sys/fs/cgroup/user/me/pids.max", "max\n"),
];

/// Makes the doctor look at a machine with these files, some of which replace those of a machine on which all is well.
fn elsewhere(files: &[(&str, &str)]) -> anyhow::Result<(TempDir, Command)> {
    let folder = TempDir::new()?;
    for (file, text) in FILES.iter().chain(files) {
        let file = folder.path().join(file);
        fs::create_dir_all(file.parent().context("a file without a folder")?)?;
        fs::write(file, text)?;
    }
    let mut command = Command::new(LAB);
    command.env("MACHINE_ROOT", folder.path());
    Ok((folder, command))
}

/// What the doctor has said.
struct Said {
    result: Value,
    text: String,
}

impl Said {
    /// Lets the doctor look, and makes sure that its lines are short, say what to do, and fit its exit code.
    fn by(mut command: Command) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777))?;
        let report = folder.path().join("report.json");
        let output = command.args(["doctor", "--report"]).arg(&report).output()?;
        let text = String::from_utf8(output.stdout)?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(errors.is_empty(), "{errors}");
        for line in text
            .lines()
            .filter(|line| !line.starts_with("The report is in "))
        {
            ensure!(line.chars().count() <= 80, "too long: {line}");
        }
        let all: Value = serde_json::from_str(&fs::read_to_string(report)?)?;
        let said = Self {
            result: all["results"][0]["result"].clone(),
            text,
        };
        let findings = said.result["findings"].as_array().context("no findings")?;
        for finding in findings.iter().filter(|finding| finding["state"] != "fine") {
            ensure!(
                finding["advice"]
                    .as_str()
                    .is_some_and(|advice| advice.contains(' ')),
                "no advice: {finding}"
            );
        }
        let is_missing = findings.iter().any(|finding| finding["state"] == "missing");
        ensure!(
            output.status.code() == Some(is_missing.into()),
            "{}: {}",
            output.status,
            said.text
        );
        Ok(said)
    }

    /// Makes sure that `what` has this state, and that `words` were said of it.
    fn expect(&self, what: &str, state: &str, words: &str) -> anyhow::Result<()> {
        let findings = self.result["findings"].as_array().context("no findings")?;
        let finding = findings.iter().find(|finding| finding["what"] == what);
        let finding = finding.with_context(|| format!("nothing on {what}: {findings:#?}"))?;
        ensure!(
            finding["state"] == state,
            "{state} was expected: {finding:#}"
        );
        let said = format!("{} {}", finding["seen"], finding["advice"]);
        ensure!(said.contains(words), "`{words}` was expected: {finding:#}");
        Ok(())
    }
}
