//! The keys of a scenario that are not behaviours: one table for each kind of map in the file.
//!
//! [`crate::load`] reads by these tables, and [`crate::reference()`] prints them.

mod mailing;
mod sender;

use crate::field::{optional, required, with_default};
use crate::{Definition, Field};

pub(crate) use mailing::MAILING;
pub(crate) use sender::{DKIM, RECORD, SENDER};

/// All tables, in the order in which a file is written.
pub(crate) const ALL: [&Definition; 13] = [
    &SCENARIO, &SENDER, &DKIM, &RECORD, &PROVIDER, &MX_HOST, &RULE, &SPAN, &ACTION, &GENERATED, &CONTACT,
    &MAILING, &LIMITS,
];

/// The definitions of everything that is no behaviour, in the order in which a file is written.
pub const fn skeleton() -> &'static [&'static Definition] {
    &ALL
}

/// Begins the keys that hold anchors for the rest of the file and mean nothing themselves.
pub(crate) const ANCHORS: &str = "x_";

pub(crate) const SCENARIO: Definition = Definition {
    key: "scenario",
    about: "The keys of the file itself. Keys that begin with `x_` are passed over: a place for what is marked with \
            `&name` and used as `*name` or `<<: *name` elsewhere in the file.",
    kind: "map",
    fields: &[
        required("name", "text", "What the scenario is called in reports."),
        optional("about", "text", "What it shows, in a sentence or two."),
        with_default("seed", "whole number", "What everything random is drawn from.", "1"),
        optional("sender", "map", "Who the mail comes from."),
        required("providers", "map of providers", "Who runs the mailboxes: a name for each, and its keys."),
        optional("timeline", "list of spans and actions", "What changes while the mailings are under way."),
        required("audience", "list of contacts", "Who is on the list, in this order."),
        required("mailings", "list of mailings", "What is sent."),
        optional("limits", "map", "What the engine permits itself towards each site."),
        optional(
            "expect",
            "list of expectations",
            "What must hold, one line each; see the reference of expectations.",
        ),
    ],
    example: "\
name: Outage that heals before the window closes
about: Northmail refuses connections for the first nine hours.
seed: 7
providers:
  northmail: { like: generic-postfix }
audience:
  - { domain: northmail.test, contacts: 600 }
mailings:
  - { name: spring-sale }
expect:
  - delivered == 600 at end
",
};

pub(crate) const PROVIDER: Definition = Definition {
    key: "providers",
    about: "A name for each provider (letters, digits, `-` and `_`), and its keys. Every behaviour can stand here as well: \
            it is then in force all along.",
    kind: "map of maps",
    fields: &[
        with_default("like", "name of a profile", "Whose replies it gives and how.", "generic-postfix"),
        with_default(
            "habits",
            "none or as_published",
            "`as_published`: it also does what its profile is known to do (limits, greylisting and the like; `bouncelab \
             providers NAME` lists it). A behaviour that is written here takes the place of the habit of the same key.",
            "none",
        ),
        with_default(
            "domains",
            "list of domains",
            "The domains it serves. A domain belongs to one provider only.",
            "NAME.test",
        ),
        with_default(
            "mx",
            "list of hosts, or a word",
            "The hosts that take its mail, most preferred first; hosts that are equally preferred need the keys below. Or \
             `implicit`: no MX record, the domain itself takes mail; `null_mx`: the domain declares that it takes none; `no_such_domain`: the DNS does not know the domain; \
             `server_failure`: the DNS does not answer properly.",
            "`mx1.` and the first domain",
        ),
        optional(
            "rules",
            "list of rules",
            "What it does under conditions: the first rule that has something to say decides, and all of them go before what it \
             does all along.",
        ),
    ],
    example: "\
providers:
  northmail: {}
  bigbox:
    like: gmail
    domains: [bigbox.test, bigbox.example]
    mx: [mx1.bigbox.test, mx2.bigbox.test]
",
};

