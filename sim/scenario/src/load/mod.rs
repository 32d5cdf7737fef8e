//! Reads a scenario: the skeleton, its defaults and its checks.
//!
//! Each section of the file is read by a module of its own, as far as it can be read; then [`references`] looks at what the
//! sections say about each other. A section that is wrong in one place does not keep the others from being checked.
//!
//! What a behaviour's settings, a profile's name, an attempt plan or an expectation mean is not decided here.

mod audience;
mod content;
mod hosts;
mod mailings;
mod names;
mod providers;
mod references;
mod rules;
mod sender;
mod timeline;

pub use hosts::mx_hosts;
pub use names::domain;

use crate::skeleton::{ANCHORS, LIMITS, SCENARIO};
use crate::{
    Kind, Limits, Node, Placed, Problem, Problems, Reader, Scenario, Sender, Source, Vocabulary, tree, value,
};

/// Reads a scenario that may use the behaviours of `vocabulary`.
///
/// # Errors
/// Everything that is wrong with it, at once; only the first place if it is malformed as YAML.
pub fn load(source: &Source, vocabulary: &Vocabulary) -> Result<Scenario, Problems> {
    let mut problems = Problems::new();
    match read(source, vocabulary, &mut problems) {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        Some(_) | None => Err(problems),
    }
}

/// Reads a scenario as far as it can be read, so that others can look for problems of their kind in what there is. Sections
/// that are missing or wrong are empty. `None` if it is malformed as YAML, or empty.
pub fn read(source: &Source, vocabulary: &Vocabulary, problems: &mut Problems) -> Option<Scenario> {
    let tree = match tree(source) {
        Ok(tree) => tree,
        Err(malformed) => {
            problems.extend(malformed.into_sorted());
            return None;
        }
    };
    if tree.is_missing() {
        let keys = "a scenario has at least the keys `name`, `providers`, `audience` and `mailings`";
        problems.push(Problem::new("the file is empty").help(keys));
        return None;
    }
    scenario(&tree, vocabulary, problems)
}

/// What can be read of the scenario, so that everything that is wrong with it is found. Sections that are missing or wrong
/// are empty here, and reported.
fn scenario(tree: &Node, vocabulary: &Vocabulary, problems: &mut Problems) -> Option<Scenario> {
    let mut reader = Reader::new("the scenario", SCENARIO.fields, tree, problems)?;
    reader.ignore(ANCHORS);
    let nameless = Placed { value: String::new(), place: tree.place };
    let scenario = Scenario {
        name: reader.required("name", value::placed(value::text)).unwrap_or(nameless),
        about: reader.optional("about", value::text).unwrap_or_default(),
        seed: reader.optional("seed", value::number(0..=u64::MAX)).unwrap_or(1),
        sender: reader.optional("sender", sender::read).unwrap_or_else(|| Sender::usual(tree.place)),
        providers: reader.required("providers", providers::reader(vocabulary)).unwrap_or_default(),
        timeline: reader.optional("timeline", timeline::reader(vocabulary)).unwrap_or_default(),
        audience: reader.required("audience", audience::read).unwrap_or_default(),
        mailings: reader.required("mailings", mailings::read).unwrap_or_default(),
        limits: reader.optional("limits", limits).unwrap_or_default(),
        expect: reader.optional("expect", expectations).unwrap_or_default(),
    };
    reader.finish();
    references::check(&scenario, problems);
    Some(scenario)
}

fn limits(node: &Node, problems: &mut Problems) -> Option<Limits> {
    let mut reader = Reader::new("`limits`", LIMITS.fields, node, problems)?;
    let limits = Limits {
        connections: reader.optional("connections", value::number(1..=10_000)),
        messages_per_connection: reader.optional("messages_per_connection", value::number(1..=100_000)),
        recipients_per_message: reader.optional("recipients_per_message", value::number(1..=100)),
        rate: reader.optional("rate", value::rate),
    };
    reader.finish();
    Some(limits)
}

fn expectations(node: &Node, problems: &mut Problems) -> Option<Vec<Placed<String>>> {
    let lines = items(node, "expectations", problems).iter();
    Some(lines.filter_map(|line| value::placed(value::text)(line, problems)).collect())
}

/// The entries of a section that is a list; nothing counts as an empty one.
fn items<'a>(node: &'a Node, what: &str, problems: &mut Problems) -> &'a [Node] {
    match &node.kind {
        Kind::List(items) => items,
        Kind::Scalar { .. } if node.is_missing() => &[],
        Kind::Scalar { .. } | Kind::Map(_) => {
            let help = "begin each entry on a line of its own, with `- `";
            problems.push(value::unexpected(node, &format!("a list of {what}"), help));
            &[]
        }
    }
}

