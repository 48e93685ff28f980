//! Other machines, of which files tell.

use anyhow::ensure;

use super::{CPUS, Said, elsewhere};

/// The file, its text, and what is said.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[test]
#[rustfmt::skip]
fn another_machine_is_known_by_its_files() -> anyhow::Result<()> {
    const KERNEL: &str = "proc/sys/kernel/osrelease";
    const MOUNTS: &str = "proc/self/mountinfo";
    const CASES: [Case; 21] = [
        (KERNEL, "5.10.0-30-amd64\n", "kernel", "missing", "CLOSE_RANGE_CLOEXEC since Linux 5.11"),
        (KERNEL, "4.4.0-19041-Microsoft\n", "kernel", "missing", "wsl --set-version NAME 2"),
        (KERNEL, "5.10.16.3-microsoft-standard-WSL2\n", "kernel", "missing", "wsl --update"),
        ("proc/cpuinfo", CPUS[1], "architecture", "limited", "emulated"),
        ("proc/sys/net/ipv4/ip_local_port_range", "32768\t40000\n", "ports", "limited", "7,233 to choose from"),
        ("proc/sys/kernel/pid_max", "2048\n", "tasks", "limited", "2,048 (kernel.pid_max)"),
        ("sys/fs/cgroup/user/me/pids.max", "512\n", "tasks", "limited", "512 (pids.max: docker run --pids-limit"),
        ("sys/fs/cgroup/user/pids.max", "600\n", "tasks", "limited", "600 (pids.max"),
        ("proc/sys/net/ipv4/tcp_max_tw_buckets", "1024\n", "TIME_WAIT", "limited", "room for 1,024"),
        ("proc/sys/net/ipv4/tcp_mem", "22000\t30000\t44000\n", "TCP memory", "limited", "stalled clients"),
        ("proc/net/sockstat", "TCP: inuse 9 orphan 0 tw 0 alloc 9 mem 180000\n", "TCP memory", "limited", "stalled clients"),
        ("proc/sys/net/ipv4/tcp_congestion_control", "vegas\n", "congestion control", "limited", "vegas"),
        (MOUNTS, "1 0 8:1 / / rw - ext4 a rw\n2 1 0:9 / /tmp rw - tmpfs a rw\n", "temporary files", "limited", "set TMPDIR"),
        (MOUNTS, "1 0 0:9 / / rw - 9p C:\\134 rw\n", "file system", "limited", "Clone the course into a folder of Linux"),
        (MOUNTS, "1 0 0:9 / / rw shared:1 - virtiofs mac rw\n", "file system", "limited", "virtiofs"),
        (MOUNTS, "1 0 0:9 / / rw - vboxsf host rw\n", "file system", "limited", "vboxsf"),
        (MOUNTS, "1 0 0:9 / / rw - fuse.sshfs a:/ rw\n", "file system", "limited", "fuse.sshfs"),
        (MOUNTS, "1 0 0:9 / / rw - nfs4 a:/ rw\n", "file system", "limited", "nfs4"),
        // What is mounted later hides what was there, and a longer path the shorter one.
        (MOUNTS, "1 0 0:9 / / rw - 9p a rw\n2 0 8:1 / / rw - ext4 a rw\n", "file system", "fine", "ext4"),
        (MOUNTS, "1 0 8:1 / / rw - fuse.fuse-overlayfs a rw\n", "file system", "fine", "fuse-overlayfs"),
        (KERNEL, "5.15.167.4-microsoft-standard-WSL2\n", "kernel", "fine", "WSL2"),
    ];
    let (_folder, command) = elsewhere(&[])?;
    let well = Said::by(command)?;
    let mut complaints = Vec::new();
    for (file, text, what, state, words) in CASES {
        let (_folder, command) = elsewhere(&[(file, text)])?;
        let said = well.expect(what, "fine", "").and(Said::by(command)?.expect(what, state, words));
        complaints.extend(said.err().map(|error| format!("{file}: {text}{error}")));
    }
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    let groups = [("proc/self/cgroup", "8:pids:/\n"), ("sys/fs/cgroup/pids/pids.max", "700\n")];
    let (_folder, command) = elsewhere(&groups)?;
    Said::by(command)?.expect("tasks", "limited", "700 (pids.max")
}

#[test]
fn a_container_is_known_by_its_marks() -> anyhow::Result<()> {
    let short_of_ports = ("proc/sys/net/ipv4/ip_local_port_range", "1\t2\n");
    for (file, text, sign) in [
        ("nothing", "", None),
        (".dockerenv", "", Some("Docker")),
        ("run/.containerenv", "", Some("Podman")),
        ("proc/1/cgroup", "1:cpu:/kubepods/a\n", Some("kubepods")),
        (
            "proc/self/mountinfo",
            "1 0 0:9 / / rw - overlay a rw\n",
            Some("an overlay is its root"),
        ),
    ] {
        let (_folder, command) = elsewhere(&[(file, text), short_of_ports])?;
        let said = Said::by(command)?;
        ensure!(
            said.result["container"].as_str() == sign,
            "{file}: {}",
            said.text
        );
        let words = sign.map_or("is a container".to_owned(), |sign| {
            format!("is a container ({sign})")
        });
        ensure!(
            said.text.contains(&words) == sign.is_some(),
            "{file}: {}",
            said.text
        );
    }
    Ok(())
}
