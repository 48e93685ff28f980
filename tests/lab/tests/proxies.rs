//! The proxy contract on proxies that were not written here: each keeps it, but for what the book's page on the proxy says
//! of it (docs/chapters/proxy.md, "What real proxies do").

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Returns the cases that a proxy fails, with what was seen.
fn failed(proxy: &[&str]) -> Vec<(String, String)> {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    // Some of these proxies never do what they are asked for: there is no need to wait for long.
    let short = (8 * suite::slowness()).to_string();
    lab.args([
        "check",
        "--json",
        "--as",
        "proxy",
        "--patience",
        &short,
        "--",
    ]);
    let output = lab.args(proxy).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run the lab: {error}"));
    let all: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let report = &all["results"][0]["result"];
    let cases = report["cases"].as_array().cloned().unwrap_or_default();
    assert!(cases.len() > 20, "{report:#}");
    let of = |case: &Value| {
        let seen = case["outcome"]["failed"]["seen"].as_str()?;
        Some((case["case"].as_str()?.to_owned(), seen.to_owned()))
    };
    cases.iter().filter_map(of).collect()
}

#[track_caller]
fn fails_only(proxy: &[&str], stated: &[&str]) {
    let failed = failed(proxy);
    let names: BTreeSet<&str> = failed.iter().map(|(case, _)| case.as_str()).collect();
    assert_eq!(names, stated.iter().copied().collect(), "{failed:#?}");
}

#[test]
#[ignore = "needs haproxy"]
fn haproxy_keeps_the_contract_but_for_what_the_page_says() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/right/haproxy.sh");
    let stated = [
        "p03_reset_after_half_close",
        "p03_reset_of_the_backend",
        "p09_out_of_descriptors",
        "p10_sigterm",
        "p10_within_two_seconds",
    ];
    let script = script.to_string_lossy();
    fails_only(&["sh", &script, "{addr}", "{backend}"], &stated);
}

#[test]
#[ignore = "needs socat"]
fn socat_keeps_the_contract_but_for_what_the_page_says() {
    let stated = [
        "p03_reset_after_half_close",
        "p03_reset_of_the_backend",
        "p03_reset_of_the_client",
        "p03_reset_while_held_back",
        "p10_sigterm",
        "p10_within_two_seconds",
    ];
    let listen = "TCP-LISTEN:{port},bind={ip},fork,reuseaddr,backlog=4096";
    fails_only(&["socat", listen, "TCP:{backend}"], &stated);
}
