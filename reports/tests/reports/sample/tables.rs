//! The tables of the sample: who took part, what servers answered, and what was checked.

use record::{
    Contact, Counters, ExpectationVerdict, Held, Host, LawVerdict, Limits, Mailing, MailingKind, Nanos,
    Phase, Provider, Status, VerdictRow,
};

use super::{BODY_BYTES, BODY_HASH, CONTACTS, HOUR, MINUTE};

pub(super) const HELP: &str = "https://support.example/mail/errors";

pub(super) fn provider(name: &str, profile: &str, help_url: Option<&str>) -> Provider {
    Provider {
        name: name.into(),
        profile: profile.into(),
        help_url: help_url.map(str::to_owned),
        domains: vec![format!("{name}.test")],
        hosts: vec![Host { name: format!("mx1.{name}.test"), site: 0 }],
        limits: Limits {
            connections: 10,
            messages_per_connection: 100,
            recipients_per_message: 50,
            rate: None,
        },
        rules: Vec::new(),
    }
}

pub(super) fn mailing(name: &str, start: Nanos) -> Mailing {
    let counters = match start {
        0 => Counters {
            selected: 5,
            excluded: 3,
            sent: 5,
            delivered: 2,
            soft_bounced: 1,
            hard_bounced: 1,
            cancelled: 1,
            ..Counters::default()
        },
        _ => Counters { excluded: 1, ..Counters::default() },
    };
    Mailing {
        name: name.into(),
        kind: MailingKind::Regular,
        sender: format!("{name}@sender.example"),
        start,
        window_end: start + 30 * HOUR,
        contact_policy: "classic".into(),
        uncertain_policy: "resend".into(),
        attempt_offsets: vec![0, HOUR, 6 * HOUR, 29 * HOUR + 30 * MINUTE],
        message_bytes: BODY_BYTES,
        message_hash: BODY_HASH,
        counters,
    }
}

pub(super) fn contacts() -> Vec<Contact> {
    let contact = |(address, provider, status): &(&str, u32, Status)| Contact {
        address: (*address).into(),
        provider: *provider,
        listed: if *address == "eve@northmail.test" { 2 } else { 1 },
        status: *status,
    };
    CONTACTS.iter().map(contact).collect()
}

pub(super) fn verdicts() -> Vec<VerdictRow> {
    let row =
        |phase, code, enhanced: &str, text: &str, [class, category, scope, rule]: [&str; 4]| VerdictRow {
            phase,
            code,
            enhanced: (!enhanced.is_empty()).then(|| enhanced.to_owned()),
            text: text.into(),
            class: class.into(),
            category: category.into(),
            scope: scope.into(),
            action: "retry".into(),
            wait: None,
            rule: rule.into(),
            reason: "the reason in plain words".into(),
            help_url: (category == "mailbox-full").then(|| "https://support.example/codes".to_owned()),
        };
    let out_of_storage = "The recipient's inbox is out of storage space. Please direct the recipient to\n\
                          https://support.example/mail/?p=OverQuotaTemp 41be03b00d2f7 - gsmtp";
    let unknown = "The email account that you tried to reach does not exist. Please try double-checking the recipient's \
                   email address for typos or unnecessary spaces.";
    vec![
        row(
            Phase::Rcpt,
            Some(452),
            "4.2.2",
            out_of_storage,
            ["soft", "mailbox-full", "address", "enhanced code"],
        ),
        row(Phase::Connect, None, "", "connection refused", ["soft", "unreachable", "site", "no reply"]),
        row(Phase::Rcpt, Some(550), "5.1.1", unknown, ["hard", "unknown-user", "address", "enhanced code"]),
        row(
            Phase::EndOfData,
            Some(250),
            "2.0.0",
            "OK 1767605400 41be03b00d2f7 - gsmtp",
            ["delivered", "", "address", "2xx at the end of data"],
        ),
        row(
            Phase::EndOfData,
            None,
            "",
            "connection closed after the final dot",
            ["uncertain", "lost-reply", "connection", "no reply"],
        ),
        row(
            Phase::Greeting,
            Some(421),
            "4.7.0",
            "Too many connections, try again later",
            ["throttle", "rate-limited", "source", "421"],
        ),
    ]
}

pub(super) fn expectations() -> Vec<ExpectationVerdict> {
    let verdict = |text: &str, line, held, [wanted, measured]: [&str; 2]| ExpectationVerdict {
        text: text.into(),
        line,
        column: 5,
        held,
        wanted: wanted.into(),
        measured: measured.into(),
        notes: vec![],
        contacts: vec![],
    };
    let failed = ExpectationVerdict {
        notes: vec![
            "2 soft, unreachable: connection refused (northmail), which lasted until the outage of the timeline ended and healed".into(),
            "1 in progress".into(),
        ],
        contacts: vec!["bob@northmail.test".into(), "eve@northmail.test".into()],
        ..verdict("delivered(northmail) == 3 by 30h", 6, Held::No, ["3 by 30h", "1 at 30h"])
    };
    vec![
        verdict("sent == 5 at end", 5, Held::Yes, ["5 at end", "5"]),
        failed,
        verdict("soft_bounced(bigbox) == 1 at end", 7, Held::Yes, ["1 at end", "1"]),
        verdict("contact cleo@bigbox.test is error at end", 8, Held::Yes, ["error at end", "error"]),
    ]
}

pub(super) fn laws() -> Vec<LawVerdict> {
    let law = |law: &str, about: &str, checks| LawVerdict {
        law: law.into(),
        about: about.into(),
        checks,
        broken: vec![],
    };
    vec![
        law(
            "conservation",
            "at every instant, sent is in_progress + delivered + soft_bounced + hard_bounced + cancelled",
            512,
        ),
        law("two-accounts", "the ledger of the engine equals the receipts of the fleet", 14),
    ]
}
