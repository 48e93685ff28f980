//! The pages of a class.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// There is an index, and each learner's page, and nothing in them is what a submission has written, but as text.
pub(super) fn are_there(pages: &Path, learners: &[Value]) {
    let files: BTreeSet<String> = (fs::read_dir(pages).unwrap())
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let named = learners
        .iter()
        .map(|one| one["page"].as_str().unwrap().to_owned());
    assert_eq!(files, named.chain(["index.html".to_owned()]).collect());
    let read = |name: &str| fs::read_to_string(pages.join(name)).unwrap();
    for file in &files {
        let page = read(file);
        assert!(!page.contains("<script") && !page.contains("<b>"), "{file}");
        assert!(
            file == "index.html" || read("index.html").contains(&format!("<a href=\"{file}\">"))
        );
    }
    assert!(read("29-29-crash.html").contains("&lt;b&gt;no way"));
    let page = read("13-13-short-writes.html");
    // Thirty tabs of a browser are told apart.
    assert!(page.contains("<title>13-short-writes, seen from outside ·"));
    let link = "contract.html#e05_writes_all_then_reads\">The rule in the contract</a>";
    assert!(
        page.contains(link) && page.contains(" bytes are missing"),
        "{page}"
    );
}
