//! Tries every task and every hunt in copies of the workspace: each hole, each wrong solution, each symptom.
//!
//! ```text
//! cargo run -p practice -- verify [--stories] [START OF A NUMBER …]
//! ```
//!
//! `04` is the tasks of stage 4, `hunt07` a hunt. Without a number it is all of them, divided among three processes:
//! each waits most of the time.

use std::process::{Command, ExitCode};

use practice::verify::{Share, all};

/// How many processes try all of it.
const PROCESSES: usize = 3;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let verdict = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["verify"] => divide(),
        ["verify", "--share", share] => Ok(share.parse().unwrap_or(0)).and_then(|share| {
            all(
                &[],
                false,
                Share {
                    share,
                    of: PROCESSES,
                },
            )
        }),
        ["verify", "--stories", ..] => all(&words[2..], true, Share::WHOLE),
        ["verify", ..] => all(&words[1..], false, Share::WHOLE),
        _ => {
            eprintln!(
                "practice: cargo run -p practice -- verify [--stories] [START OF A NUMBER …]"
            );
            return ExitCode::from(2);
        }
    };
    match verdict {
        Ok(0) => ExitCode::SUCCESS,
        Ok(faults) => {
            println!("{faults} are not as they should be");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("practice: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Has other processes of this program try a share each. Returns how many of them have found something.
fn divide() -> anyhow::Result<usize> {
    let program = std::env::current_exe()?;
    let start = |share: usize| {
        let mut command = Command::new(&program);
        command
            .args(["verify", "--share", &share.to_string()])
            .spawn()
    };
    let children = (0..PROCESSES).map(start).collect::<Result<Vec<_>, _>>()?;
    let mut faults = 0;
    for mut child in children {
        faults += usize::from(!child.wait()?.success());
    }
    Ok(faults)
}
