//! Masks as words, as a scenario has them.

/// The bits of a mask, in the order in which they are named.
const NAMES: [(u32, &str); 9] = [
    (libc::EPOLLIN as u32, "in"),
    (libc::EPOLLPRI as u32, "pri"),
    (libc::EPOLLOUT as u32, "out"),
    (libc::EPOLLERR as u32, "err"),
    (libc::EPOLLHUP as u32, "hup"),
    (libc::EPOLLRDHUP as u32, "rdhup"),
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
