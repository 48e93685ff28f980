//! Bytes that show where they belong.

use std::sync::OnceLock;

use crate::words::number;

/// `length` bytes (64 KiB at most) from the middle of an endless stream, `offset` bytes from its
/// start. It repeats after a prime number of bytes, so that no two buffers of a usual size are equal.
pub fn pattern(offset: usize, length: usize) -> &'static [u8] {
    const PERIOD: usize = 1_048_573;
    static STREAM: OnceLock<Vec<u8>> = OnceLock::new();
    let stream = STREAM.get_or_init(|| {
        let mut random = fastrand::Rng::with_seed(862);
        let mut bytes = vec![0; PERIOD];
        random.fill(&mut bytes);
        bytes.extend_from_within(..65_536);
        bytes
    });
    &stream[offset % PERIOD..][..length]
}

/// The same bytes, in the same order, and no others; says where they differ.
#[track_caller]
pub fn assert_same(sent: &[u8], back: &[u8]) {
    if sent != back {
        let all = number(sent.len() as u64);
        panic!(
            "of {all} bytes sent, {} came back: {}",
            number(back.len() as u64),
            difference(sent, back, 0)
        );
    }
}

/// Says in what `back` differs from what was sent, which begins `offset` bytes from the start of the stream. What was sent
/// may be longer than what has come back so far.
pub(crate) fn difference(sent: &[u8], back: &[u8], offset: usize) -> String {
    /// No stream has this many equal bytes by chance.
    const SURE: usize = 16;
    let pairs = sent.iter().zip(back);
    let at = pairs.take_while(|(sent, back)| sent == back).count();
    let (expected, seen) = (&sent[at..], &back[at..]);
    let place = number((offset + at) as u64);
    if seen.is_empty() {
        return format!("from byte {place} on the rest is missing");
    }
    if expected.is_empty() {
        return format!(
            "behind byte {place} comes what was not sent: {}",
            preview(seen)
        );
    }
    let window = &seen[..seen.len().min(SURE)];
    let found = |haystack: &[u8], window: &[u8]| {
        let sure = window.len() == SURE;
        let windows = || haystack.windows(window.len());
        sure.then(|| windows().position(|bytes| bytes == window))
            .flatten()
    };
    if let Some(missing) = found(expected, window) {
        return format!(
            "from byte {place} on the stream is shifted: {} bytes are missing",
            number(missing as u64)
        );
    }
    if let Some(more) = found(seen, &expected[..expected.len().min(SURE)]) {
        let more_than_sent = preview(&seen[..more]);
        return format!("before byte {place} comes what was not sent: {more_than_sent}");
    }
    format!(
        "from byte {place} on they differ: sent {}, seen {}",
        preview(expected),
        preview(seen)
    )
}

/// A few words about some bytes, for a message.
pub(crate) fn preview(bytes: &[u8]) -> String {
    const MOST: usize = 24;
    let shown = &bytes[..bytes.len().min(MOST)];
    let text = if shown.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        format!("\"{}\"", String::from_utf8_lossy(shown))
    } else {
        format!("{shown:02x?}")
    };
    match bytes.len() {
        0 => "nothing".into(),
        1 => format!("1 byte {text}"),
        length @ ..=MOST => format!("{length} bytes {text}"),
        length => format!("{} bytes {text}…", number(length as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_said() {
        let sent = pattern(0, 65_536);
        let said = |back: &[u8]| difference(sent, back, 1_000_000);
        assert_eq!(
            said(&sent[..7]),
            "from byte 1,000,007 on the rest is missing"
        );
        let shifted = [&sent[..1_000], &sent[6_000..]].concat();
        let words = "from byte 1,001,000 on the stream is shifted: 5,000 bytes are missing";
        assert_eq!(said(&shifted), words);
        let inserted = [&sent[..1_000], b"hello", &sent[1_000..]].concat();
        let words = "before byte 1,001,000 comes what was not sent: 5 bytes \"hello\"";
        assert_eq!(said(&inserted), words);
        let behind = [sent, b"Bye"].concat();
        let words = "behind byte 1,065,536 comes what was not sent: 3 bytes \"Bye\"";
        assert_eq!(said(&behind), words);
        let other = [&sent[..65_535], &[!sent[65_535]]].concat();
        assert!(said(&other).starts_with("from byte 1,065,535 on they differ: sent 1 byte "));
    }
}
