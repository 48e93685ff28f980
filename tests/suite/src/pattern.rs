//! Bytes that show where they belong.

use std::sync::OnceLock;

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
pub fn assert_same(sent: &[u8], back: &[u8]) {
    if sent == back {
        return;
    }
    let at = sent
        .iter()
        .zip(back)
        .take_while(|(sent, back)| sent == back)
        .count();
    panic!(
        "{} bytes sent, {} came back, the same up to byte {at}:\n  sent      {}\n  came back {}",
        sent.len(),
        back.len(),
        preview(&sent[at..]),
        preview(&back[at..]),
    );
}

/// A few words about some bytes, for a message.
pub(crate) fn preview(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => "nothing".into(),
        length @ ..=16 => format!("{length} bytes {bytes:02x?}"),
        length => format!("{length} bytes {:02x?}…", &bytes[..16]),
    }
}
