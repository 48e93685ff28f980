//! Connections, found by their tokens.

use std::ops::Index;

use crate::Token;

/// Values in a row, each under a token that is never used again.
///
/// Why not under its descriptor? The kernel reuses a descriptor's number as soon as it is free. An event
/// for the old connection may still be in the batch then (epoll(7), "event cache"). So a token is a
/// place and a *generation*, which counts how often the place was emptied.
#[derive(Debug)]
pub struct Slab<T> {
    entries: Vec<Entry<T>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Entry<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Entry<T> {
    fn clear(&mut self) -> Option<T> {
        self.generation = self.generation.wrapping_add(1);
        self.value.take()
    }
}

impl Token {
    /// Returns a token that no slab hands out, for what is watched apart from the connections.
    pub const fn reserved(number: u32) -> Self {
        Self::new(u32::MAX, number)
    }

    const fn new(place: u32, generation: u32) -> Self {
        Self((generation as u64) << 32 | place as u64)
    }

    const fn place(self) -> usize {
        self.0 as u32 as usize
    }

    const fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

impl<T> Slab<T> {
    /// Creates a slab without values.
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Returns how many values are in it.
    pub fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Returns whether no value is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts in a value, and returns its token.
    pub fn insert(&mut self, value: T) -> Token {
        let place = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry {
                generation: 0,
                value: None,
            });
            // There are always fewer descriptors than a u32 can count (proc_sys_fs(5), nr_open).
            (self.entries.len() - 1) as u32
        });
        let entry = &mut self.entries[place as usize];
        entry.value = Some(value);
        Token::new(place, entry.generation)
    }

    /// Returns the value of `token`, unless it was taken out.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        self.entry(token)?.value.as_mut()
    }

    /// Takes out the value of `token`, and returns it.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        let entry = self.entry(token).filter(|entry| entry.value.is_some())?;
        let value = entry.clear();
        self.free.push(token.place() as u32);
        value
    }

    /// Takes out all values for which `keep` returns `false`.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        for (place, entry) in self.entries.iter_mut().enumerate() {
            if entry.value.as_ref().is_some_and(|value| !keep(value)) {
                entry.clear();
                self.free.push(place as u32);
            }
        }
    }

    fn entry(&mut self, token: Token) -> Option<&mut Entry<T>> {
        let entry = self.entries.get_mut(token.place())?;
        (entry.generation == token.generation()).then_some(entry)
    }
}

impl<T> Index<Token> for Slab<T> {
    type Output = T;

    /// Returns the value of `token`.
    ///
    /// # Panics
    ///
    /// Panics if the value was taken out.
    fn index(&self, token: Token) -> &T {
        let entry = &self.entries[token.place()];
        let value = entry.value.as_ref();
        let value = value.filter(|_| entry.generation == token.generation());
        value.unwrap_or_else(|| panic!("{token:?} names a value that was taken out"))
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}
