//! Things that all shards name, each kept once and numbered.

use std::hash::Hash;

use units::Table;

/// Things, numbered in the order in which they are entered.
pub(super) struct Numbering<T> {
    things: Vec<T>,
    numbers: Table<T, u32>,
}

impl<T: Clone + Eq + Hash> Numbering<T> {
    pub(super) fn new() -> Self {
        Self { things: Vec::new(), numbers: Table::default() }
    }

    /// Enters the things of a shard; answers with their numbers.
    pub(super) fn enter(&mut self, things: impl IntoIterator<Item = T>) -> Vec<u32> {
        things.into_iter().map(|thing| self.number(thing)).collect()
    }

    fn number(&mut self, thing: T) -> u32 {
        if let Some(number) = self.numbers.get(&thing) {
            return *number;
        }
        let number = u32::try_from(self.things.len()).expect("fewer than four billion");
        self.things.push(thing.clone());
        self.numbers.insert(thing, number);
        number
    }

    /// The things in the order in which `uses` come; the uses are renumbered. Only when all shards are in is it known who
    /// comes first: until then, things stand in the order of the shards.
    pub(super) fn by_first_use<'a>(self, uses: impl Iterator<Item = &'a mut u32>) -> Vec<T> {
        let mut things: Vec<Option<T>> = self.things.into_iter().map(Some).collect();
        let mut new_numbers = vec![None; things.len()];
        let mut ordered = Vec::with_capacity(things.len());
        for number in uses {
            let old = *number as usize;
            *number = *new_numbers[old].get_or_insert_with(|| {
                ordered.extend(things[old].take());
                u32::try_from(ordered.len() - 1).expect("no more than before")
            });
        }
        ordered
    }
}
