//! Records of every shape, consistent in their indices and otherwise without sense.

mod receipts;

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use record::{
    Broken, Cause, Checked, Contact, Counters, Dialogue, DialogueLine, Event, EventKind, ExcludeReason,
    ExpectationVerdict, Extent, Feedback, Held, Host, LawVerdict, Letter, Limits, Mailing, MailingKind,
    Outcome, Phase, Provider, Rate, Reactivation, Receipts, Record, Repeat, Rule, RulePlace, Span, Status,
    StatusCause, Stray, StrayReason, VerdictRow, Voice,
};

use receipts::receipts;

/// A record of nothing.
pub(crate) fn empty() -> Record {
    Record {
        scenario: "nothing".into(),
        about: String::new(),
        file: "scenarios/nothing.yaml".into(),
        source: String::new(),
        seed: 7,
        ended: 0,
        horizon: 0,
        providers: vec![],
        mailings: vec![],
        letters: vec![],
        contacts: vec![],
        timeline: vec![],
        reactivations: vec![],
        strays: vec![],
        verdicts: vec![],
        events: vec![],
        receipts: Receipts::default(),
        dialogues: vec![],
        digest: 0,
        checked: Checked::default(),
    }
}

/// A provider of that name.
pub(crate) fn provider(name: &str) -> Provider {
    Provider {
        name: name.into(),
        profile: "generic-postfix".into(),
        help_url: None,
        domains: vec![format!("{name}.test")],
        hosts: vec![Host { name: format!("mx1.{name}.test"), site: 0 }],
        limits: Limits { connections: 1, messages_per_connection: 1, recipients_per_message: 1, rate: None },
        rules: vec![Rule {
            id: format!("{name}.greylist"),
            name: None,
            place: RulePlace::Provider,
            line: 3,
            fired: 1,
        }],
    }
}

/// Any record.
pub(crate) fn record() -> impl Strategy<Value = Record> {
    let providers = names().prop_flat_map(|names| names.into_iter().map(any_provider).collect::<Vec<_>>());
    (providers, names(), names(), btree_set(verdict(), 1..4)).prop_flat_map(
        |(providers, mailings, contacts, verdicts)| {
            let hosts: Vec<u32> = providers.iter().map(|provider| provider.hosts.len() as u32).collect();
            let (p, m, c) = (providers.len() as u32, mailings.len() as u16, contacts.len() as u32);
            let v = verdicts.len() as u32;
            let tables = (
                Just(providers),
                mailings.into_iter().map(any_mailing).collect::<Vec<_>>(),
                contacts.into_iter().map(|address| any_contact(address, p)).collect::<Vec<_>>(),
                Just(verdicts),
            );
            let head = ([text(), text(), text(), text()], any::<[u64; 4]>());
            let timeline =
                (vec(span(p), 0..3), vec(reactivation(c), 0..3), vec(stray(), 0..3), vec(letter(m, c), 0..3));
            let rest =
                (timeline, vec(event(p, m, c, v), 0..9), receipts(hosts), vec(dialogue(p), 0..3), checked());
            (tables, head, rest).prop_map(|(tables, head, rest)| assemble(tables, head, rest))
        },
    )
}

type Tables = (Vec<Provider>, Vec<Mailing>, Vec<Contact>, BTreeSet<VerdictRow>);
type Head = ([String; 4], [u64; 4]);
type Rest =
    ((Vec<Span>, Vec<Reactivation>, Vec<Stray>, Vec<Letter>), Vec<Event>, Receipts, Vec<Dialogue>, Checked);

fn assemble(tables: Tables, head: Head, rest: Rest) -> Record {
    let (providers, mailings, contacts, verdicts) = tables;
    let ([scenario, about, file, source], [seed, ended, horizon, digest]) = head;
    let ((timeline, reactivations, strays, letters), events, receipts, dialogues, checked) = rest;
    Record {
        scenario,
        about,
        file,
        source,
        seed,
        ended,
        horizon,
        providers,
        mailings,
        letters,
        contacts,
        timeline,
        reactivations,
        strays,
        verdicts: verdicts.into_iter().collect(),
        events,
        receipts,
        dialogues,
        digest,
        checked,
    }
}

fn dialogue(providers: u32) -> impl Strategy<Value = Dialogue> {
    let voice = select(vec![Voice::Client, Voice::Server, Voice::Note]);
    let line = (any::<u64>(), voice, text()).prop_map(|(at, from, text)| DialogueLine { at, from, text });
    (0..providers, any::<u32>(), vec(line, 0..4), select(vec![Extent::Whole, Extent::Cut]))
        .prop_map(|(provider, connection, lines, extent)| Dialogue { provider, connection, lines, extent })
}

