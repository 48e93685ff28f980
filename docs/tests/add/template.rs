//! The templates: one of each kind, as somebody would write it.

/// Something that is added, and the files that it needs.
pub(crate) struct Template {
    /// What it is, as the table of the chapter has it.
    pub(crate) kind: &'static str,
    /// The most files that it may need.
    pub(crate) most: usize,
    /// The changes, in the order of the files.
    pub(crate) changes: &'static [Change],
}

/// A change of one file.
pub(crate) struct Change {
    pub(crate) file: &'static str,
    /// The line that the text goes below, the first one that begins so; none if the file is a new one. A text that is no
    /// whole line goes behind these words.
    pub(crate) below: Option<&'static str>,
    pub(crate) text: &'static str,
}

/// The case that is added.
pub(crate) const CASE: &str = "e18_template";

pub(crate) const TEMPLATES: [Template; 4] = [
    Template {
        kind: "a case",
        most: 3,
        changes: &[
            Change {
                file: "tests/suite/src/cases/bytes.rs",
                below: Some("use crate::{"),
                text: r#"
/// A template: a client is answered twice.
pub fn e18_template(subject: &Subject) {
    let server = subject.start();
    let client = server.connect();
    client.echo(b"once");
    client.echo(b"and again");
}
"#,
            },
            Change {
                file: "tests/suite/src/cases/mod.rs",
                below: Some("    e17_one_gibibyte"),
                text: "    e18_template\n",
            },
            Change {
                file: "tests/suite/src/meaning/table.rs",
                below: Some("pub(super) const MEANINGS"),
                text: "    (\"e18_template\", meaning(\"A client is answered twice.\", &[(1, ECHO)])),\n",
            },
        ],
    },
    Template {
        kind: "an experiment",
        most: 2,
        changes: &[
            Change {
                file: "tests/lab/src/chapters/ch05_poll/mod.rs",
                below: Some("use crate::{Evidence, Lab};"),
                text: r#"
/// A template: counts the sockets of stage 5, before a client comes and after.
fn template(lab: &Lab, evidence: &mut Evidence) -> anyhow::Result<()> {
    let server = lab.start(5)?;
    let sockets = || server.process().sockets().len();
    evidence.count("sockets of a server without clients", sockets(), 1);
    let client = server.connect();
    client.echo(b"a word");
    evidence.count("its sockets with one client", sockets(), 2);
    Ok(())
}
"#,
            },
            Change {
                file: "tests/lab/src/chapters/ch05_poll/mod.rs",
                below: Some("                limits::refusals,"),
                text: "                template,\n",
            },
            Change {
                file: "tests/lab/src/chapters/ch05_poll/lesson.md",
                below: Some("4. What poll refuses, and what it answers about a closed descriptor"),
                text: "5. A template: one client comes to stage 5\n",
            },
        ],
    },
    Template {
        kind: "a statement",
        most: 3,
        changes: &[
            Change {
                file: "tests/lab/src/chapters/ch05_poll/mod.rs",
                below: Some(
                    "        claims: &[(33, no_limit_but_its_own), (34, limits::before_main)",
                ),
                text: ", (44, template)",
            },
            Change {
                file: "docs/chapters/05-poll.md",
                below: Some("## Sources"),
                text: "\nA template needs two sockets (C44).\n",
            },
            Change {
                file: "docs/chapters/statements.md",
                below: Some("`cargo lab claims C34`"),
                text: r#"
### C44

“A template needs two sockets.” — **true**

The listener is one, and the client is the other.

`cargo lab claims C44`
"#,
            },
        ],
    },
    Template {
        kind: "a fault",
        most: 1,
        changes: &[Change {
            file: "tests/zoo/01-template.patch",
            below: None,
            text: r#"A client is answered once, and then left alone.
Stage: 1
Turns red: e18_template

--- a/01-blocking/src/lib.rs
+++ b/01-blocking/src/lib.rs
@@ -54,7 +54,7 @@
         match retry(|| client.read(&mut buffer))? {
             0 => return Ok(()),
             // One `write` may take only a part (write(2), "partial write"), or be interrupted.
-            received => client.write_all(&buffer[..received])?,
+            received => return client.write_all(&buffer[..received]),
         }
     }
 }
"#,
        }],
    },
];
