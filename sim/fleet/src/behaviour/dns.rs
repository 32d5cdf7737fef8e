//! `dns`: what the DNS says about the provider's domains while this is in force.

use std::time::Duration;

use scenario::field::{optional, with_default};
use scenario::{Definition, Field, Kind, Node, Placed, Problem, Problems, Reader, domain, mx_hosts, value};

use super::{Behaviour, BehaviourKind};
use crate::Phases;
use crate::dns::{Dns, MxRecord, Saying, StsMode, StsPolicy, Tlsa};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "dns",
    about: "What the DNS says about the provider's domains while this is in force, in place of what `mx` says, or beside it. \
            Senders ask when they have mail and what they were told may be kept no longer. An answer alone is \
            written short. In a span, `domain` restricts it to one domain of the provider. A provider serves the hosts that it ever has.",
    kind: "an answer, or a map",
    fields: &[
        optional(
            "answer",
            "implicit, null_mx, no_such_domain, no_data, server_failure, bogus, refused or time_out",
            "`implicit`: no MX record, the domain itself takes mail. `null_mx`: it declares that it takes none. `no_such_domain`: it does \
             not exist. `no_data`: it exists, with neither MX record nor address. `server_failure`: the name server fails. \
             `bogus`: its signatures (DNSSEC) are wrong, so that a resolver that checks them fails. `refused`: the name server refuses to answer. \
             `time_out`: nobody answers; senders wait for half a minute.",
        ),
        optional(
            "mx",
            "list of hosts",
            "These hosts take the mail, as under `mx` of a provider. Not beside `answer`.",
        ),
        optional(
            "cname",
            "name",
            "The domains are aliases of this name, and the records are there. For senders the same hosts take the mail.",
        ),
        with_default(
            "ttl",
            "duration",
            "How long the answer may be kept, up to 365d; by full seconds. The engine keeps none for less than 30s or more than a day.",
            "30m",
        ),
        with_default("delay", "duration", "How long the answer takes, up to 1h.", "no time at all"),
        optional(
            "mta_sts",
            "enforce, testing or none; or a map",
            "The domain announces a policy (MTA-STS). `enforce`: mail goes only to hosts that it admits, inside TLS, with a valid \
             certificate. In a map: `mode`; `mx`, a list of the hosts that it admits, which may begin with `*.`, by default those that the DNS names; \
             `max_age`, how long it is kept, by default 7d.",
        ),
        optional(
            "tlsa",
            "matching or other",
            "The hosts have TLSA records (DANE), of their own certificate or of another. They are data for those who look: the engine does \
             not go by them.",
        ),
    ],
    example: "dns: { mx: [mx9.northmail.test], ttl: 5m }",
};

const STS_FIELDS: &[Field] = &[
    optional("mode", "enforce, testing or none", "What it asks for."),
    optional("mx", "list of hosts", "The hosts that it admits."),
    optional("max_age", "duration", "How long it may be kept."),
];

/// Resolvers keep nothing longer.
const TTL_MAX: Duration = Duration::from_secs(365 * 24 * 3600);

/// Whoever asks has given up long before.
const DELAY_MAX: Duration = Duration::from_secs(3600);

/// A week, which RFC 8461 3.2 calls typical.
const MAX_AGE: Duration = Duration::from_secs(7 * 24 * 3600);

const ANSWERS: &[(&str, Word)] = &[
    ("implicit", Word::Implicit),
    ("null_mx", Word::Null),
    ("no_such_domain", Word::NoSuchDomain),
    ("no_data", Word::NoData),
    ("server_failure", Word::ServerFailure),
    ("bogus", Word::Bogus),
    ("refused", Word::Refused),
    ("time_out", Word::TimeOut),
];

/// An answer without hosts.
#[derive(Debug, Clone, Copy)]
enum Word {
    Implicit,
    Null,
    NoSuchDomain,
    NoData,
    ServerFailure,
    Bogus,
    Refused,
    TimeOut,
}

impl Word {
    const fn answer(self) -> Dns {
        match self {
            Self::Implicit => Dns::Implicit,
            Self::Null => Dns::Null,
            Self::NoSuchDomain => Dns::NoSuchDomain,
            Self::NoData => Dns::NoData,
            Self::ServerFailure => Dns::ServerFailure,
            Self::Bogus => Dns::Bogus,
            Self::Refused => Dns::Refused,
            Self::TimeOut => Dns::TimeOut,
        }
    }
}

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let names = match &node.kind {
        Kind::Map(_) => read_map(node, problems)?,
        Kind::Scalar { .. } | Kind::List(_) => {
            let answer = Some(value::one_of(ANSWERS)(node, problems)?.answer());
            NameService { saying: Saying { answer, ..Saying::default() }, hosts: Vec::new() }
        }
    };
    Some(Box::new(names))
}