fn letter(mailings: u16, contacts: u32) -> impl Strategy<Value = Letter> {
    (0..mailings, 0..contacts, any::<u64>(), any::<u64>())
        .prop_map(|(mailing, contact, bytes, hash)| Letter { mailing, contact, bytes, hash })
}

/// Any text at all, quotes, line ends and control characters included.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        select(vec!["", "\"\\\n", "\u{202e}\0\u{1b}[31m", "]]>", "ann@bigbox.test"]).prop_map(str::to_owned)
    ]
}

fn names() -> impl Strategy<Value = Vec<String>> {
    btree_set(text(), 1..4).prop_map(|names| names.into_iter().collect())
}

fn any_provider(name: String) -> impl Strategy<Value = Provider> {
    (text(), option::of(text()), vec(text(), 0..3), hosts(), limits(), rules()).prop_map(
        move |(profile, help_url, domains, hosts, limits, rules)| Provider {
            name: name.clone(),
            profile,
            help_url,
            domains,
            hosts,
            limits,
            rules,
        },
    )
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let place = select(vec![
        RulePlace::Span,
        RulePlace::ConditionalSpan,
        RulePlace::Rule,
        RulePlace::Provider,
        RulePlace::Habit,
    ]);
    (names(), option::of(text()), place, any::<(u32, u64)>()).prop_map(|(ids, name, place, (line, fired))| {
        ids.into_iter().map(|id| Rule { id, name: name.clone(), place, line, fired }).collect()
    })
}

fn hosts() -> impl Strategy<Value = Vec<Host>> {
    (names(), any::<u32>())
        .prop_map(|(names, site)| names.into_iter().map(|name| Host { name, site }).collect())
}

fn limits() -> impl Strategy<Value = Limits> {
    let rate = any::<(u32, u64)>().prop_map(|(recipients, period)| Rate { recipients, period });
    (any::<[u32; 3]>(), option::of(rate)).prop_map(
        |([connections, messages_per_connection, recipients_per_message], rate)| Limits {
            connections,
            messages_per_connection,
            recipients_per_message,
            rate,
        },
    )
}

fn any_mailing(name: String) -> impl Strategy<Value = Mailing> {
    let kind = select(vec![MailingKind::Regular, MailingKind::Automated, MailingKind::Test]);
    (kind, any::<[u64; 4]>(), text(), [text(), text()], vec(any::<u64>(), 0..5), any::<[u64; 16]>()).prop_map(
        move |(kind, [start, window_end, message_bytes, message_hash], sender, policies, offsets, n)| {
            Mailing {
                name: name.clone(),
                kind,
                start,
                window_end,
                contact_policy: policies[0].clone(),
                sender,
                uncertain_policy: policies[1].clone(),
                attempt_offsets: offsets,
                message_bytes,
                message_hash,
                counters: counters(n),
            }
        },
    )
}

fn counters(n: [u64; 16]) -> Counters {
    Counters {
        selected: n[0],
        excluded: n[1],
        pending: n[2],
        dropped: n[3],
        sent: n[4],
        in_progress: n[5],
        delivered: n[6],
        soft_bounced: n[7],
        hard_bounced: n[8],
        cancelled: n[9],
        late_bounced: n[10],
        late_soft_bounced: n[11],
        late_hard_bounced: n[12],
        complained: n[13],
        unsubscribed: n[14],
        reports_ignored: n[15],
    }
}

fn any_contact(address: String, providers: u32) -> impl Strategy<Value = Contact> {
    (0..providers, any::<u32>(), status()).prop_map(move |(provider, listed, status)| Contact {
        address: address.clone(),
        provider,
        listed,
        status,
    })
}

fn status() -> impl Strategy<Value = Status> {
    select(vec![Status::Active, Status::Error, Status::OptOut])
}

fn span(providers: u32) -> impl Strategy<Value = Span> {
    (text(), any::<u64>(), any::<Option<u64>>(), option::of(0..providers), text()).prop_map(
        |(name, from, until, provider, what)| {
            let repeat = until.map(|every| Repeat { every, lasts: from });
            Span { name, from, until, repeat, provider, what }
        },
    )
}

fn reactivation(contacts: u32) -> impl Strategy<Value = Reactivation> {
    (any::<u64>(), 0..contacts, text(), text(), any::<bool>())
        .prop_map(|(at, contact, by, why, refused)| Reactivation { at, contact, by, why, refused })
}

