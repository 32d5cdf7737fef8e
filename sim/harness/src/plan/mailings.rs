//! The mailings of a scenario: their retry plans, whom each goes to, and when its last window closes.

use policy::retry::{PlanFault, RetryPlan, WINDOW};
use scenario::{Mailing, MailingKind, Place, Placed, Problem, Problems, Scenario, value};
use smtp::Address;
use units::Instant;

use super::audience::Audience;
use super::directory::Directory;

/// A mailing of the scenario.
#[derive(Debug)]
pub(crate) struct PlannedMailing {
    pub(crate) plan: RetryPlan,
    /// The lines of its list: indices into the contacts, a duplicate as often as it is listed.
    pub(crate) list: Vec<u32>,
    /// When the window of its last recipient closes.
    pub(crate) window_end: Instant,
}

/// Plans the mailings, in the order of the file.
pub(super) fn plan(
    scenario: &Scenario,
    audience: &Audience,
    directory: &Directory<'_>,
    problems: &mut Problems,
) -> Vec<PlannedMailing> {
    let planned = |mailing: &Mailing| {
        let list = match mailing.to.as_slice() {
            [] => audience.lines.clone(),
            to => Targets::of(to, audience, directory).lines(audience),
        };
        let window_end = last_join(mailing, list.len(), problems) + WINDOW;
        PlannedMailing { plan: retry_plan(mailing, problems), list, window_end }
    };
    scenario.mailings.iter().map(planned).collect()
}

/// Reports authors whose addresses are none.
pub(super) fn check_authors(scenario: &Scenario, problems: &mut Problems) {
    let authors = scenario.mailings.iter().filter_map(|mailing| mailing.content.from.as_ref());
    for author in authors {
        if let Err(error) = Address::parse(&author.value) {
            let message = format!("`{}` is not an address: {error}", author.value);
            let help = "write an address, as in news@sender.example";
            problems.push(Problem::at(author.place, message, "not an address").help(help));
        }
    }
}

/// Looks at the retry plans alone.
pub(super) fn check_plans(scenario: &Scenario, problems: &mut Problems) {
    for mailing in &scenario.mailings {
        let _ = retry_plan(mailing, problems);
    }
}

fn retry_plan(mailing: &Mailing, problems: &mut Problems) -> RetryPlan {
    let Some(attempts) = &mailing.attempts else { return RetryPlan::default() };
    RetryPlan::new(attempts.value.clone()).unwrap_or_else(|fault| {
        problems.push(broken_plan(attempts.place, fault));
        RetryPlan::default()
    })
}

/// The problem that the plan at `place` breaks the contract.
pub fn broken_plan(place: Place, fault: PlanFault) -> Problem {
    Problem::at(place, fault.to_string(), "this plan breaks the contract").help(
        "at least four attempts, from 0h on, spread over the window of 30h, the last one between 29h and 30h, as in \
         [0h, 1h, 6h, 29h30m]",
    )
}

/// When the last of so many lines joins; not later than any other moment of a scenario may be.
fn last_join(mailing: &Mailing, lines: usize, problems: &mut Problems) -> Instant {
    let start = mailing.start.value;
    let MailingKind::Automated(joins) = mailing.kind else { return start };
    let latest = u64::try_from(lines.saturating_sub(1)).unwrap_or(u64::MAX);
    let last = start + joins.value.offset_of(latest);
    if last > value::LATEST {
        let message = format!("the last of {lines} recipients joins more than ten years after the start");
        problems.push(
            Problem::at(joins.place, message, "too slow")
                .help("write a higher rate, or name fewer recipients with `to`"),
        );
    }
    last.min(value::LATEST)
}

/// Whom a mailing goes to, as flags: the list is looked through once, however many names there are.
struct Targets {
    providers: Vec<bool>,
    domains: Vec<bool>,
    contacts: Vec<bool>,
}

impl Targets {
    /// What these names stand for: contacts, domains and providers.
    fn of(names: &[Placed<String>], audience: &Audience, directory: &Directory<'_>) -> Self {
        let mut targets = Self {
            providers: vec![false; directory.providers()],
            domains: vec![false; directory.domains()],
            contacts: vec![false; audience.contacts.len()],
        };
        for Placed { value: name, .. } in names {
            if let Some(provider) = directory.provider(name) {
                targets.providers[provider] = true;
            }
            if let Some(domain) = directory.domain(name) {
                targets.domains[domain] = true;
            }
            if let Some(contact) = audience.number(name) {
                targets.contacts[contact as usize] = true;
            }
        }
        targets
    }

    /// The lines of the list that are meant.
    fn lines(&self, audience: &Audience) -> Vec<u32> {
        let is_meant = |line: &u32| {
            let contact = &audience.contacts[*line as usize];
            self.providers[contact.provider as usize]
                || self.domains[contact.domain]
                || self.contacts[*line as usize]
        };
        audience.lines.iter().copied().filter(is_meant).collect()
    }
}
