//! The chapters of the course, each with its lesson, the experiments that decide its claims, and its specimens.

mod ch00_sockets;
mod ch01_blocking;
mod ch02_fork;
mod ch03_thread;
mod ch04_select;
mod ch05_poll;
mod ch06_epoll_lt;
mod ch07_epoll_et;
mod ch08_mmap;

use std::sync::LazyLock;

use crate::course::{Chapter, Claim, statements};
use crate::world::SpecimenMain;

/// All of them, in the order of the course.
pub static CHAPTERS: LazyLock<[Chapter; 9]> = LazyLock::new(|| {
    [
        ch00_sockets::chapter(),
        ch01_blocking::chapter(),
        ch02_fork::chapter(),
        ch03_thread::chapter(),
        ch04_select::chapter(),
        ch05_poll::chapter(),
        ch06_epoll_lt::chapter(),
        ch07_epoll_et::chapter(),
        ch08_mmap::chapter(),
    ]
});

/// Returns all claims by number, each with the number of its chapter.
///
/// # Panics
///
/// Panics if a statement of the book cannot be parsed, or if nothing decides it.
pub fn claims() -> Vec<(u8, &'static Claim)> {
    static CLAIMS: LazyLock<Vec<(u8, Claim)>> = LazyLock::new(|| {
        let experiments = CHAPTERS.iter().flat_map(|chapter| chapter.claims);
        let experiments: Vec<_> = experiments.copied().collect();
        let mut all = statements(&experiments).unwrap_or_else(|error| panic!("{error:#}"));
        all.sort_by_key(|(_, claim)| claim.number);
        all
    });
    let claims = CLAIMS.iter();
    claims.map(|(chapter, claim)| (*chapter, claim)).collect()
}

/// Returns the specimens of all chapters, by name.
pub(crate) fn specimens() -> impl Iterator<Item = (&'static str, SpecimenMain)> {
    let chapters = CHAPTERS.iter();
    chapters.flat_map(|chapter| chapter.specimens).copied()
}
