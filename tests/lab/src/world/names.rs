//! Finds things by a part of their names.

use anyhow::ensure;

/// Returns the items of `all` that have one of `parts` in one of their names, or all items if there are no parts. Fails
/// if a part matches nothing: `nothing` begins that message, and the first names end it.
pub(crate) fn wanted<T, const N: usize>(
    all: Vec<T>,
    parts: &[String],
    names: impl Fn(&T) -> [&'static str; N],
    nothing: &str,
) -> anyhow::Result<Vec<T>> {
    let is = |item: &T, part: &String| names(item).iter().any(|name| name.contains(part.as_str()));
    for part in parts {
        let first = all.iter().filter_map(|item| names(item).first().copied());
        let known = first.collect::<Vec<&str>>().join(", ");
        ensure!(
            all.iter().any(|item| is(item, part)),
            "{nothing} called {part}; the names are {known}"
        );
    }
    let is_wanted = |item: &T| parts.is_empty() || parts.iter().any(|part| is(item, part));
    Ok(all.into_iter().filter(is_wanted).collect())
}
