//! A scenario, read and checked, ready to run.
//!
//! Everything that can be wrong with a scenario is found here, before anything runs: what the file says (crate
//! `scenario`), whether its behaviours and profiles make sense (crate `fleet`), whether its plan keeps the contract (crate
//! `policy`), and whether its expectations can be answered at all. `directory`, `audience` and `mailings` do the parts that
//! grow with the size of a scenario, `conduct` what providers do.

mod audience;
mod conduct;
mod directory;
mod habits;
mod mailings;

use fleet::profile::{self, Profile};
use fleet::{Fleet, FleetBuilder, Habit};
use policy::ids::MailingId;
use policy::pace::SiteLimits;
use policy::verdict::Category;
use scenario::{Deed, Entry, Limits, Placed, Problem, Problems, Scenario, Source, Vocabulary};
use units::Instant;

use self::audience::Audience;
use self::directory::Directory;
use crate::expect::{self, Expectation, Names};
use crate::{shard, world};

pub(crate) use self::audience::PlannedContact;
pub(crate) use self::conduct::{behaviours, places};
pub(crate) use self::mailings::PlannedMailing;
pub use self::mailings::broken_plan;

/// A scenario that can be run.
#[derive(Debug)]
pub struct Plan {
    pub(crate) source: Source,
    pub(crate) scenario: Scenario,
    pub(crate) providers: Vec<PlannedProvider>,
    /// Each address once, in the order of the audience.
    pub(crate) contacts: Vec<PlannedContact>,
    pub(crate) mailings: Vec<PlannedMailing>,
    pub(crate) limits: SiteLimits,
    /// In the order of time.
    pub(crate) deeds: Vec<PlannedDeed>,
    pub(crate) expectations: Vec<Expectation>,
    pub(crate) horizon: Instant,
}

/// What is known of a provider beyond the scenario.
#[derive(Debug)]
pub(crate) struct PlannedProvider {
    pub(crate) profile: &'static Profile,
    /// The spans that concern it: indices into the timeline.
    pub(crate) spans: Vec<usize>,
}

/// Something that somebody does at one moment.
#[derive(Debug)]
pub(crate) struct PlannedDeed {
    pub(crate) at: Instant,
    pub(crate) what: PlannedWhat,
}

/// What it is that somebody does. Contacts are indices into those of the plan.
#[derive(Debug)]
pub(crate) enum PlannedWhat {
    OptOut(u32),
    Complaint(u32),
    Reactivate { contact: u32, by: String, why: String },
    Cancel(MailingId),
}

/// What scenarios can say beyond their skeleton.
pub fn vocabulary() -> Vocabulary {
    Vocabulary { behaviours: fleet::definitions().to_vec(), when: Some(&fleet::WHEN) }
}

