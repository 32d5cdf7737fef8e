//! What providers do: the behaviours of their rules, of the spans of the timeline, and those that are in force all along.
//!
//! Read twice: once when the plan is made, for what is wrong with them, and once for each shard of a run, because behaviours
//! have a memory.

use fleet::{Active, Behaviour, Habit, Phase, Spans, Times, When};
use record::RulePlace;
use scenario::{Entry, Kind, Node, Place, Placed, Problem, Problems, Repeat, Scenario};
use smtp::Address;
use units::Instant;

use super::audience::Audience;
use super::{Plan, names};

/// Behaviours that stand together, and when they are in force.
pub(super) struct Group<'a> {
    place: RulePlace,
    from: Instant,
    until: Instant,
    repeat: Option<Repeat>,
    host: Option<&'a str>,
    pub(super) domain: Option<&'a Placed<String>>,
    name: Option<&'a str>,
    when: Option<&'a Node>,
    pub(super) behaviours: &'a [scenario::Behaviour],
}

/// A behaviour, and the steps that follow it.
type Steps = (Box<dyn Behaviour>, Vec<Box<dyn Behaviour>>);

impl<'a> Group<'a> {
    fn of_span(span: &'a scenario::Span) -> Self {
        Self {
            place: if span.when.is_some() { RulePlace::ConditionalSpan } else { RulePlace::Span },
            from: span.from,
            until: span.until.value,
            repeat: span.repeat,
            host: span.host.as_ref().map(|host| host.value.as_str()),
            domain: span.domain.as_ref(),
            name: span.name.as_ref().map(|name| name.value.as_str()),
            when: span.when.as_ref(),
            behaviours: &span.behaviours,
        }
    }

    fn of_rule(rule: &'a scenario::Rule) -> Self {
        Self {
            place: RulePlace::Rule,
            name: rule.name.as_ref().map(|name| name.value.as_str()),
            when: rule.when.as_ref(),
            ..Self::all_along(&rule.behaviours)
        }
    }

    fn of_habit(habit: &'a Habit) -> Self {
        Self { place: RulePlace::Habit, ..Self::all_along(std::slice::from_ref(&habit.behaviour)) }
    }

    fn all_along(behaviours: &'a [scenario::Behaviour]) -> Self {
        let (from, until) = (Instant::ZERO, Instant::MAX);
        Self {
            place: RulePlace::Provider,
            from,
            until,
            repeat: None,
            host: None,
            domain: None,
            name: None,
            when: None,
            behaviours,
        }
    }

    /// What is written under `when`, and that the recipient is at the domain if there is one.
    fn condition(&self) -> Option<Node> {
        let Some(Placed { value, place }) = self.domain else { return self.when.cloned() };
        let (key, text) = (Placed { value: "domain".to_owned(), place: *place }, value.clone());
        let domain = (key, Node { place: *place, kind: Kind::Scalar { text, quoted: true } });
        let others = match self.when.map(|when| &when.kind) {
            Some(Kind::Map(entries)) => entries.clone(),
            // Nothing else can be read there, and that is reported.
            Some(Kind::Scalar { .. } | Kind::List(_)) => return self.when.cloned(),
            None => Vec::new(),
        };
        let place = self.when.map_or(*place, |when| when.place);
        Some(Node { place, kind: Kind::Map([vec![domain], others].concat()) })
    }

    /// A behaviour, and the steps that follow it if it has ramps; what is wrong with it is reported.
    fn steps(&self, written: &scenario::Behaviour, problems: &mut Problems) -> Option<Steps> {
        let before = problems.len();
        let Some(steps) = scenario::ramp(written, problems) else {
            let is_sound = problems.len() == before;
            return Some((is_sound.then(|| fleet::read_behaviour(written, problems)).flatten()?, Vec::new()));
        };
        if self.until == Instant::MAX && self.repeat.is_none() {
            let problem = Problem::at(written.settings.place, "a ramp needs an end", "goes on for ever");
            problems.push(
                problem.help("write it in a span of the timeline that has `until`, or `every` and `for`"),
            );
            return None;
        }
        let mut read = Vec::new();
        for step in &steps {
            // What is wrong with one step is wrong with many.
            let behaviour = fleet::read_behaviour(step, problems)?;
            if behaviour.dns().is_some() {
                let problem = Problem::at(
                    written.settings.place,
                    "`dns` has no ramps",
                    "nothing that goes from one to another",
                );
                problems.push(problem.help("write a span for each answer"));
                return None;
            }
            if behaviour.remembers() {
                let message = format!("`{}` has no ramps", written.key.value);
                let problem =
                    Problem::at(written.settings.place, message, "it remembers what happened before");
                problems.push(problem.help("write a span for each value; each begins without a memory"));
                return None;
            }
            read.push(behaviour);
        }
        let mut read = read.into_iter();
        Some((read.next()?, read.collect()))
    }

    /// What a fleet is told; what is wrong with it is reported.
    fn read(&self, spans: &Spans, problems: &mut Problems) -> Vec<Active> {
        let condition = self.condition();
        let read = |written: &scenario::Behaviour| {
            let (behaviour, later) = self.steps(written, problems)?;
            // A condition has draws of its own in each behaviour. The DNS is asked before there is anything to look at.
            let conditional = condition.as_ref().filter(|_| behaviour.dns().is_none());
            let when = conditional.map(|node| fleet::read_when(node, spans, problems));
            Some(Active {
                from: self.from,
                until: self.until,
                repeat: self.repeat,
                host: self.host.map(str::to_owned),
                domain: self.domain.map(|domain| domain.value.clone()),
                name: self.name.map(str::to_owned),
                when: when.map_or(Some(None), |when| when.map(Some))?,
                behaviour,
                later,
            })
        };
        self.behaviours.iter().filter_map(read).collect()
    }
}

