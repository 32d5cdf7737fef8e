//! What can be said about one contact: `contact ann@bigbox.test was not attempted`.
//!
//! - [`Sentence`]: a sentence as an author writes it, and the [`FORMS`] that there are
//! - [`FATES`]: what can have become of a contact in a mailing
//! - `follow`: following a sentence through a run

mod fate;
mod follow;
mod read;

use std::fmt;

use record::{Record, Status};

pub(crate) use fate::{FATES, Fate};

use super::language::{Filter, STATUSES, quoted_if};
use super::watch::Measure;

/// A form of sentence and its documentation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// How it is written.
    pub(crate) form: &'static str,
    /// What it means.
    pub(crate) about: &'static str,
    /// An expectation that uses it.
    pub(crate) example: &'static str,
}

/// All forms, in the order of the reference.
pub(crate) const FORMS: [Form; 5] = [
    Form {
        form: "contact ADDRESS was [not] FATE [in MAILING]",
        about: "What became of the contact: in this mailing or, if none is named, in any (`was not`: in none).",
        example: "contact gone@bigbox.test was not attempted in spring-sale",
    },
    Form {
        form: "contact ADDRESS is [not] STATUS",
        about: "The status of the contact at that instant: `active`, `error` or `opt_out`.",
        example: "contact ann@bigbox.test is active at 4h",
    },
    Form {
        form: "contact ADDRESS went STATUS -> STATUS {-> STATUS}",
        about: "All statuses that the contact had up to that instant, from the one before the run on.",
        example: "contact ann@bigbox.test went active -> error -> active",
    },
    Form {
        form: "contact ADDRESS stayed STATUS",
        about: "The contact had this status before the run, and no other up to that instant.",
        example: "contact ann@bigbox.test stayed active",
    },
    Form {
        form: "contact ADDRESS has N strikes",
        about: "In so many mailings in a row did the contact soft-bounce, as of that instant.",
        example: "contact ann@bigbox.test has 2 strikes at 30h",
    },
];

/// A sentence about a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    address: String,
    predicate: Predicate,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Predicate {
    /// What became of the contact.
    Was {
        polarity: Polarity,
        fate: &'static Fate,
        /// `None` means any.
        mailing: Option<String>,
    },
    /// Its status.
    Is { polarity: Polarity, status: Status },
    /// All its statuses; two or more.
    Went(Vec<Status>),
    /// Its only status.
    Stayed(Status),
    /// Its strikes.
    Has(u8),
}

/// Whether something is said to be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Polarity {
    /// It is.
    Affirmed,
    /// It is not.
    Denied,
}

impl Sentence {
    /// The word that a sentence begins with.
    pub(crate) const WORD: &'static str = "contact";

    /// How to follow it over a record; an error says what the record does not have.
    pub(crate) fn measure(&self, record: &Record) -> Result<Measure, String> {
        follow::follow(self, record)
    }

    /// The mailing that it names, if it does.
    fn mailing(&self) -> Option<&str> {
        match &self.predicate {
            Predicate::Was { mailing, .. } => mailing.as_deref(),
            Predicate::Is { .. } | Predicate::Went(_) | Predicate::Stayed(_) | Predicate::Has(_) => None,
        }
    }

    /// Whom it is about, as a filter.
    fn filter(&self) -> Filter {
        Filter::of_contact(&self.address, self.mailing())
    }
}

impl Predicate {
    /// Whether it can be meant of a contact that the mailing never looked at.
    fn may_be_about_nobody(&self) -> bool {
        matches!(self, Self::Was { polarity: Polarity::Denied, fate, .. } if fate.word == "selected")
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", Self::WORD, self.address, self.predicate)
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Was { polarity, fate, mailing } => {
                write!(f, "was {polarity}{}", fate.word)?;
                let name = mailing.as_ref().map(|name| quoted_if(name, char::is_whitespace));
                name.map_or(Ok(()), |name| write!(f, " in {name}"))
            }
            Self::Is { polarity, status } => write!(f, "is {polarity}{}", written(*status)),
            Self::Went(path) => write!(f, "went {}", path_of(path)),
            Self::Stayed(status) => write!(f, "stayed {}", written(*status)),
            Self::Has(strikes) => write!(f, "has {}", counted(*strikes, "strike")),
        }
    }
}

impl fmt::Display for Polarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Affirmed => Ok(()),
            Self::Denied => f.write_str("not "),
        }
    }
}

/// A status as it is written.
fn written(status: Status) -> &'static str {
    STATUSES.iter().find(|(_, known)| *known == status).map_or("", |(word, _)| word)
}

/// `active -> error`
fn path_of(statuses: &[Status]) -> String {
    statuses.iter().map(|status| written(*status)).collect::<Vec<_>>().join(" -> ")
}

/// `1 strike`, `2 strikes`
fn counted(count: u8, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