impl Plan {
    /// Reads and checks a scenario.
    ///
    /// # Errors
    /// All problems of the file at once, with their places.
    pub fn read(source: &Source) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        let Some(scenario) = scenario::read(source, &vocabulary(), &mut problems) else {
            return Err(problems);
        };
        // What names somebody can only be checked where everybody is known: else one mistake would be reported twice.
        let is_sound = problems.is_empty();
        let directory = Directory::of(&scenario);
        let providers = providers(&scenario, &directory, &mut problems);
        if !is_sound {
            conduct::check(&scenario, None, &mut problems);
            mailings::check_plans(&scenario, &mut problems);
            return Err(problems);
        }
        let audience = Audience::of(&scenario, &directory, &mut problems);
        conduct::check(&scenario, Some(&audience), &mut problems);
        mailings::check_authors(&scenario, &mut problems);
        let mailings = mailings::plan(&scenario, &audience, &directory, &mut problems);
        let deeds = deeds(&scenario, &audience);
        let horizon = horizon(&scenario, &mailings);
        let expectations = expectations(source, &scenario, &audience, horizon, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let limits = limits(&scenario.limits);
        let (source, contacts) = (source.clone(), audience.contacts);
        Ok(Self { source, scenario, providers, contacts, mailings, limits, deeds, expectations, horizon })
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

    /// The whole fleet of the scenario, for whoever serves it without an engine.
    pub fn fleet(&self, builder: FleetBuilder) -> Fleet {
        let whole = shard::cut(self, 1).into_iter().next().unwrap_or_default();
        world::fleet(self, builder, &whole)
    }

    /// The habits in force at the provider with this number.
    pub(crate) fn habits(&self, provider: usize) -> impl Iterator<Item = &Habit> {
        habits::of(&self.scenario.providers[provider], self.providers[provider].profile)
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

fn providers(
    scenario: &Scenario,
    directory: &Directory<'_>,
    problems: &mut Problems,
) -> Vec<PlannedProvider> {
    let planned = |provider: &scenario::Provider| {
        let profile = profile(&provider.like, problems);
        habits::check(provider, profile, problems);
        PlannedProvider { profile, spans: Vec::new() }
    };
    let mut planned: Vec<_> = scenario.providers.iter().map(planned).collect();
    for (index, entry) in scenario.timeline.iter().enumerate() {
        if let Entry::Span(span) = entry
            && let Some(provider) = directory.provider(&span.provider.value)
        {
            planned[provider].spans.push(index);
        }
    }
    planned
}

/// The profile with this name; any if there is none, which is reported.
fn profile(name: &Placed<String>, problems: &mut Problems) -> &'static Profile {
    let library = profile::library();
    library.get(&name.value).unwrap_or_else(|| {
        let message = format!("unknown profile `{}`", name.value);
        let help = scenario::suggestion(&name.value, &library.names(), "profiles");
        problems.push(Problem::at(name.place, message, "no such profile").help(help));
        library.generic()
    })
}

/// Our own limits, as the author wrote them or as the engine has them.
fn limits(written: &Limits) -> SiteLimits {
    let default = SiteLimits::default();
    SiteLimits {
        connections: written.connections.unwrap_or(default.connections),
        messages_per_connection: written.messages_per_connection.unwrap_or(default.messages_per_connection),
        recipients_per_message: written.recipients_per_message.unwrap_or(default.recipients_per_message),
        rate: written.rate,
    }
}

fn deeds(scenario: &Scenario, audience: &Audience) -> Vec<PlannedDeed> {
    let contact = |address: &Placed<String>| audience.number(&address.value);
    let mailing = |name: &Placed<String>| {
        let number = scenario.mailings.iter().position(|mailing| mailing.name.value == name.value);
        number.map(MailingId::from_index)
    };
    let what = |deed: &Deed| match deed {
        Deed::OptOut(address) => contact(address).map(PlannedWhat::OptOut),
        Deed::Complaint(address) => contact(address).map(PlannedWhat::Complaint),
        Deed::Reactivate { contact: address, by, why } => contact(address)
            .map(|contact| PlannedWhat::Reactivate { contact, by: by.clone(), why: why.clone() }),
        Deed::Cancel(name) => mailing(name).map(PlannedWhat::Cancel),
    };
    let deed = |entry: &Entry| match entry {
        Entry::Span(_) => None,
        Entry::Action(action) => what(&action.deed).map(|what| PlannedDeed { at: action.at.value, what }),
    };
    let mut deeds: Vec<PlannedDeed> = scenario.timeline.iter().filter_map(deed).collect();
    deeds.sort_by_key(|deed| deed.at);
    deeds
}

fn expectations(
    source: &Source,
    scenario: &Scenario,
    audience: &Audience,
    horizon: Instant,
    problems: &mut Problems,
) -> Vec<Expectation> {
    let categories = Category::ALL.map(Category::name);
    let is_contact = |address: &str| audience.number(address).is_some();
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

#[cfg(test)]
mod tests {
    use scenario::Style;
    use units::Span;

    use super::*;

    /// A scenario with these lines in it, for two contacts.
    fn plan(lines: &str) -> Result<Plan, String> {
        let head = "name: Test\nproviders: { bigbox: }\naudience: [{ domain: bigbox.test, contacts: 2 }]\nexpect: []\n";
        let source = Source::new("file.yaml", format!("{head}{lines}"));
        Plan::read(&source)
            .map_err(|problems| scenario::render(&source, &problems.into_sorted(), Style::Plain))
    }

    #[test]
    fn nobody_joins_after_ten_years() {
        let shown =
            plan("mailings:\n  - { name: slow, kind: automated, joins: 1/100000d }\n").expect_err("slow");
        let expected = "
error: the last of 2 recipients joins more than ten years after the start
 --> file.yaml:6:43
  |
6 |   - { name: slow, kind: automated, joins: 1/100000d }
  |                                           ^^^^^^^^^ too slow
  |
  = help: write a higher rate, or name fewer recipients with `to`
";
        assert_eq!(shown.trim(), expected.trim(), "{shown}");
        let one =
            "mailings:\n  - { name: slow, kind: automated, joins: 1/100000d, to: c000001@bigbox.test }\n";
        assert!(plan(one).is_ok());
        let late = "mailings:\n  - { name: slow, kind: automated, joins: 1/d, start: 3650d }\n";
        assert!(plan(late).is_err_and(|shown| shown.contains("more than ten years after the start")));
    }

    #[test]
    fn the_window_of_the_last_who_joins_closes_last() {
        let plan = plan("mailings: [{ name: a, kind: automated, joins: 1/h, start: 2h }, { name: b }]")
            .expect("fine");
        let ends: Vec<Instant> = plan.mailings.iter().map(|mailing| mailing.window_end).collect();
        assert_eq!(ends, [Instant::from_hours(33), Instant::from_hours(30)]);
        assert_eq!(plan.horizon, Instant::from_hours(33));
    }

    /// The default of a key as the reference has it.
    fn documented(key: &str) -> String {
        let reference = scenario::reference(&vocabulary());
        let row = reference.lines().find(|line| line.starts_with(&format!("| `{key}` |"))).expect(key);
        row.split('|').nth(3).expect("a default").trim().to_owned()
    }

    #[test]
    fn the_documented_defaults_are_those_of_the_engine() {
        let plan = plan("mailings: [{ name: news }]").expect("fine");
        let attempts: Vec<String> =
            plan.mailings[0].plan.offsets().iter().map(|offset| Span(*offset).to_string()).collect();
        assert_eq!(documented("attempts"), format!("[{}]", attempts.join(", ")));
        let SiteLimits { connections, messages_per_connection, recipients_per_message, rate } = plan.limits;
        assert_eq!(documented("connections"), connections.to_string());
        assert_eq!(documented("messages_per_connection"), messages_per_connection.to_string());
        assert_eq!(documented("recipients_per_message"), recipients_per_message.to_string());
        assert_eq!((documented("rate").as_str(), rate), ("unlimited", None));
    }

    #[test]
    fn what_is_written_goes_before_the_defaults() {
        let plan = plan(
            "mailings: [{ name: news, attempts: [0h, 2h, 6h, 29h30m] }]\nlimits: { connections: 3, rate: 9/min }\n",
        )
        .expect("fine");
        assert_eq!(Span(plan.mailings[0].plan.offsets()[1]).to_string(), "2h");
        assert_eq!((plan.limits.connections, plan.limits.messages_per_connection), (3, 100));
        assert_eq!(plan.limits.rate.map(units::Rate::count), Some(9));
    }
}
