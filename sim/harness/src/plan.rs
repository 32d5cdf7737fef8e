//! A scenario, read and checked, ready to run.
//!
//! Everything that can be wrong with a scenario is found here, before anything runs: what the file says (crate
//! `scenario`), whether its behaviours and profiles make sense (crate `fleet`), whether its plan keeps the contract (crate
//! `policy`), and whether its expectations can be answered at all.

use std::collections::BTreeMap;
use std::ops::Range;

use fleet::profile::{self, Profile};
use policy::retry::{RetryPlan, WINDOW};
use policy::verdict::Category;
use scenario::{
    ContactStatus, Deed, Entry, Listed, MailingKind, Placed, Problem, Problems, Scenario, Source, Vocabulary,
};
use smtp::Address;
use units::{Instant, Table};

use crate::expect::{self, Expectation, Names};

/// A scenario that can be run.
#[derive(Debug)]
pub struct Plan {
    pub(crate) source: Source,
    pub(crate) scenario: Scenario,
    /// By provider.
    pub(crate) profiles: Vec<&'static Profile>,
    /// Each address once, in the order of the audience.
    pub(crate) contacts: Vec<PlannedContact>,
    /// By mailing.
    pub(crate) mailings: Vec<PlannedMailing>,
    pub(crate) deeds: Vec<PlannedDeed>,
    pub(crate) expectations: Vec<Expectation>,
    pub(crate) horizon: Instant,
}

#[derive(Debug)]
pub(crate) struct PlannedContact {
    pub(crate) address: Address,
    pub(crate) provider: u32,
    pub(crate) status: ContactStatus,
    /// How often it is on the list.
    pub(crate) listed: u32,
}

#[derive(Debug)]
pub(crate) struct PlannedMailing {
    pub(crate) plan: RetryPlan,
    /// The lines of its list: indices into the contacts, a duplicate as often as it is listed.
    pub(crate) list: Vec<u32>,
    /// When the window of its last recipient closes.
    pub(crate) window_end: Instant,
}

#[derive(Debug)]
pub(crate) struct PlannedDeed {
    pub(crate) at: Instant,
    pub(crate) what: PlannedWhat,
}

#[derive(Debug)]
pub(crate) enum PlannedWhat {
    OptOut(u32),
    Complaint(u32),
    Reactivate(u32),
    Cancel(u16),
}

/// What scenarios can say beyond their skeleton.
pub fn vocabulary() -> Vocabulary {
    Vocabulary { behaviours: fleet::definitions().to_vec() }
}

impl Plan {
    /// Reads and checks a scenario.
    ///
    /// # Errors
    /// All problems of the file at once, with their places.
    pub fn read(source: &Source) -> Result<Self, Problems> {
        let scenario = scenario::load(source, &vocabulary())?;
        let mut problems = Problems::new();
        let profiles = profiles(&scenario, &mut problems);
        check_behaviours(&scenario, &mut problems);
        let (contacts, lines) = contacts(&scenario, &mut problems);
        let numbers: Table<&str, u32> =
            contacts.iter().zip(0..).map(|(contact, number)| (contact.address.as_str(), number)).collect();
        let mailings = mailings(&scenario, &contacts, &lines, &numbers, &mut problems);
        let deeds = deeds(&scenario, &numbers);
        let horizon = horizon(&scenario, &mailings);
        let expectations = expectations(source, &scenario, &numbers, horizon, &mut problems);
        drop(numbers);
        if problems.is_empty() {
            let source = source.clone();
            Ok(Self { source, scenario, profiles, contacts, mailings, deeds, expectations, horizon })
        } else {
            Err(problems)
        }
    }

    /// The name of the scenario.
    pub fn name(&self) -> &str {
        &self.scenario.name.value
    }

    /// The seed of the scenario.
    pub const fn seed(&self) -> u64 {
        self.scenario.seed
    }

    /// The file it was read from.
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// How many contacts there are.
    pub const fn contacts(&self) -> usize {
        self.contacts.len()
    }

    /// How many expectations there are.
    pub const fn expectations(&self) -> usize {
        self.expectations.len()
    }

    /// How many providers there are.
    pub const fn providers(&self) -> usize {
        self.scenario.providers.len()
    }
}