fn stray() -> impl Strategy<Value = Stray> {
    let why = select(vec![StrayReason::NotOurs, StrayReason::Forged]);
    (any::<u64>(), text(), why).prop_map(|(at, to, why)| Stray { at, to, why })
}

fn phase() -> impl Strategy<Value = Phase> {
    use Phase::*;
    select(vec![Dns, Connect, Greeting, Ehlo, Mail, Rcpt, Data, Body, EndOfData, Report])
}

fn verdict() -> impl Strategy<Value = VerdictRow> {
    let texts = [text(), text(), text(), text(), text(), text(), text()];
    (phase(), any::<(Option<u16>, Option<u64>)>(), [option::of(text()), option::of(text())], texts).prop_map(
        |(
            phase,
            (code, wait),
            [enhanced, help_url],
            [text, class, category, scope, action, rule, reason],
        )| VerdictRow {
            phase,
            code,
            enhanced,
            text,
            class,
            category,
            scope,
            action,
            wait,
            rule,
            reason,
            help_url,
        },
    )
}

fn event(providers: u32, mailings: u16, contacts: u32, verdicts: u32) -> impl Strategy<Value = Event> {
    (any::<u64>(), 0..providers, 0..contacts, option::of(0..mailings), kind(verdicts))
        .prop_map(|(at, provider, contact, mailing, kind)| Event { at, provider, contact, mailing, kind })
}

fn kind(verdicts: u32) -> impl Strategy<Value = EventKind> {
    prop_oneof![
        Just(EventKind::Selected),
        select(vec![ExcludeReason::Error, ExcludeReason::OptOut, ExcludeReason::Duplicate])
            .prop_map(EventKind::Excluded),
        any::<(u8, u32)>().prop_map(|(attempt, connection)| EventKind::AttemptBegun { attempt, connection }),
        (any::<u8>(), 0..verdicts, any::<Option<u64>>()).prop_map(|(attempt, verdict, retry_at)| {
            EventKind::AttemptEnded { attempt, verdict, retry_at }
        }),
        (0..verdicts).prop_map(|verdict| EventKind::Uncounted { verdict }),
        (outcome(), cause(), option::of(0..verdicts))
            .prop_map(|(outcome, cause, verdict)| EventKind::Settled { outcome, cause, verdict }),
        (select(Feedback::ALL.to_vec()), option::of(0..verdicts))
            .prop_map(|(what, verdict)| EventKind::Feedback { what, verdict }),
        (status(), status(), any::<u8>(), status_cause())
            .prop_map(|(from, to, strikes, cause)| EventKind::StatusChanged { from, to, strikes, cause }),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    use Outcome::*;
    select(vec![Delivered, SoftBounced, HardBounced, Cancelled, Dropped])
}

fn cause() -> impl Strategy<Value = Cause> {
    use Cause::*;
    let all =
        [Answer, PlanExhausted, HeldBack, Uncertain, AssumedDelivered, ContactLeftActive, MailingCancelled];
    select(all.to_vec())
}

fn status_cause() -> impl Strategy<Value = StatusCause> {
    use StatusCause::*;
    let late = [LateHardBounce, LateSoftBounce];
    let others = [HardBounce, SoftBounce, Delivered, OptOut, Complaint, Reactivated, ReactivationRefused];
    select([&late[..], &others].concat())
}

fn checked() -> impl Strategy<Value = Checked> {
    (vec(expectation(), 0..4), vec(law(), 0..3))
        .prop_map(|(expectations, laws)| Checked { expectations, laws })
}

fn expectation() -> impl Strategy<Value = ExpectationVerdict> {
    let held = select(vec![Held::Yes, Held::No]);
    (text(), any::<[u32; 2]>(), held, text(), text(), vec(text(), 0..3), vec(text(), 0..3)).prop_map(
        |(text, [line, column], held, wanted, measured, notes, contacts)| ExpectationVerdict {
            text,
            line,
            column,
            held,
            wanted,
            measured,
            notes,
            contacts,
        },
    )
}

fn law() -> impl Strategy<Value = LawVerdict> {
    let broken = (any::<u64>(), text(), text()).prop_map(|(at, contact, what)| Broken { at, contact, what });
    (text(), text(), any::<u64>(), vec(broken, 0..3)).prop_map(|(law, about, checks, broken)| LawVerdict {
        law,
        about,
        checks,
        broken,
    })
}
