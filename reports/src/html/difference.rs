//! The page about what differs between two runs.

use askama::Template;
use record::Held;

use super::frame::{Frame, Live, RunsHeader, html};
use super::shown;
use crate::difference::{
    ContactChange, Difference, ExpectationChange, Finding, LawChange, MetricChange, ScenarioDifference,
    VerdictChange, Weight, words,
};
use crate::wording;

/// Answers of a scenario that are shown.
const ANSWERS_MAX: usize = 100;
/// Contacts of a scenario that are shown.
const CONTACTS_MAX: usize = 200;
/// Scenarios whose files are listed because only one run has them.
const FILES_MAX: usize = 1_000;

#[derive(Template)]
#[template(path = "difference.html")]
struct Main {
    scenarios: Vec<Scenario>,
    /// Scenarios that only one of the runs has, by their files.
    only: Vec<(&'static str, Vec<String>)>,
    only_moments: &'static str,
}

struct Scenario {
    name: String,
    file: String,
    /// HTML without foreign text.
    verdict: String,
    facts: Vec<(&'static str, String)>,
    found: Vec<(&'static str, String)>,
    /// Expectations, then laws.
    checks: Vec<Check>,
    metrics: Vec<Metric>,
    answers: Vec<Answer>,
    more_answers: usize,
    contacts: Vec<Person>,
    count: String,
    more_contacts: u64,
    /// Whether nothing of that differs: then the row in the table says enough, unless it is the only one.
    is_bare: bool,
}

struct Check {
    text: String,
    /// Before and after: whether it held, and what was measured.
    sides: [Option<(bool, String)>; 2],
}

struct Metric {
    by: &'static str,
    name: String,
    metric: &'static str,
    before: String,
    after: String,
    delta: String,
    /// By what the changes are sorted: their size.
    sort: u64,
}

struct Answer {
    words: String,
    sample: String,
    before: String,
    after: String,
}

/// A row of a contact: its status, or one of its mailings.
struct Person {
    address: String,
    place: String,
    before: String,
    after: String,
}

/// The page: one HTML document that needs nothing else. The same difference gives the same bytes.
pub fn difference(difference: &Difference) -> String {
    let badge = if difference.is_empty() { ("good", "=") } else { ("caution", "≠") };
    let header = html(&RunsHeader {
        title: "What differs".to_owned(),
        badge: (badge.0, badge.1, words::total(difference)),
        facts: vec![
            ("before", shown::line(&difference.before)),
            ("after", shown::line(&difference.after)),
            ("made by", record::files::TOOL.to_owned()),
        ],
    });
    let files = |files: &[String]| files.iter().take(FILES_MAX).map(|file| shown::line(file)).collect();
    let only = [
        ("Only in the earlier run", &difference.only_before),
        ("Only in the later run", &difference.only_after),
    ];
    let only = only.into_iter().filter(|(_, names)| !names.is_empty());
    let main = html(&Main {
        scenarios: difference.ranked().into_iter().map(scenario).collect(),
        only: only.map(|(title, names)| (title, files(names))).collect(),
        only_moments: words::ONLY_MOMENTS,
    });
    let title = format!("{} and {} – Bouncelab", difference.before, difference.after);
    Frame { title: &title, header: &header, main: &main, data: "", live: Live::Finished }.render()
}

fn scenario(scenario: &ScenarioDifference) -> Scenario {
    let mut facts = vec![("file", shown::line(&scenario.file))];
    facts.push(("seed", words::seeds(scenario)));
    facts.push(("digest", words::digests(scenario)));
    let parting = words::parting(scenario);
    facts.extend((!parting.is_empty()).then(|| ("they part", shown::line(&parting))));
    let found = [("Before", &scenario.before.found), ("After", &scenario.after.found)];
    let found = found.into_iter().filter(|(_, found)| !found.is_empty());
    let expectations = scenario.brief.expectations.iter().map(expectation);
    let contacts: Vec<Person> = scenario.contacts.first.iter().take(CONTACTS_MAX).flat_map(people).collect();
    Scenario {
        name: shown::line(&scenario.name),
        file: shown::line(&scenario.file),
        verdict: verdict(scenario),
        facts,
        found: found.map(|(name, found)| (name, shown::text(found.trim_end()))).collect(),
        checks: expectations.chain(scenario.brief.laws.iter().map(law)).collect(),
        metrics: scenario.brief.metrics.iter().map(metric).collect(),
        answers: scenario.verdicts.iter().take(ANSWERS_MAX).map(answer).collect(),
        more_answers: scenario.verdicts.len().saturating_sub(ANSWERS_MAX),
        is_bare: scenario.weight() == Weight::Moments,
        contacts,
        count: wording::number(scenario.contacts.count),
        more_contacts: scenario.contacts.count.saturating_sub(CONTACTS_MAX as u64),
    }
}

/// How it stands in both runs, as pills.
fn verdict(scenario: &ScenarioDifference) -> String {
    let (before, after) = (&scenario.before, &scenario.after);
    let pill = |good: bool, standing: &str| {
        let (class, symbol) = if good { ("good", "✓") } else { ("bad", "✗") };
        format!("<span class=\"pill {class}\">{symbol} {}</span>", standing.replace('_', " "))
    };
    let now = pill(after.good, after.standing);
    if before.standing == after.standing {
        return now;
    }
    let was = pill(before.good, before.standing);
    format!("<span class=\"change\">{was}<span class=\"arrow\">→</span>{now}</span>")
}

fn expectation(change: &ExpectationChange) -> Check {
    let side = |finding: &Option<Finding>| {
        let finding = finding.as_ref()?;
        Some((finding.held == Held::Yes, shown::line(&finding.measured)))
    };
    Check { text: shown::line(&change.text), sides: [side(&change.before), side(&change.after)] }
}

fn law(change: &LawChange) -> Check {
    let side = |held: Held| Some((held == Held::Yes, String::new()));
    let text = shown::line(&format!("law {}", change.law));
    Check { text, sides: [side(change.before), side(change.after)] }
}

fn metric(change: &MetricChange) -> Metric {
    Metric {
        by: words::by(change.by),
        name: shown::line(&change.name),
        metric: change.metric,
        before: words::count(change.before),
        after: words::count(change.after),
        delta: words::delta(change.before, change.after),
        sort: change.before.unwrap_or(0).abs_diff(change.after.unwrap_or(0)),
    }
}

fn answer(change: &VerdictChange) -> Answer {
    Answer {
        words: shown::line(&words::answer(change)),
        sample: shown::text(&change.sample),
        before: wording::number(change.before),
        after: wording::number(change.after),
    }
}

fn people(change: &ContactChange) -> Vec<Person> {
    let person = |place: String, before: String, after: String| Person {
        address: shown::line(&change.address),
        place,
        before,
        after,
    };
    let status = |status: Option<record::Status>| {
        status.map_or_else(|| "not in the audience".to_owned(), |status| wording::status(status).to_owned())
    };
    let own = (change.before != change.after)
        .then(|| person("status".to_owned(), status(change.before), status(change.after)));
    let courses = change.mailings.iter().map(|mailing| {
        let (before, after) = (words::course(mailing.before), words::course(mailing.after));
        person(shown::line(&mailing.mailing), before, after)
    });
    own.into_iter().chain(courses).collect()
}
