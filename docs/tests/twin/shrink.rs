//! The smallest scenario that still shows what is wrong.

/// Leaves out steps for as long as what is left is still wrong: long pieces first, then one at a time.
pub(crate) fn shrink(
    mut steps: Vec<String>,
    is_wrong: impl Fn(&[String]) -> anyhow::Result<bool>,
) -> anyhow::Result<Vec<String>> {
    let mut length = steps.len().div_ceil(2);
    while length > 0 {
        let mut start = 0;
        let mut found = false;
        while start < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(start..(start + length).min(steps.len()));
            if is_wrong(&fewer)? {
                steps = fewer;
                found = true;
            } else {
                start += length;
            }
        }
        if !(found && length == 1) {
            length /= 2;
        }
    }
    Ok(steps)
}