pub(crate) const MX_HOST: Definition = Definition {
    key: "providers: hosts of mx",
    about: "A host with its preference. Senders try the most preferred hosts first, and those with equal preferences in any \
            order (RFC 5321 5.1). At most 100 hosts.",
    kind: "list of maps; a host alone is its name",
    fields: &[
        required("host", "host", "Its name; a host belongs to one provider only."),
        with_default(
            "preference",
            "whole number",
            "The lower, the more preferred, from 0 to 65_535.",
            "10 for the first of the list, 20 for the second, and so on",
        ),
    ],
    example: "\
providers:
  northmail:
    mx:
      - { host: mx1.northmail.test, preference: 10 }
      - { host: mx2.northmail.test, preference: 10 }
      - { host: backup.northmail.test, preference: 50 }
",
};

/// `name` and `when` mean the same in rules and spans.
const WHEN: Field = optional(
    "when",
    "map of matchers",
    "Under which conditions, all of which must hold; see the matchers. Always, if left out.",
);

pub(crate) const RULE: Definition = Definition {
    key: "providers: rules",
    about: "Behaviours that apply under conditions. The rules of a provider are asked in the order of the list, and the first \
            one that has something to say decides. At least one behaviour must stand in it.",
    kind: "list of maps",
    fields: &[
        optional(
            "name",
            "text",
            "What the rule is called in reports, and by `bouncelab explain`; unique within the provider.",
        ),
        WHEN,
    ],
    example: "\
providers:
  northmail:
    rules:
      - { name: backup-is-down, when: { host: 'backup*' }, connect: refuse }
      - { name: now-and-then, when: { share: 2% }, connect: time_out }
  bigbox: {}
",
};

pub(crate) const SPAN: Definition = Definition {
    key: "timeline: spans",
    about: "Behaviours that are in force for a while, for one provider, one of its hosts or one of its domains. A span with a name \
            and nothing but times changes nothing itself: it is there for conditions (`during`). In a span that ends, a share, duration, rate, size \
            or number in the settings of a behaviour may be a ramp, written `{ from: 80%, to: 0% }` in place of the value: it goes from the first \
            to the last in twenty steps of equal length. What a behaviour counts and remembers begins anew with each step.",
    kind: "list of maps",
    fields: &[
        optional("name", "text", "What the span is called in reports; unique in the file."),
        with_default("from", "time since the start", "When it begins.", "0h"),
        with_default("until", "time since the start", "When it is over.", "never"),
        optional(
            "every",
            "duration",
            "It begins again and again, so long after it began before; needs `for`.",
        ),
        optional("for", "duration", "How long it is in force each time; shorter than `every`."),
        optional("provider", "name of a provider", "Whom it concerns. Must be written if a behaviour is."),
        with_default("host", "host", "Only this host of the provider.", "all its hosts"),
        with_default(
            "domain",
            "domain",
            "Only this domain of the provider: what the DNS says about it (`dns`); for other behaviours the condition of this name, \
             so that they act when a recipient has been named.",
            "all its domains",
        ),
        WHEN,
    ],
    example: "\
timeline:
  - { name: outage, from: 0h, until: 9h, provider: northmail, connect: refuse }
  - { name: rush-hour, from: 8h, every: 24h, for: 2h, provider: northmail, connect: time_out }
  - { name: night, from: 22h, every: 24h, for: 8h }
",
};

pub(crate) const ACTION: Definition = Definition {
    key: "timeline: actions",
    about: "Something that somebody does at one moment: exactly one of `opt_out`, `complaint`, `reactivate` and `cancel`.",
    kind: "list of maps",
    fields: &[
        required("at", "time since the start", "When."),
        optional("opt_out", "address", "This contact unsubscribes."),
        optional("complaint", "address", "This contact complains about spam."),
        optional("reactivate", "address", "An operator re-activates this contact; needs `by` and `why`."),
        optional("by", "text", "Who re-activates it."),
        optional("why", "text", "Why it is re-activated."),
        optional("cancel", "name of a mailing", "An operator cancels this mailing."),
    ],
    example: "\
timeline:
  - { at: 4h, opt_out: ann@northmail.test }
  - { at: 8d, reactivate: bob@northmail.test, by: support, why: has a new mailbox }
  - { at: 2h, cancel: spring-sale }
",
};