fn profiles(scenario: &Scenario, problems: &mut Problems) -> Vec<&'static Profile> {
    let library = profile::library();
    let mut found = Vec::new();
    for provider in &scenario.providers {
        let like = &provider.like;
        match library.get(&like.value) {
            Some(profile) => found.push(profile),
            None => {
                let names = library.names();
                problems.push(
                    Problem::at(like.place, format!("unknown profile `{}`", like.value), "no such profile")
                        .help(scenario::suggestion(&like.value, &names, "profiles")),
                );
            }
        }
    }
    found
}

/// Reads every behaviour once, for its problems. Each shard of a run reads them again, because behaviours have a memory.
fn check_behaviours(scenario: &Scenario, problems: &mut Problems) {
    let standing = scenario.providers.iter().flat_map(|provider| &provider.behaviours);
    let spans = scenario.timeline.iter().filter_map(|entry| match entry {
        Entry::Span(span) => Some(&span.behaviours),
        Entry::Action(_) => None,
    });
    for behaviour in standing.chain(spans.flatten()) {
        let _ = fleet::read_behaviour(behaviour, problems);
    }
}

/// The contacts, and for each line of the audience the lines of the list that it stands for.
fn contacts(scenario: &Scenario, problems: &mut Problems) -> (Vec<PlannedContact>, Vec<u32>) {
    let providers: BTreeMap<&str, u32> = scenario
        .providers
        .iter()
        .zip(0..)
        .flat_map(|(provider, number)| {
            provider.domains.iter().map(move |domain| (domain.value.as_str(), number))
        })
        .collect();
    let mut list = List::default();
    let mut generated: BTreeMap<&str, u64> = BTreeMap::new();
    for listed in &scenario.audience {
        match listed {
            Listed::Domain { domain, contacts } => {
                let provider = providers.get(domain.value.as_str()).copied().unwrap_or(0);
                let made = generated.entry(domain.value.as_str()).or_default();
                for number in *made + 1..=*made + contacts.value {
                    if let Some(contact) =
                        list.enter(&format!("c{number:06}@{}", domain.value), domain, provider, problems)
                    {
                        list.repeat(contact, 1);
                    }
                }
                *made += contacts.value;
            }
            Listed::Contact { address, status, times } => {
                let domain =
                    address.value.rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
                let provider = providers.get(domain.as_str()).copied().unwrap_or(0);
                if let Some(contact) = list.enter(&address.value, address, provider, problems) {
                    // Said of one contact, so that it counts even if the contact was generated before.
                    list.contacts[contact as usize].status = *status;
                    list.repeat(contact, *times);
                }
            }
        }
    }
    (list.contacts, list.lines)
}

/// The list as it grows line by line.
#[derive(Default)]
struct List {
    contacts: Vec<PlannedContact>,
    numbers: Table<String, u32>,
    /// The lines: whose each is.
    lines: Vec<u32>,
}

impl List {
    /// The number of the contact with this address, which gets one if it is new.
    fn enter(
        &mut self,
        text: &str,
        written: &Placed<String>,
        provider: u32,
        problems: &mut Problems,
    ) -> Option<u32> {
        let address = match Address::parse(text) {
            Ok(address) => address,
            Err(error) => {
                problems.push(Problem::at(
                    written.place,
                    format!("`{text}` is not an address"),
                    error.to_string(),
                ));
                return None;
            }
        };
        if let Some(number) = self.numbers.get(address.as_str()) {
            return Some(*number);
        }
        let number = u32::try_from(self.contacts.len()).expect("audiences are bounded");
        self.numbers.insert(address.as_str().to_owned(), number);
        self.contacts.push(PlannedContact { address, provider, status: ContactStatus::Active, listed: 0 });
        Some(number)
    }

    /// So many more lines for a contact.
    fn repeat(&mut self, contact: u32, times: u32) {
        self.contacts[contact as usize].listed += times;
        self.lines.extend(std::iter::repeat_n(contact, times as usize));
    }
}