fn read_map(node: &Node, problems: &mut Problems) -> Option<NameService> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let word = reader.optional("answer", value::one_of(ANSWERS));
    let hosts = reader.optional("mx", mx_hosts).unwrap_or_default();
    let alias = reader.optional("cname", domain);
    let ttl = reader.optional("ttl", up_to(TTL_MAX, "365d"));
    let delay = reader.optional("delay", up_to(DELAY_MAX, "1h"));
    let mta_sts = reader.optional("mta_sts", sts_policy);
    let tlsa =
        reader.optional("tlsa", value::one_of(&[("matching", Tlsa::Matching), ("other", Tlsa::Other)]));
    check_answer(&mut reader, word);
    reader.finish();
    let records = hosts
        .iter()
        .map(|host| MxRecord { preference: host.preference, host: host.host.value.clone() })
        .collect::<Vec<_>>();
    let listed = (!records.is_empty()).then_some(Dns::Hosts(records));
    let answer = word.map(Word::answer).or(listed);
    let alias = alias.map(|name| name.value);
    let hosts = hosts.into_iter().map(|host| host.host).collect();
    Some(NameService { saying: Saying { answer, alias, ttl, delay, mta_sts, tlsa }, hosts })
}

/// Reports an answer that is none, or two.
fn check_answer(reader: &mut Reader<'_>, word: Option<Word>) {
    if let (Some(_), Some(mx)) = (reader.node("answer"), reader.node("mx")) {
        let problem = Problem::at(mx.place, "`answer` and `mx` exclude each other", "an answer of its own");
        reader
            .problems()
            .push(problem.help("`mx` is the answer that these hosts take the mail; write only one of them"));
    }
    let is_silent = matches!(word, Some(Word::TimeOut));
    for key in ["ttl", "delay", "cname"] {
        if let Some(node) = reader.node(key).filter(|_| is_silent) {
            let message = format!("nobody answers, so there is no `{key}`");
            let problem = Problem::at(node.place, message, "of no answer");
            reader.problems().push(problem.help("remove it, or write another `answer`"));
        }
    }
    let place = reader.place();
    let fields = DEFINITION.fields.iter().any(|field| reader.node(field.name).is_some());
    if !fields {
        let problem = Problem::at(place, "`dns` says nothing", "no answer is here");
        reader
            .problems()
            .push(problem.help("write an answer, as in dns: no_such_domain or dns: { ttl: 5m }"));
    }
}

fn up_to(most: Duration, words: &'static str) -> impl Fn(&Node, &mut Problems) -> Option<Duration> {
    move |node, problems| {
        let duration = value::duration(node, problems)?;
        if duration > most {
            let problem = Problem::at(node.place, format!("more than {words}"), "too long");
            problems.push(problem.help(format!("write a duration up to {words}")));
            return None;
        }
        Some(duration)
    }
}

fn sts_policy(node: &Node, problems: &mut Problems) -> Option<StsPolicy> {
    if !matches!(node.kind, Kind::Map(_)) {
        let mode = value::one_of(StsMode::WORDS)(node, problems)?;
        return Some(StsPolicy { mode, hosts: None, max_age: MAX_AGE });
    }
    let mut reader = Reader::new("a policy", STS_FIELDS, node, problems)?;
    let mode = reader.required("mode", value::one_of(StsMode::WORDS));
    let hosts = reader.optional("mx", value::list(pattern));
    let max_age = reader.optional("max_age", up_to(TTL_MAX, "365d")).unwrap_or(MAX_AGE);
    reader.finish();
    Some(StsPolicy { mode: mode?, hosts, max_age })
}

/// A host, or `*.` and what stands behind any one label.
// RFC 8461 4.1
fn pattern(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = value::text(node, problems)?;
    let Some(below) = text.strip_prefix("*.") else { return domain(node, problems).map(|name| name.value) };
    let kind = Kind::Scalar { text: below.to_owned(), quoted: true };
    domain(&Node { place: node.place, kind }, problems).map(|name| format!("*.{}", name.value))
}

#[derive(Debug)]
struct NameService {
    saying: Saying,
    /// The hosts of its answer, as they were written.
    hosts: Vec<Placed<String>>,
}

