//! The words of a scenario: masks, names, and what a wait has found.

/// The bits of a mask, in the order in which they are named.
const NAMES: [(u32, &str); 10] = [
    (libc::EPOLLIN as u32, "in"),
    (libc::EPOLLPRI as u32, "pri"),
    (libc::EPOLLOUT as u32, "out"),
    (libc::EPOLLERR as u32, "err"),
    (libc::EPOLLHUP as u32, "hup"),
    (libc::EPOLLRDHUP as u32, "rdhup"),
    (libc::POLLNVAL as u32, "nval"),
    (libc::EPOLLEXCLUSIVE as u32, "exclusive"),
    (libc::EPOLLONESHOT as u32, "oneshot"),
    (libc::EPOLLET as u32, "et"),
];

/// Returns the mask as words; a bit without a word as a number, so that it is not overlooked.
pub(super) fn words(mask: u32) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = mask;
    for (bit, word) in NAMES {
        if mask & bit != 0 {
            words.push(word.to_owned());
            rest &= !bit;
        }
    }
    if rest != 0 {
        words.push(format!("{rest:#x}"));
    }
    words.join(" ")
}

/// Returns the mask that words name.
pub(super) fn bits<'a>(mut words: impl Iterator<Item = &'a str>) -> anyhow::Result<u32> {
    words.try_fold(0, |mask, word| {
        let bit = NAMES.iter().find(|(_, name)| *name == word);
        let (bit, _) = bit.ok_or_else(|| anyhow::anyhow!("{word} is no event"))?;
        Ok(mask | bit)
    })
}

/// Returns a name as what epoll keeps with an entry: at most eight letters.
pub(super) fn token(name: &str) -> u64 {
    name.bytes()
        .fold(0, |token, byte| token << 8 | u64::from(byte))
}

/// Returns the name that a token was made of.
pub(super) fn name_of(token: u64) -> String {
    let bytes = token.to_be_bytes();
    let bytes = bytes.iter().filter(|byte| **byte != 0);
    bytes.map(|byte| char::from(*byte)).collect()
}

/// Returns the names that a word stands for: `C1..C3` for C1, C2, C3.
pub(super) fn several(word: &str) -> anyhow::Result<Vec<String>> {
    let Some((first, last)) = word.split_once("..") else {
        return Ok(vec![word.to_owned()]);
    };
    let digits = first.find(|c: char| c.is_ascii_digit());
    let (prefix, from) = first.split_at(digits.unwrap_or(first.len()));
    let (from, to): (u32, u32) = (from.parse()?, last[prefix.len()..].parse()?);
    let names = (from..=to).map(|number| format!("{prefix}{number}"));
    Ok(names.collect())
}

/// Returns what a wait has found as words: `2: A in, B in out`.
pub(super) fn list(found: &[(String, u32)]) -> String {
    let each: Vec<_> = found
        .iter()
        .map(|(name, mask)| format!("{name} {}", words(*mask)))
        .collect();
    let colon = if each.is_empty() { "" } else { ": " };
    format!("{}{colon}{}", found.len(), each.join(", "))
}
