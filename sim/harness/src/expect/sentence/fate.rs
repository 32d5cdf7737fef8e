//! What can have become of a contact in a mailing.

use crate::expect::replay::State;

/// Something that can have become of a contact in a mailing.
#[derive(Debug)]
pub(crate) struct Fate {
    /// How it is written.
    pub(crate) word: &'static str,
    /// What it means.
    pub(crate) about: &'static str,
    /// Whether it became of somebody who stands there.
    pub(super) includes: fn(State) -> bool,
}

impl PartialEq for Fate {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Fate {}

/// All of them, in the order of the reference.
pub(crate) const FATES: &[Fate] = &[
    Fate {
        word: "selected",
        about: "The mailing started for the contact, or the contact joined it.",
        includes: State::is_selected,
    },
    Fate {
        word: "excluded",
        about: "The contact was left out for its status.",
        includes: |state| state == State::Excluded,
    },
    Fate { word: "attempted", about: "An attempt was begun.", includes: State::is_sent },
    Fate {
        word: "delivered",
        about: "The server answered the end of data with 2xx.",
        includes: |state| state == State::Delivered,
    },
    Fate {
        word: "soft_bounced",
        about: "Given up after temporary failures.",
        includes: |state| state == State::SoftBounced,
    },
    Fate { word: "hard_bounced", about: "Refused for good.", includes: |state| state == State::HardBounced },
    Fate {
        word: "cancelled",
        about: "Given up after an attempt: by an operator, or because the contact left Active.",
        includes: |state| state == State::Cancelled,
    },
    Fate {
        word: "dropped",
        about: "Never attempted, and never will be.",
        includes: |state| state == State::Dropped,
    },
];
