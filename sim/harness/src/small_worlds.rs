//! Generated worlds: whatever providers do, the laws hold, everybody gets a final outcome, and the result does not depend
//! on threads or shards.
//!
//! A world is generated as the text of a scenario, so that what fails can be read, kept as a file, and run by hand.

mod behaviours;

use std::fmt::Write as _;

use proptest::prelude::*;
use record::Record;
use scenario::Source;

use crate::{Options, Plan, run};
use behaviours::{behaviour, condition};

const PROFILES: [&str; 9] =
    ["gmail", "yahoo", "outlook", "icloud", "gmx", "comcast", "orange", "qq", "generic-postfix"];
/// How the DNS answers for provider `p`, whose domains are `p.test` and, sometimes, `q.test`.
const ROUTES: [&str; 5] = [
    "",
    "    mx: [mx1.p.test, mx2.p.test]\n",
    "    mx: [{ host: mx1.p.test, preference: 10 }, { host: mx2.p.test, preference: 10 }]\n",
    "    domains: [p.test, q.test]\n",
    "    domains: [p.test, q.test]\n    mx: implicit\n",
];

#[derive(Debug, Clone)]
struct World {
    /// Profile, route, at most one behaviour all along, contacts.
    providers: Vec<(&'static str, &'static str, Option<String>, u32)>,
    /// Provider, condition, behaviour.
    rules: Vec<(usize, String, String)>,
    /// Provider, from, length, whether only the first of several hosts, behaviour.
    spans: Vec<(usize, u32, u32, bool, String)>,
    mailings: Vec<(u32, &'static str, &'static str, &'static str)>,
    limits: String,
    seed: u64,
}

fn world() -> impl Strategy<Value = World> {
    let route = prop::sample::select(ROUTES.to_vec());
    let provider = (prop::sample::select(PROFILES.to_vec()), route, prop::option::of(behaviour()), 1_u32..25);
    let span = (0_usize..3, 0_u32..30, 1_u32..40, any::<bool>(), behaviour());
    let mailing = (
        0_u32..60,
        prop::sample::select(vec!["resend", "hold", "assume_delivered"]),
        prop::sample::select(vec!["classic", "careful"]),
        prop::sample::select(vec![
            "",
            ", kind: automated, joins: 5/h",
            ", attempts: [0h, 20h, 25h, 29h30m]",
            ", attempts: [0h, 10m, 2h, 12h, 29h, 29h59m]",
            ", kind: test, to: [one@p0.test, two@p0.test]",
            ", return_path: per_recipient",
            ", unsubscribe: one_click, return_path: per_recipient, to: p0",
            ", dkim: sign, to: [one@p0.test, two@p0.test]",
        ]),
    );
    let limits = (1_u32..4, 1_u32..6, 1_u32..8, prop::option::weighted(0.3, 1_u32..40)).prop_map(
        |(connections, messages, recipients, rate)| {
            let rate = rate.map_or(String::new(), |rate| format!(", rate: {rate}/h"));
            format!(
                "{{ connections: {connections}, messages_per_connection: {messages}, \
                 recipients_per_message: {recipients}{rate} }}"
            )
        },
    );
    (
        prop::collection::vec(provider, 1..4),
        prop::collection::vec((0_usize..3, condition(), behaviour()), 0..4),
        prop::collection::vec(span, 0..4),
        prop::collection::vec(mailing, 1..4),
        limits,
        any::<u64>(),
    )
        .prop_map(|(providers, rules, spans, mailings, limits, seed)| World {
            providers,
            rules,
            spans,
            mailings,
            limits,
            seed,
        })
}

impl World {
    fn text(&self) -> String {
        let mut text = format!("name: generated\nseed: {}\nproviders:\n", self.seed);
        for (number, (profile, route, behaviour, _)) in self.providers.iter().enumerate() {
            writeln!(text, "  p{number}:\n    like: {profile}").expect("writing to a string");
            let route = route.replace("p.test", &format!("p{number}.test"));
            text.push_str(&route.replace("q.test", &format!("q{number}.test")));
            if let Some(behaviour) = behaviour {
                writeln!(text, "    {behaviour}").expect("writing to a string");
            }
            text.push_str(&self.rules_of(number));
        }
        text.push_str("timeline:\n  - { name: night, from: 8h, every: 24h, for: 8h }\n");
        for (provider, from, length, first_host, behaviour) in &self.spans {
            let (provider, until) = (provider % self.providers.len(), from + length);
            let has_hosts = self.providers[provider].1.contains("mx1");
            let host = if *first_host && has_hosts {
                format!(", host: mx1.p{provider}.test")
            } else {
                String::new()
            };
            writeln!(
                text,
                "  - {{ from: {from}h, until: {until}h, provider: p{provider}{host}, {behaviour} }}"
            )
            .expect("writing to a string");
        }
        text.push_str("  - { at: 2h, opt_out: one@p0.test }\n  - { at: 40h, reactivate: two@p0.test, by: ops, why: a }\n");
        text.push_str("  - { at: 33h, cancel: m0 }\n  - { at: 34h, complaint: c000001@p0.test }\n");
        text.push_str("audience:\n  - { contact: one@p0.test }\n  - { contact: two@p0.test, times: 2 }\n");
        text.push_str("  - { contact: gone@p0.test, status: error }\n");
        for (number, (_, route, _, contacts)) in self.providers.iter().enumerate() {
            writeln!(text, "  - {{ domain: p{number}.test, contacts: {contacts} }}")
                .expect("writing to a string");
            if route.contains("q.test") {
                writeln!(text, "  - {{ domain: q{number}.test, contacts: 3 }}").expect("writing to a string");
            }
        }
        text.push_str("  - { contact: two@p0.test }\n");
        text.push_str("mailings:\n");
        for (number, (start, uncertain, policy, more)) in self.mailings.iter().enumerate() {
            writeln!(
                text,
                "  - {{ name: m{number}, start: {start}h, uncertain: {uncertain}, policy: {policy}{more} }}"
            )
            .expect("writing to a string");
        }
        writeln!(text, "limits: {}\nexpect:\n  - selected >= 0 at end", self.limits)
            .expect("writing to a string");
        text
    }

    /// The rules of a provider.
    fn rules_of(&self, provider: usize) -> String {
        let own = self.rules.iter().filter(|(number, ..)| number % self.providers.len() == provider);
        let rules: String = own
            .map(|(_, condition, behaviour)| format!("      - {{ when: {condition}, {behaviour} }}\n"))
            .collect();
        if rules.is_empty() { rules } else { format!("    rules:\n{rules}") }
    }

    fn run(&self, options: &Options) -> Record {
        let text = self.text();
        let source = Source::new("generated.yaml", text.as_str());
        let plan = Plan::read(&source).unwrap_or_else(|problems| {
            panic!("{}", scenario::render(&source, &problems.into_sorted(), scenario::Style::Plain))
        });
        run(&plan, options).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold_in_every_world_however_it_is_cut(world in world()) {
        let whole = world.run(&Options { shards: Some(1), ..Options::default() });
        for law in &whole.checked.laws {
            prop_assert!(law.broken.is_empty(), "{}: {:?}\n{}", law.law, law.broken, world.text());
        }
        let cut = world.run(&Options { shards: Some(3), threads: 2, ..Options::default() });
        prop_assert!(whole == cut, "shards {:016x} and {:016x}\n{}", whole.digest, cut.digest, world.text());
    }
}
