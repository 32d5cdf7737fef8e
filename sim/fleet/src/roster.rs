//! Names with numbers: every address that a provider has to do with, each once.
//!
//! Separate because this is what every RCPT costs: one hash and one look-up, and no allocation for a name that is
//! known. The names stand in one text, so that millions of them take little more room than their letters.

use units::Table;
use xxhash_rust::xxh3::xxh3_64;

/// Names in the order in which they were first entered, each with its number, counted from 0.
#[derive(Debug, Default)]
pub struct Roster {
    text: String,
    /// Where each name ends in `text`.
    ends: Vec<u32>,
    numbers: Table<u64, u32>,
    /// Names whose hash belongs to another name already. Practically always empty.
    clashes: Vec<u32>,
}

impl Roster {
    /// An empty roster with room for this many names.
    pub fn with_capacity(names: usize) -> Self {
        let mut roster = Self::default();
        roster.ends.reserve(names);
        roster.numbers.reserve(names);
        roster
    }

    /// The number of `name`, which is entered if it is new.
    ///
    /// # Panics
    /// When all names together are longer than 4 GiB.
    pub fn enter(&mut self, name: &str) -> u32 {
        let hash = xxh3_64(name.as_bytes());
        self.find_hashed(hash, name).unwrap_or_else(|| self.add(hash, name))
    }

    /// The number of `name`, if it was entered.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.find_hashed(xxh3_64(name.as_bytes()), name)
    }

    /// The name with this number.
    ///
    /// # Panics
    /// When there is none.
    pub fn name(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.text[start as usize..self.ends[number] as usize]
    }

    /// How many names there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.ends.len()).expect("names are counted in 32 bits")
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn find_hashed(&self, hash: u64, name: &str) -> Option<u32> {
        let number = *self.numbers.get(&hash)?;
        if self.name(number) == name {
            return Some(number);
        }
        self.clashes.iter().copied().find(|clash| self.name(*clash) == name)
    }

    fn add(&mut self, hash: u64, name: &str) -> u32 {
        let number = self.len();
        self.text.push_str(name);
        self.ends.push(u32::try_from(self.text.len()).expect("all names together stay below 4 GiB"));
        if *self.numbers.entry(hash).or_insert(number) != number {
            self.clashes.push(number);
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number() {
        let mut roster = Roster::default();
        assert!(roster.is_empty());
        let numbers =
            ["ann@bigbox.test", "", "bob@bigbox.test", "ann@bigbox.test", ""].map(|name| roster.enter(name));
        assert_eq!(numbers, [0, 1, 2, 0, 1]);
        assert_eq!(
            (roster.name(0), roster.name(1), roster.name(2)),
            ("ann@bigbox.test", "", "bob@bigbox.test")
        );
        assert_eq!(roster.find("bob@bigbox.test"), Some(2));
        assert_eq!(roster.find("eve@bigbox.test"), None);
        assert_eq!(roster.len(), 3);
    }

    #[test]
    fn names_with_equal_hashes_stay_apart() {
        let mut roster = Roster::default();
        let first = roster.add(7, "ann@bigbox.test");
        let second = roster.add(7, "bob@bigbox.test");
        assert_eq!(roster.find_hashed(7, "ann@bigbox.test"), Some(first));
        assert_eq!(roster.find_hashed(7, "bob@bigbox.test"), Some(second));
        assert_eq!(roster.find_hashed(7, "eve@bigbox.test"), None);
    }
}