impl Behaviour for NameService {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::NONE
    }

    fn dns(&self) -> Option<&Saying> {
        Some(&self.saying)
    }

    fn named_hosts(&self) -> &[Placed<String>] {
        &self.hosts
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use super::*;
    use crate::testing::{World, refuse};
    use crate::{Active, Dial, Lookup};

    fn lookup(yaml: &str) -> Lookup {
        World::new("generic-postfix", 1, yaml).fleet().mx("bigbox.test", Instant::ZERO)
    }

    #[test]
    fn every_answer_has_a_word() {
        for (word, answer) in ANSWERS {
            assert_eq!(lookup(&format!("dns: {word}")).answer, answer.answer(), "{word}");
            assert_eq!(lookup(&format!("dns: {{ answer: {word} }}")).answer, answer.answer(), "{word}");
        }
        refuse("dns: nxdomain", "found `nxdomain`");
    }

    #[test]
    fn what_is_not_written_stays_as_it_is() {
        let standing = lookup("");
        let slow = lookup("dns: { delay: 3s, ttl: 5m }");
        assert_eq!((slow.delay, slow.ttl), (Duration::from_secs(3), Some(Duration::from_secs(300))));
        assert_eq!(slow.answer, standing.answer);
        assert_eq!((standing.delay, standing.ttl, standing.alias), (Duration::ZERO, None, None));
        let alias = lookup("dns: { cname: mail.elsewhere.test }");
        assert_eq!((alias.alias.as_deref(), alias.answer), (Some("mail.elsewhere.test"), standing.answer));
    }

    #[test]
    fn hosts_that_come_later_are_served_from_the_beginning() {
        let world = World::new(
            "generic-postfix",
            1,
            "dns: { mx: [MX9.bigbox.test, { host: mx1.bigbox.test, preference: 5 }] }",
        );
        let Dns::Hosts(records) = world.fleet().mx("bigbox.test", Instant::ZERO).answer else {
            panic!("hosts")
        };
        let records: Vec<(u16, &str)> =
            records.iter().map(|one| (one.preference, one.host.as_str())).collect();
        assert_eq!(records, [(10, "mx9.bigbox.test"), (5, "mx1.bigbox.test")]);
        for host in ["mx9.bigbox.test", "mx1.bigbox.test", "mx2.bigbox.test"] {
            assert!(matches!(world.fleet().connect(host, Instant::ZERO), Dial::Connected { .. }), "{host}");
        }
    }

    #[test]
    fn answers_change_with_time_and_by_domain() {
        let rule = |yaml: &str| crate::testing::behaviours(yaml).expect(yaml).remove(0);
        let gone = Active {
            from: Instant::from_hours(2),
            until: Instant::from_hours(4),
            ..rule("dns: no_such_domain")
        };
        let other =
            Active { domain: Some("other.test".to_owned()), ..rule("dns: { answer: implicit, ttl: 1m }") };
        let world = World::with(1, "bigbox", "gmail", 1, vec![gone, other, rule("dns: { ttl: 5m }")]);
        let answer = |hour| {
            let found = world.fleet().mx("bigbox.test", Instant::from_hours(hour));
            (found.answer == Dns::NoSuchDomain, found.ttl)
        };
        let ttl = Some(Duration::from_secs(300));
        assert_eq!([1, 2, 3, 4].map(answer), [(false, ttl), (true, ttl), (true, ttl), (false, ttl)]);
    }

    #[test]
    fn a_policy_is_written_as_it_is_published() {
        let policy = lookup("dns: { mta_sts: enforce }").mta_sts.expect("a policy");
        let hosts = ["mx1.bigbox.test".to_owned()];
        assert_eq!(
            policy.page(&hosts),
            "version: STSv1\r\nmode: enforce\r\nmax_age: 604800\r\nmx: mx1.bigbox.test\r\n"
        );
        let policy =
            lookup("dns: { mta_sts: { mode: testing, mx: ['*.bigbox.test'], max_age: 1d } }").mta_sts;
        assert!(policy.expect("a policy").page(&hosts).ends_with("max_age: 86400\r\nmx: *.bigbox.test\r\n"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        refuse("dns: { answer: null_mx, mx: [mx9.bigbox.test] }", "exclude each other");
        refuse("dns: { answer: time_out, delay: 1s }", "there is no `delay`");
        refuse("dns: {}", "says nothing");
        refuse("dns: { ttl: 366d }", "more than 365d");
        refuse("dns: { delay: 2h }", "more than 1h");
        refuse("dns: { mta_sts: { mx: [a.test] } }", "`mode`");
        refuse("dns: { mta_sts: { mode: enforce, mx: ['*.*'] } }", "is not a domain");
    }
}