fn mailings(
    scenario: &Scenario,
    contacts: &[PlannedContact],
    lines: &[u32],
    numbers: &Table<&str, u32>,
    problems: &mut Problems,
) -> Vec<PlannedMailing> {
    let mut planned = Vec::new();
    for mailing in &scenario.mailings {
        let plan = RetryPlan::new(mailing.attempts.value.clone()).unwrap_or_else(|fault| {
            problems.push(
                Problem::at(mailing.attempts.place, fault.to_string(), "this plan breaks the contract").help(
                    "at least four attempts, from 0h on, spread over the window of 30h, the last one between 29h and 30h, \
                     as in [0h, 1h, 6h, 29h30m]",
                ),
            );
            RetryPlan::default()
        });
        let list = list_of(scenario, &mailing.to, contacts, lines, numbers);
        let joins = match mailing.kind {
            MailingKind::Automated(rate) => rate.offset_of(list.len().saturating_sub(1) as u64),
            MailingKind::Regular | MailingKind::Test => std::time::Duration::ZERO,
        };
        let window_end = mailing.start.value + joins + WINDOW;
        planned.push(PlannedMailing { plan, list, window_end });
    }
    planned
}

/// The lines of the list that a mailing goes to: all, or those of the addresses, domains and providers named.
fn list_of(
    scenario: &Scenario,
    to: &[Placed<String>],
    contacts: &[PlannedContact],
    lines: &[u32],
    numbers: &Table<&str, u32>,
) -> Vec<u32> {
    if to.is_empty() {
        return lines.to_vec();
    }
    let named: Vec<u32> = to.iter().filter_map(|name| numbers.get(name.value.as_str()).copied()).collect();
    let providers: Vec<Range<u32>> = scenario
        .providers
        .iter()
        .zip(0..)
        .filter(|(provider, _)| to.iter().any(|name| name.value == provider.name.value))
        .map(|(_, number)| number..number + 1)
        .collect();
    let domains: Vec<&str> =
        to.iter().map(|name| name.value.as_str()).filter(|name| !name.contains('@')).collect();
    lines
        .iter()
        .copied()
        .filter(|line| {
            let contact = &contacts[*line as usize];
            named.contains(line)
                || providers.iter().any(|range| range.contains(&contact.provider))
                || domains.iter().any(|domain| domain.eq_ignore_ascii_case(contact.address.domain()))
        })
        .collect()
}

fn deeds(scenario: &Scenario, numbers: &Table<&str, u32>) -> Vec<PlannedDeed> {
    let contact = |address: &Placed<String>| numbers.get(address.value.as_str()).copied();
    let mailing = |name: &Placed<String>| {
        scenario
            .mailings
            .iter()
            .position(|mailing| mailing.name.value == name.value)
            .map(|number| number as u16)
    };
    let mut deeds: Vec<PlannedDeed> = scenario
        .timeline
        .iter()
        .filter_map(|entry| match entry {
            Entry::Span(_) => None,
            Entry::Action(action) => {
                let what = match &action.deed {
                    Deed::OptOut(address) => PlannedWhat::OptOut(contact(address)?),
                    Deed::Complaint(address) => PlannedWhat::Complaint(contact(address)?),
                    Deed::Reactivate { contact: address, .. } => PlannedWhat::Reactivate(contact(address)?),
                    Deed::Cancel(name) => PlannedWhat::Cancel(mailing(name)?),
                };
                Some(PlannedDeed { at: action.at.value, what })
            }
        })
        .collect();
    deeds.sort_by_key(|deed| deed.at);
    deeds
}

fn expectations(
    source: &Source,
    scenario: &Scenario,
    numbers: &Table<&str, u32>,
    horizon: Instant,
    problems: &mut Problems,
) -> Vec<Expectation> {
    let categories = Category::ALL.map(Category::name);
    let is_contact = |address: &str| numbers.contains_key(address);
    let names = Names::of(scenario, &categories, &is_contact, horizon);
    scenario.expect.iter().filter_map(|text| expect::read(text, source, &names, problems)).collect()
}

/// The last instant that an expectation may name.
fn horizon(scenario: &Scenario, mailings: &[PlannedMailing]) -> Instant {
    let windows = mailings.iter().map(|mailing| mailing.window_end);
    let timeline = scenario.timeline.iter().map(|entry| match entry {
        Entry::Span(span) if span.until.value == Instant::MAX => span.from,
        Entry::Span(span) => span.until.value,
        Entry::Action(action) => action.at.value,
    });
    windows.chain(timeline).max().unwrap_or(Instant::ZERO)
}
