//! All rules, ready to be applied.
//!
//! Which rules are tried, in this order: those of the provider, those of the platform it runs on, those of a filter whose
//! marks are in the text (a filter may stand before any domain), and those for everybody. Within a file, from top to bottom. The
//! first rule that applies decides. If nobody knows whose reply it is, a mark in the text can tell.
//!
//! How it is made fast: the words of all rules are searched for in one pass; only rules one of whose phrases occurred are looked
//! at, and rules without words only if nothing better was found.

mod file;
mod meaning;
mod reading;
mod rule;
mod words;

use std::cmp::Reverse;
use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

pub use rule::{Quote, Rule};

use crate::provider::{self, Help, PageOwner, Provider, ProviderId};
use file::File;
use words::{Phrase, Pieces, Searcher};

/// The file with the rules for everybody, which come last and have an answer for every refusal.
const GENERIC: &str = "generic";

/// The texts: name and content of each file, sorted by name.
const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Words without which no text states how long to wait.
const TIME_WORDS: [&str; 24] = [
    "*second*",
    "*minut*",
    "*hour*",
    "day",
    "days",
    "*sekunden",
    "*stunde*",
    "*heure*",
    "back in",
    "*часа*",
    "*часов*",
    "*минут",
    "sec",
    "secs",
    "min",
    "mins",
    "hr",
    "hrs",
    "ore",
    "horas",
    "tagen",
    "jours",
    "giorni",
    "*:00*",
];

/// Rules and providers.
#[derive(Debug)]
pub struct RuleBook {
    providers: Vec<Provider>,
    generic: ProviderId,
    /// All rules, file after file.
    rules: Vec<Rule>,
    /// For each file: where its rules are in `rules`, and which of them have no words.
    shelves: Vec<Shelf>,
    searcher: Searcher,
    /// For each piece, the phrases of providers' rules that are to be looked at when it occurs.
    openings: Vec<Vec<Opening>>,
    /// The same for the rules for everybody, in their order.
    generic_openings: Vec<Vec<Opening>>,
    /// Pieces of marks and whose they are.
    marks: Vec<Option<ProviderId>>,
    time_words: Vec<Phrase>,
}

#[derive(Debug)]
struct Shelf {
    rules: Range<usize>,
    wordless: Vec<usize>,
}

/// A phrase that makes a rule worth a look.
#[derive(Debug)]
struct Opening {
    rule: usize,
    owner: ProviderId,
    /// Its number among the phrases of the rule.
    phrase: usize,
}

/// Why a file of rules is refused.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, without its ending.
    pub file: String,
    /// What is wrong, with the rule's name if it is about one.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.toml: {}", self.file, self.problem)
    }
}

impl std::error::Error for Fault {}

/// A book while its files are taken in.
#[derive(Default)]
struct Draft {
    pieces: Pieces,
    providers: Vec<Provider>,
    rules: Vec<Rule>,
    shelves: Vec<Shelf>,
    marks: Vec<(Phrase, ProviderId)>,
}

impl Draft {
    /// Takes a file in, whose provider has the number `owner`.
    fn add(&mut self, id: &'static str, owner: ProviderId, file: File, names: &[&str]) -> Result<(), String> {
        let start = self.rules.len();
        for written in file.rules {
            let name = written.name.clone();
            let rule =
                Rule::read(id, written, &mut self.pieces).map_err(|why| format!("rule `{name}`: {why}"))?;
            if self.rules[start..].iter().any(|other| other.id == rule.id) {
                return Err(format!("rule `{name}` occurs twice"));
            }
            self.rules.push(rule);
        }
        let rules = start..self.rules.len();
        let wordless = rules.clone().filter(|rule| self.rules[*rule].says.is_empty()).collect();
        self.shelves.push(Shelf { rules, wordless });
        for mark in &file.marks {
            self.marks.push((self.pieces.add(mark).map_err(|why| format!("mark: {why}"))?, owner));
        }
        let runs_on = match &file.runs_on {
            Some(name) => {
                Some(position(names, name).ok_or_else(|| format!("it runs on `{name}`, which has no file"))?)
            }
            None => None,
        };
        let owner = if file.help_is_official { PageOwner::Provider } else { PageOwner::ThirdParty };
        self.providers.push(Provider {
            id,
            name: file.name,
            kind: file.kind,
            domains: file.domains,
            mx_patterns: file.mx,
            mx_basis: file.mx_basis,
            help: file.help.map(|url| Help { url, owner }),
            runs_on,
            limits: file.limits,
            sources: file.sources,
            note: file.note,
        });
        Ok(())
    }

