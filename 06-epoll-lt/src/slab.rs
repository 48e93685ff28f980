//! Connections, found by their tokens.

use std::io;

use crate::Token;

/// Values in a row, each under a token that is never used again.
///
/// Why not under its descriptor? The kernel gives a number out again as soon as it is free, perhaps
/// while an event for the connection that bore it before is still in the batch (epoll(7), "event
/// cache"). So a token is a place and a *generation*, which counts how often the place was emptied.
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
    /// A token that no slab gives out, for what is watched beside the connections.
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
    /// Makes an empty one.
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Whether there is no value in it.
    pub fn is_empty(&self) -> bool {
        self.entries.len() == self.free.len()
    }

    /// Puts in the value that `make` makes for its token, unless that fails.
    ///
    /// # Errors
    ///
    /// Those of `make`.
    pub fn insert_with(&mut self, make: impl FnOnce(Token) -> io::Result<T>) -> io::Result<()> {
        let place = self.free.last().copied();
        // There are always fewer descriptors than a u32 can count (proc_sys_fs(5), nr_open).
        let place = place.unwrap_or(self.entries.len() as u32);
        let generation = self.entries.get(place as usize).map_or(0, |e| e.generation);
        let value = Some(make(Token::new(place, generation))?);
        match self.free.pop() {
            Some(_) => self.entries[place as usize].value = value,
            None => self.entries.push(Entry { generation, value }),
        }
        Ok(())
    }

    /// The value of `token`, unless it was taken out.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        self.entry(token)?.value.as_mut()
    }

    /// Takes the value of `token` out.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        let entry = self.entry(token).filter(|entry| entry.value.is_some())?;
        let value = entry.clear();
        self.free.push(token.place() as u32);
        value
    }

    /// Takes out all values but those that `keep` says yes to, and gives whether there were any.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) -> bool {
        let free = self.free.len();
        for (place, entry) in self.entries.iter_mut().enumerate() {
            if entry.value.as_ref().is_some_and(|value| !keep(value)) {
                entry.clear();
                self.free.push(place as u32);
            }
        }
        self.free.len() > free
    }

    fn entry(&mut self, token: Token) -> Option<&mut Entry<T>> {
        let entry = self.entries.get_mut(token.place())?;
        (entry.generation == token.generation()).then_some(entry)
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}
