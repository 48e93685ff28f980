//! The chapters of the course: of each its lesson, the experiments that decide its claims, and its specimens.

pub mod ch00_sockets;
pub mod ch01_blocking;
pub mod ch02_fork;
pub mod ch03_thread;
pub mod ch04_select;
pub mod ch05_poll;
pub mod ch06_epoll_lt;
pub mod ch07_epoll_et;
pub mod ch08_mmap;

use std::sync::LazyLock;

use crate::course::{Chapter, Claim, statements};
use crate::world::SpecimenMain;

/// All of them, in the order of the course.
pub const CHAPTERS: [Chapter; 9] = [
    ch00_sockets::CHAPTER,
    ch01_blocking::CHAPTER,
    ch02_fork::CHAPTER,
    ch03_thread::CHAPTER,
    ch04_select::CHAPTER,
    ch05_poll::CHAPTER,
    ch06_epoll_lt::CHAPTER,
    ch07_epoll_et::CHAPTER,
    ch08_mmap::CHAPTER,
];

/// Returns all claims by number, each with the number of its chapter.
///
/// # Panics
///
/// If a statement of the book cannot be read, or nothing decides it.
pub fn claims() -> Vec<(u8, &'static Claim)> {
    static CLAIMS: LazyLock<Vec<(u8, Claim)>> = LazyLock::new(|| {
        let experiments = CHAPTERS.iter().flat_map(|chapter| chapter.claims);
        let experiments: Vec<_> = experiments.copied().collect();
        let mut all = statements(&experiments).unwrap_or_else(|error| panic!("{error:#}"));
        all.sort_by_key(|(_, claim)| claim.number);
        all
    });
    CLAIMS
        .iter()
        .map(|(chapter, claim)| (*chapter, claim))
        .collect()
}

/// Returns the specimens of all chapters, by name.
pub(crate) fn specimens() -> impl Iterator<Item = (&'static str, SpecimenMain)> {
    CHAPTERS
        .iter()
        .flat_map(|chapter| chapter.specimens)
        .copied()
}