/// The behaviours of a provider in the order in which they are asked: spans of the timeline, later ones first, then its
/// rules, then what it does all along, and last the habits of its profile.
pub(crate) fn behaviours(plan: &Plan, provider: usize) -> Vec<Active> {
    let mut problems = Problems::new();
    let spans = spans(&plan.scenario);
    let of_provider = groups(&plan.scenario, provider, &plan.providers[provider].spans);
    let habits = plan.habits(provider).map(Group::of_habit);
    let read = of_provider.chain(habits).flat_map(|group| group.read(&spans, &mut problems)).collect();
    debug_assert!(problems.is_empty(), "they were read before, when the plan was made");
    read
}

/// Where each of them stands in the scenario, in the same order; habits stand where they are turned on.
pub(crate) fn places(plan: &Plan, provider: usize) -> impl Iterator<Item = (RulePlace, Place)> {
    let written = groups(&plan.scenario, provider, &plan.providers[provider].spans)
        .flat_map(|group| group.behaviours.iter().map(move |written| (group.place, written.key.place)));
    let turned_on = plan.scenario.providers[provider].habits.place;
    written.chain(plan.habits(provider).map(move |_| (RulePlace::Habit, turned_on)))
}

pub(super) fn groups<'a>(
    scenario: &'a Scenario,
    provider: usize,
    spans: &'a [usize],
) -> impl Iterator<Item = Group<'a>> {
    let of_entry = |index: &usize| match &scenario.timeline[*index] {
        Entry::Span(span) => Some(Group::of_span(span)),
        Entry::Action(_) => None,
    };
    let provider = &scenario.providers[provider];
    let rules = provider.rules.iter().map(Group::of_rule);
    let standing = std::iter::once(Group::all_along(&provider.behaviours));
    spans.iter().rev().filter_map(of_entry).chain(rules).chain(standing)
}

/// The spans that have a name.
fn spans(scenario: &Scenario) -> Spans {
    let mut spans = Spans::new();
    for entry in &scenario.timeline {
        if let Entry::Span(span) = entry
            && let Some(name) = &span.name
        {
            let (from, until, repeat) = (span.from, span.until.value, span.repeat);
            spans.add(&name.value, Times { from, until, repeat });
        }
    }
    spans
}

/// Reports what is wrong with what providers do. Whom behaviours name is only looked at in an audience that is known.
pub(super) fn check(scenario: &Scenario, audience: Option<&Audience>, problems: &mut Problems) {
    let spans = spans(scenario);
    let of_timeline = scenario.timeline.iter().filter_map(|entry| match entry {
        Entry::Span(span) => Some(Group::of_span(span)),
        Entry::Action(_) => None,
    });
    let of_providers = scenario.providers.iter().flat_map(|provider| {
        provider.rules.iter().map(Group::of_rule).chain([Group::all_along(&provider.behaviours)])
    });
    for group in of_providers.chain(of_timeline) {
        check_group(&group, &spans, audience, problems);
    }
}

fn check_group(group: &Group<'_>, spans: &Spans, audience: Option<&Audience>, problems: &mut Problems) {
    // What is wrong with a condition is wrong once, however many behaviours it is for.
    let when = group.condition().and_then(|node| fleet::read_when(&node, spans, problems));
    for written in group.behaviours {
        let Some((behaviour, _)) = group.steps(written, problems) else { continue };
        if behaviour.dns().is_some() {
            names::check_place(group.host, group.when, written, problems);
            continue;
        }
        if let Some(problem) = when.as_ref().and_then(|when| never_known(when, written, behaviour.as_ref())) {
            problems.push(problem);
        }
        names_contacts(behaviour.as_ref(), audience, problems);
    }
}

fn names_contacts(behaviour: &dyn Behaviour, audience: Option<&Audience>, problems: &mut Problems) {
    let is_stranger = |address: &&Placed<Address>| {
        audience.is_some_and(|audience| audience.number(address.value.as_str()).is_none())
    };
    for address in behaviour.named_contacts().into_iter().filter(is_stranger) {
        let message = format!("`{}` is not in the audience", address.value);
        let help =
            format!("add it under `audience`, as in `- {{ contact: {} }}`, or correct it", address.value);
        problems.push(Problem::at(address.place, message, "no such contact").help(help));
    }
}

/// The problem that a behaviour acts before its condition can hold.
fn never_known(when: &When, written: &scenario::Behaviour, behaviour: &dyn Behaviour) -> Option<Problem> {
    let Placed { value: (known_from, matcher), place } = *when.known_from()?;
    // Whoever acts in no phase in particular does so before the message has come.
    let last = behaviour.phases().last().unwrap_or(Phase::Data);
    (last < known_from).then(|| {
        let key = &written.key.value;
        let message = format!("`{matcher}` is not known yet when `{key}` acts");
        Problem::at(place, message, format!("known from {} on", known_from.word()))
            .also(written.key.place, format!("acts at {} at the latest", last.word()))
            .help(if written.settings.get("at").is_some() {
                format!(
                    "let `{key}` act at {} or later, or ask for something that is known earlier",
                    known_from.word()
                )
            } else {
                "ask for something that is known earlier: `client`, `host`, `during` and `share` always are"
                    .to_owned()
            })
    })
}