pub(crate) const GENERATED: Definition = Definition {
    key: "audience: generated contacts",
    about: "Contacts of a domain with the addresses `c000001@DOMAIN`, `c000002@DOMAIN` and so on; a second line with the \
            same domain goes on counting.",
    kind: "list of maps",
    fields: &[
        required("domain", "domain", "A domain of one of the providers."),
        required("contacts", "whole number", "How many contacts, from 1 to 20_000_000."),
    ],
    example: "\
audience:
  - { domain: northmail.test, contacts: 100_000 }
",
};

pub(crate) const CONTACT: Definition = Definition {
    key: "audience: single contacts",
    about: "One contact by its address.",
    kind: "list of maps",
    fields: &[
        required("contact", "address", "Its address, at a domain of one of the providers."),
        with_default("status", "active, error or opt_out", "What it is before the first mailing.", "active"),
        with_default("times", "whole number", "How often it is on the list, from 1 to 1000.", "1"),
    ],
    example: "\
audience:
  - { contact: ann@northmail.test }
  - { contact: gone@northmail.test, status: error }
",
};

pub(crate) const LIMITS: Definition = Definition {
    key: "limits",
    about: "What the engine permits itself towards each site, which is the set of hosts behind a domain.",
    kind: "map",
    fields: &[
        with_default(
            "connections",
            "whole number",
            "Connections open at the same time, from 1 to 10_000.",
            "20",
        ),
        with_default(
            "messages_per_connection",
            "whole number",
            "Messages in one connection, from 1 to 100_000.",
            "100",
        ),
        with_default(
            "recipients_per_message",
            "whole number",
            "Recipients in one message, from 1 to 100, which every server must take (RFC 5321 4.5.3.1.8).",
            "50",
        ),
        with_default("rate", "rate", "Recipients attempted per time.", "unlimited"),
    ],
    example: "\
limits: { connections: 5, recipients_per_message: 1, rate: 100/min }
",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, Style, Vocabulary, load, render};

    const CONNECT: Definition = Definition {
        key: "connect",
        about: "How connections are met.",
        kind: "refuse, time_out or reset",
        fields: &[],
        example: "connect: refuse",
    };

    /// Completes an example with the sections that it leaves out, and loads it.
    fn check(example: &str) {
        let sections = [
            "name: Test",
            "providers: { northmail: {}, bigbox: {} }",
            "audience: [{ contact: ann@northmail.test }, { contact: bob@northmail.test }]",
            "mailings: [{ name: spring-sale }]",
        ];
        let is_missing = |section: &&str| {
            let key = section.split_inclusive(':').next().unwrap_or_default();
            !example.lines().any(|line| line.starts_with(key))
        };
        let others: Vec<&str> = sections.into_iter().filter(is_missing).collect();
        let source = Source::new("example", format!("{example}{}", others.join("\n")));
        if let Err(problems) = load(&source, &Vocabulary { behaviours: vec![&CONNECT], when: None }) {
            panic!("{}", render(&source, &problems.into_sorted(), Style::Plain));
        }
    }

    #[test]
    fn every_example_can_be_loaded() {
        ALL.iter().for_each(|definition| check(definition.example));
    }

    #[test]
    fn no_key_is_in_a_table_twice() {
        for definition in ALL {
            let mut names: Vec<&str> = definition.fields.iter().map(|field| field.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), definition.fields.len(), "{}", definition.key);
        }
    }
}
