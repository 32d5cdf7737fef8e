//! Filters: of whom something is measured. `(northmail, mailbox-full)` lets through what is both.
//!
//! A word of a filter means whatever in the scenario has that name. Where two things have it, the author says which
//! (`mailing:spring`). This file reads the words; `scope` applies them to a run.

use std::fmt;

use record::{ExcludeReason, Status};
use scenario::did_you_mean;

use super::{Fault, FilterKind, Piece};
use crate::expect::Names;
use crate::expect::replay::State;

/// What a word of a filter means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A provider.
    Provider(String),
    /// A mailing.
    Mailing(String),
    /// A domain.
    Domain(String),
    /// An address.
    Address(String),
    /// A reason category.
    Category(String),
    /// What became of a recipient so far.
    Outcome(State),
    /// The status of a contact.
    Status(Status),
    /// Why a contact was left out.
    Reason(ExcludeReason),
}

/// Conditions that must all be met; none lets everything through. No kind occurs twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Filter {
    /// Each word as written, and what it means.
    items: Vec<(String, Meaning)>,
}

/// What a filter is put on, and what it may be made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filterable<'a> {
    /// What is filtered.
    pub(crate) name: &'a str,
    /// The kinds that it takes.
    pub(crate) kinds: &'a [FilterKind],
}

impl Filter {
    /// A filter for one address, and one mailing if there is one.
    pub(crate) fn of_contact(address: &str, mailing: Option<&str>) -> Self {
        let item = |meaning: fn(String) -> Meaning, word: &str| (word.to_owned(), meaning(word.to_owned()));
        let address = item(Meaning::Address, address);
        let mailing = mailing.map(|name| item(Meaning::Mailing, name));
        Self { items: [address].into_iter().chain(mailing).collect() }
    }

    /// Whether it lets everything through.
    pub(crate) const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// What its words mean.
    pub(crate) fn meanings(&self) -> impl Iterator<Item = &Meaning> {
        self.items.iter().map(|(_, meaning)| meaning)
    }

    /// Whether one of its words is of this kind.
    pub(crate) fn has(&self, kind: FilterKind) -> bool {
        self.meanings().any(|meaning| meaning.kind() == kind)
    }

    /// Reads a word and adds it.
    pub(crate) fn add(
        &mut self,
        word: Piece<'_>,
        to: Filterable<'_>,
        names: &Names<'_>,
    ) -> Result<(), Fault> {
        let meaning = to.meaning(word, names)?;
        let kind = meaning.kind();
        if let Some((other, _)) = self.items.iter().find(|(_, other)| other.kind() == kind) {
            let message = format!("nobody passes both `{other}` and `{}`", word.text);
            return Err(Fault::new(word, message, format!("a second {}", kind.name()))
                .help("write an expectation for each"));
        }
        self.items.push((word.text.to_owned(), meaning));
        if names.anybody(self) {
            return Ok(());
        }
        let message = format!("nobody in the audience passes the filter `{self}`");
        Err(Fault::new(word, message, "matches nobody")
            .help("an expectation about nobody would prove nothing"))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = |(word, _): &(String, Meaning)| quoted_if(word, |c| c == ',' || c == ')');
        f.write_str(&self.items.iter().map(written).collect::<Vec<_>>().join(", "))
    }
}

impl Meaning {
    /// Of which kind it is.
    pub(crate) const fn kind(&self) -> FilterKind {
        match self {
            Self::Provider(_) => FilterKind::Provider,
            Self::Mailing(_) => FilterKind::Mailing,
            Self::Domain(_) => FilterKind::Domain,
            Self::Address(_) => FilterKind::Address,
            Self::Category(_) => FilterKind::Category,
            Self::Outcome(_) => FilterKind::Outcome,
            Self::Status(_) => FilterKind::Status,
            Self::Reason(_) => FilterKind::Reason,
        }
    }
}

impl Filterable<'_> {
    /// What it takes, in words.
    pub(crate) fn takes(self) -> String {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
        format!("`{}` takes: {}", self.name, kinds.join(", "))
    }

    fn meaning(self, word: Piece<'_>, names: &Names<'_>) -> Result<Meaning, Fault> {
        let mut candidates = candidates(word.text, self.kinds, names);
        match (candidates.pop(), candidates.first()) {
            (Some(only), None) => Ok(only),
            (Some(one), Some(other)) => Err(ambiguous(word, other.kind(), one.kind())),
            (None, _) => Err(self.no_meaning(word, names)),
        }
    }

    /// Why `word` means nothing here: it is something that is not taken, or nothing at all.
    fn no_meaning(self, word: Piece<'_>, names: &Names<'_>) -> Fault {
        if let Some(meaning) = candidates(word.text, &FilterKind::ALL, names).first() {
            let kind = meaning.kind();
            let message = format!("`{}` cannot be filtered by {}", self.name, kind.name());
            return Fault::new(word, message, format!("this is {}", kind.with_article())).help(self.takes());
        }
        if word.text.contains('@') {
            return Fault::new(word, format!("`{}` is not in the audience", word.text), "no such contact")
                .help("list it under `audience`, or correct the address");
        }
        let known: Vec<&str> = self.kinds.iter().flat_map(|kind| kind.words(names)).collect();
        let repair = match did_you_mean(word.text, &known) {
            Some(near) => format!("did you mean `{near}`? {}", self.takes()),
            None => self.takes(),
        };
        Fault::new(word, format!("unknown filter `{}`", word.text), "nothing has this name").help(repair)
    }
}

/// `word`, in double quotes if a character of it would end it, or if white space at its ends would be lost.
pub(crate) fn quoted_if(word: &str, ends: impl Fn(char) -> bool) -> String {
    if word.contains(ends) || word.trim() != word { format!("\"{word}\"") } else { word.to_owned() }
}

/// Everything of these kinds that `word` can mean: under its bare name or, if there is none, under the kind it names.
fn candidates(word: &str, kinds: &[FilterKind], names: &Names<'_>) -> Vec<Meaning> {
    let bare: Vec<Meaning> = kinds.iter().filter_map(|kind| kind.meaning(word, names)).collect();
    let Some((kind, rest)) = word.split_once(':').filter(|_| bare.is_empty()) else { return bare };
    kinds.iter().filter(|known| known.name() == kind).filter_map(|kind| kind.meaning(rest, names)).collect()
}

fn ambiguous(word: Piece<'_>, one: FilterKind, other: FilterKind) -> Fault {
    let text = word.text;
    let message = format!("`{text}` is both {} and {}", one.with_article(), other.with_article());
    let repair = format!("write `{}:{text}` or `{}:{text}`", one.name(), other.name());
    Fault::new(word, message, "which of the two?").help(repair)
}
