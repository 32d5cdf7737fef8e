//! The answer when there is no contact with the address asked for: the nearest ones.

use std::fmt;

use record::Record;

use crate::foreign::clean;
use crate::wording;

/// No contact has that address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchContact {
    /// The address asked for.
    pub address: String,
    /// Up to three addresses that are written alike, the nearest first. Empty if none is.
    pub nearest: Vec<String>,
    /// How many contacts there are.
    pub contacts: usize,
    /// The first of them, as an example of what an address looks like here; `None` if there is none.
    pub example: Option<String>,
}

const SHOWN: usize = 3;

impl NoSuchContact {
    pub(super) fn new(record: &Record, address: &str) -> Self {
        let wanted: Vec<char> = address.to_lowercase().chars().collect();
        let mut nearest: Vec<(usize, &str)> = Vec::new();
        let mut limit = (wanted.len() / 3).max(1);
        for contact in &record.contacts {
            let Some(distance) = distance(&wanted, &contact.address, limit) else { continue };
            let at = nearest.partition_point(|(other, _)| *other <= distance);
            nearest.insert(at, (distance, &contact.address));
            nearest.truncate(SHOWN);
            if nearest.len() == SHOWN {
                limit = nearest[SHOWN - 1].0;
            }
        }
        Self {
            address: address.to_owned(),
            nearest: nearest.into_iter().map(|(_, address)| address.to_owned()).collect(),
            contacts: record.contacts.len(),
            example: record.contacts.first().map(|contact| contact.address.clone()),
        }
    }
}

impl fmt::Display for NoSuchContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no contact has the address `{}`", clean(&self.address))?;
        let names: Vec<_> = self.nearest.iter().map(|address| format!("`{}`", clean(address))).collect();
        match (names.is_empty(), &self.example) {
            (false, _) => write!(f, "; did you mean {}", names.join(" or ")),
            (true, Some(example)) => {
                let contacts = wording::counted(self.contacts as u64, "contact");
                write!(f, "; the audience has {contacts}, for example `{}`", clean(example))
            }
            (true, None) => f.write_str("; the record has no contacts at all"),
        }
    }
}

impl std::error::Error for NoSuchContact {}

/// How many letters must be added, dropped or changed (Levenshtein); `None` if more than `limit`. Upper and lower case
/// of ASCII do not matter.
fn distance(wanted: &[char], address: &str, limit: usize) -> Option<usize> {
    let letters = address.chars().map(|letter| letter.to_ascii_lowercase());
    if address.chars().count().abs_diff(wanted.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (index, letter) in letters.enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in wanted.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
        if row.iter().all(|cost| *cost > limit) {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_counts_letters_and_gives_up_in_time() {
        let check = |wanted: &str, address, limit, expected| {
            let wanted: Vec<_> = wanted.chars().collect();
            assert_eq!(distance(&wanted, address, limit), expected, "{address}");
        };
        check("ann@bigbox.test", "ann@bigbox.test", 0, Some(0));
        check("ann@bigbox.test", "Anna@bigbox.test", 3, Some(1));
        check("anm@bigbox.test", "ann@bigbox.test", 3, Some(1));
        check("ann@bigbox.test", "bob@northmail.test", 5, None);
        check("", "ab", 2, Some(2));
    }
}