/// The entries of a section that must have some.
fn at_least_one<'a>(node: &'a Node, what: &str, example: &str, problems: &mut Problems) -> &'a [Node] {
    let before = problems.len();
    let items = items(node, what, problems);
    if items.is_empty() && problems.len() == before {
        refuse_empty(node, what, example, problems);
    }
    items
}

/// Reports that a section has no entries.
fn refuse_empty(node: &Node, what: &str, example: &str, problems: &mut Problems) {
    problems.push(
        Problem::at(node.place, format!("there are no {what}"), "nothing here")
            .help(format!("add one, as in `{example}`")),
    );
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use units::{ByteSize, Instant, Rate};

    use super::*;
    use crate::{
        ContactPolicy, ContactStatus, Deed, Definition, Entry, Listed, MailingKind, Mx, Style, Uncertain,
        render,
    };

    const CONNECT: Definition = Definition {
        key: "connect",
        about: "How connections are met.",
        kind: "refuse, time_out or reset",
        fields: &[],
        example: "connect: refuse",
    };

    fn check(text: &str) -> Scenario {
        let source = Source::new("file.yaml", text);
        let vocabulary = Vocabulary { behaviours: vec![&CONNECT], when: None };
        load(&source, &vocabulary)
            .unwrap_or_else(|problems| panic!("{}", render(&source, &problems.into_sorted(), Style::Plain)))
    }

    fn values(texts: &[Placed<String>]) -> Vec<&str> {
        texts.iter().map(|text| text.value.as_str()).collect()
    }

    #[test]
    fn what_is_not_written_has_its_default() {
        let scenario = check(
            "name: Test\nproviders: { bigbox: }\naudience: [{ contact: ann@bigbox.test }]\nmailings: [{ name: spring-sale }]",
        );
        assert_eq!((scenario.about.as_str(), scenario.seed), ("", 1));
        assert!(scenario.timeline.is_empty() && scenario.expect.is_empty());

        let provider = &scenario.providers[0];
        assert_eq!(provider.like.value, "generic-postfix");
        assert_eq!(values(&provider.domains), ["bigbox.test"]);
        let Mx::Hosts(hosts) = &provider.mx else { panic!("{:?}", provider.mx) };
        assert_eq!(hosts.len(), 1);
        assert_eq!((hosts[0].host.value.as_str(), hosts[0].preference), ("mx1.bigbox.test", 10));

        let Listed::Contact { status, times, .. } = &scenario.audience[0] else { panic!("a contact") };
        assert_eq!((*status, *times), (ContactStatus::Active, 1));

        let mailing = &scenario.mailings[0];
        assert_eq!((mailing.kind, mailing.start.value), (MailingKind::Regular, Instant::ZERO));
        assert_eq!((mailing.size.value, mailing.subject.as_str()), (ByteSize(4096), "spring-sale"));
        assert!(mailing.to.is_empty());
        assert_eq!((mailing.policy, mailing.uncertain), (ContactPolicy::Classic, Uncertain::Resend));
        // The engine's own, which this crate does not know.
        assert_eq!((&mailing.attempts, &scenario.limits), (&None, &Limits::default()));
    }

    /// The problems of a scenario with these providers and mailings.
    fn refused(providers: &str, mailings: &str) -> Vec<Problem> {
        let audience = "audience: [{ contact: ann@bigbox.test }]";
        let text = format!("name: Test\nproviders: {providers}\n{audience}\nmailings: [{mailings}]\n");
        let loaded = load(&Source::new("file.yaml", text), &Vocabulary::default());
        loaded.err().map(Problems::into_sorted).unwrap_or_default()
    }

    #[test]
    fn mailings_and_hosts_are_limited() {
        let mailings = |count: u32| {
            let all: Vec<String> = (0..count).map(|number| format!("{{ name: m{number} }}")).collect();
            refused("{ bigbox: }", &all.join(", "))
        };
        assert_eq!(mailings(1000), []);
        let problems = mailings(66_000);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].message, "a scenario has at most 1000 mailings, this one has 66000");

        let hosts = |count: u32| {
            let all: Vec<String> = (0..count).map(|number| format!("mx{number}.bigbox.test")).collect();
            refused(&format!("{{ bigbox: {{ mx: [{}] }} }}", all.join(", ")), "{ name: spring-sale }")
        };
        assert_eq!(hosts(100), []);
        let problems = hosts(20_000);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].message, "a provider has at most 100 hosts, this one has 20000");
    }

    #[test]
    fn hosts_may_share_a_preference() {
        let scenario = check(
            "
name: Test
providers:
  bigbox: { mx: [MX1.bigbox.test, { host: mx2.bigbox.test, preference: 10 }, mx3.bigbox.test] }
audience: [{ contact: ann@bigbox.test }]
mailings: [{ name: spring-sale }]
",
        );
        let Mx::Hosts(hosts) = &scenario.providers[0].mx else { panic!("hosts") };
        let read: Vec<_> = hosts.iter().map(|host| (host.host.value.as_str(), host.preference)).collect();
        assert_eq!(read, [("mx1.bigbox.test", 10), ("mx2.bigbox.test", 10), ("mx3.bigbox.test", 30)]);
    }

    #[test]
    fn what_is_written_is_in_the_model() {
        let scenario = check(
            "
name: Test
about: Everything
seed: 1_000
providers:
  bigbox: { like: gmail, domains: BigBox.example, mx: [a.bigbox.test, b.bigbox.test], connect: refuse }
  nomail: { mx: null_mx }
timeline:
  - { name: outage, from: 1h, until: 9h, provider: bigbox, host: a.bigbox.test, connect: reset }
  - { at: 8d, reactivate: ann@bigbox.example, by: support, why: asked }
audience:
  - { domain: bigbox.example, contacts: 1_000 }
  - { contact: ann@BigBox.example, status: error, times: 2 }
mailings:
  - { name: a, kind: automated, joins: 5/s, start: 2h, size: 1 MiB, subject: Hi, to: [bigbox], attempts: [0h, 2h] }
  - { name: b, kind: test, to: ann@bigbox.example, policy: careful, uncertain: hold }
limits: { connections: 1, messages_per_connection: 2, recipients_per_message: 3, rate: 4/min }
expect:
  - sent == 1001 at end
",
        );
        assert_eq!((scenario.about.as_str(), scenario.seed), ("Everything", 1000));
        assert_eq!(values(&scenario.expect), ["sent == 1001 at end"]);

        let provider = &scenario.providers[0];
        assert_eq!(
            (provider.like.value.as_str(), values(&provider.domains)),
            ("gmail", vec!["bigbox.example"])
        );
        assert_eq!(provider.behaviours[0].key.value, "connect");
        assert_eq!(provider.behaviours[0].settings.text(), Some("refuse"));
        assert_eq!(scenario.providers[1].mx, Mx::Null);

        let Entry::Span(span) = &scenario.timeline[0] else { panic!("a span") };
        assert_eq!((span.from, span.until.value), (Instant::from_hours(1), Instant::from_hours(9)));
        assert_eq!(span.host.as_ref().map(|host| host.value.as_str()), Some("a.bigbox.test"));
        let Entry::Action(action) = &scenario.timeline[1] else { panic!("an action") };
        assert_eq!(action.at.value, Instant::from_hours(192));
        assert!(
            matches!(&action.deed, Deed::Reactivate { by, why, .. } if by == "support" && why == "asked")
        );

        let Listed::Domain { contacts, .. } = &scenario.audience[0] else { panic!("generated contacts") };
        assert_eq!(contacts.value, 1000);
        let Listed::Contact { address, status, times } = &scenario.audience[1] else { panic!("a contact") };
        assert_eq!(
            (address.value.as_str(), *status, *times),
            ("ann@bigbox.example", ContactStatus::Error, 2)
        );

        let [a, b] = &scenario.mailings[..] else { panic!("two mailings") };
        let MailingKind::Automated(joins) = a.kind else { panic!("{:?}", a.kind) };
        assert_eq!(Some(joins.value), Rate::new(5, Duration::from_secs(1)));
        assert_eq!(
            (a.size.value, a.subject.as_str(), values(&a.to)),
            (ByteSize(1 << 20), "Hi", vec!["bigbox"])
        );
        let attempts = a.attempts.as_ref().map(|attempts| attempts.value.as_slice());
        assert_eq!(attempts, Some([Duration::ZERO, Duration::from_hours(2)].as_slice()));
        assert_eq!(
            (b.kind, b.policy, b.uncertain),
            (MailingKind::Test, ContactPolicy::Careful, Uncertain::Hold)
        );
        let limits = &scenario.limits;
        assert_eq!((limits.connections, limits.messages_per_connection), (Some(1), Some(2)));
        assert_eq!(
            (limits.recipients_per_message, limits.rate),
            (Some(3), Rate::new(4, Duration::from_mins(1)))
        );
    }
}