    fn finish(mut self, generic: ProviderId) -> RuleBook {
        let time_words = TIME_WORDS.map(|word| self.pieces.add(word).expect("a word")).into();
        let none = || (0..self.pieces.len()).map(|_| Vec::new()).collect::<Vec<Vec<Opening>>>();
        let (mut openings, mut generic_openings) = (none(), none());
        for (owner, shelf) in self.shelves.iter().enumerate() {
            for rule in shelf.rules.clone() {
                for (phrase, says) in self.rules[rule].says.iter().enumerate() {
                    let opening = Opening { rule, owner: numbered(owner), phrase };
                    let key = says.key(&self.pieces) as usize;
                    let shelf = if opening.owner == generic { &mut generic_openings } else { &mut openings };
                    shelf[key].push(opening);
                }
            }
        }
        let mut marks = vec![None; self.pieces.len()];
        for (phrase, owner) in self.marks {
            marks[phrase.key(&self.pieces) as usize] = Some(owner);
        }
        RuleBook {
            searcher: self.pieces.searcher(),
            providers: self.providers,
            generic,
            rules: self.rules,
            shelves: self.shelves,
            openings,
            generic_openings,
            marks,
            time_words,
        }
    }
}

/// The number of the provider whose file is the one at this index.
fn numbered(index: usize) -> ProviderId {
    ProviderId(u16::try_from(index).expect("fewer than 65 536 files"))
}

fn position(names: &[&str], name: &str) -> Option<ProviderId> {
    names.iter().position(|known| *known == name).map(numbered)
}

impl RuleBook {
    /// The rules that come with the program.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<RuleBook> = LazyLock::new(|| {
            RuleBook::read(TEXTS)
                .unwrap_or_else(|fault| panic!("a file of rules that is part of the program: {fault}"))
        });
        &SHIPPED
    }

    /// Takes in files of rules: name and text of each. Exactly one must be called `generic`, and it must have an answer for
    /// every refusal: a last rule without conditions.
    ///
    /// # Errors
    /// A file is not written as it should be; the first problem found.
    pub fn read(texts: &[(&'static str, &str)]) -> Result<Self, Fault> {
        let names: Vec<&'static str> = texts.iter().map(|(name, _)| *name).collect();
        let mut draft = Draft::default();
        for (owner, (id, text)) in texts.iter().enumerate() {
            let fault = |problem: String| Fault { file: (*id).to_owned(), problem };
            let file: File = toml::from_str(text).map_err(|error| fault(error.to_string()))?;
            draft.add(id, numbered(owner), file, &names).map_err(fault)?;
        }
        let missing = || Fault { file: GENERIC.to_owned(), problem: "it is missing".to_owned() };
        let generic = position(&names, GENERIC).ok_or_else(missing)?;
        Ok(draft.finish(generic))
    }

    /// All rules, file after file, in the order in which they are tried.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// All providers, sorted by id.
    pub fn providers(&self) -> impl Iterator<Item = (ProviderId, &Provider)> {
        self.providers.iter().enumerate().map(|(index, provider)| (numbered(index), provider))
    }

    /// The provider with this number.
    pub fn provider(&self, id: ProviderId) -> &Provider {
        &self.providers[id.index()]
    }

    /// Who stands for everybody: the rules that come last belong to it.
    pub fn generic(&self) -> ProviderId {
        self.generic
    }

    /// The provider of this name.
    pub fn named(&self, name: &str) -> Option<ProviderId> {
        self.providers().find(|(_, provider)| provider.id == name).map(|(id, _)| id)
    }

    /// Who gives the replies: whoever runs the mail exchanger `mx`, or else the mailboxes of `domain`.
    ///
    /// Of those whose patterns match the host, the one that has the domain; or else the one with the longest pattern, a platform
    /// before who runs on it.
    pub fn recognise(&self, mx: Option<&str>, domain: Option<&str>) -> Option<ProviderId> {
        let has_domain = |provider: &Provider| {
            domain.is_some_and(|domain| provider.domains.iter().any(|name| name.eq_ignore_ascii_case(domain)))
        };
        let by_mx = mx.and_then(|host| {
            self.providers()
                .filter_map(|(id, provider)| {
                    let likeness = provider::likeness(&provider.mx_patterns, host)?;
                    Some((has_domain(provider), likeness, provider.runs_on.is_none(), Reverse(id)))
                })
                .max()
                .map(|(.., Reverse(id))| id)
        });
        by_mx.or_else(|| self.providers().find(|(_, provider)| has_domain(provider)).map(|(id, _)| id))
    }

    /// Where a provider's error codes are explained; for a platform's customer that has no page, the platform's.
    pub fn help(&self, id: ProviderId) -> Option<&Help> {
        let provider = self.provider(id);
        provider.help.as_ref().or_else(|| self.help(provider.runs_on?))
    }
}
