//! The class of a verdict, which the record spells out in words.
//!
//! Its own file because several laws tell attempts apart by it. It says nothing about whether a class is deserved.

use std::fmt;

use record::VerdictRow;

/// What the engine made of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Delivered,
    Soft,
    Hard,
    /// Permanent by its words, but not by its code: believed when it has been repeated to the end of the plan.
    Unconfirmed,
    Throttle,
    Again,
    Uncertain,
}

impl Class {
    const ALL: [Self; 7] = [
        Self::Delivered,
        Self::Soft,
        Self::Hard,
        Self::Unconfirmed,
        Self::Throttle,
        Self::Again,
        Self::Uncertain,
    ];

    /// The class of `row`; `None` if it has none that is known.
    pub(super) fn of(row: &VerdictRow) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == row.class)
    }

    /// Whether an attempt that ends with it is not counted.
    pub(super) const fn is_uncounted(self) -> bool {
        matches!(self, Self::Throttle | Self::Again)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Soft => "soft",
            Self::Hard => "hard",
            Self::Unconfirmed => "unconfirmed",
            Self::Throttle => "throttle",
            Self::Again => "again",
            Self::Uncertain => "uncertain",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::sample;

    #[test]
    fn a_class_is_read_from_its_name() {
        let mut row = sample::lawful().verdicts.remove(0);
        for class in Class::ALL {
            row.class = class.to_string();
            assert_eq!(Class::of(&row), Some(class));
        }
        row.class = "fine".to_owned();
        assert_eq!(Class::of(&row), None);
    }
}
