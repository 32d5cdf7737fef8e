//! The keys of `sender`: who the mail comes from.

use crate::Definition;
use crate::field::{optional, required, with_default};

pub(crate) const SENDER: Definition = Definition {
    key: "sender",
    about: "Who the mail comes from, as providers see it: where connections come from, and what the DNS says about that. \
            Left out, everything is as it should be. Providers look at it only where `checks` tells them to.",
    kind: "map",
    fields: &[
        with_default(
            "domain",
            "domain",
            "The domain of return paths and of the usual `From`; at most 100 characters.",
            "sender.example",
        ),
        with_default("ehlo", "host", "What the engine calls itself in EHLO.", "`mta.` and the domain"),
        with_default("address", "IP address", "Where connections come from.", "192.0.2.10"),
        with_default(
            "ptr",
            "host or none",
            "The name that the DNS has for the address (PTR).",
            "the name in `ehlo`",
        ),
        with_default(
            "forward",
            "IP address or none",
            "The address that the DNS has for the name in `ehlo` (A or AAAA).",
            "`address`",
        ),
        with_default(
            "spf",
            "text or none",
            "The SPF record of the domain (RFC 7208).",
            "v=spf1 ip4:ADDRESS -all",
        ),
        with_default(
            "dkim",
            "rsa, ed25519 or none, or a map",
            "The key that mailings with `dkim: sign` are signed with; its record is published. The keys are the same in \
             every run, and known to everybody: they are for simulations only.",
            "rsa",
        ),
        with_default("dmarc", "text or none", "The DMARC record of the domain.", "v=DMARC1; p=reject"),
        optional("records", "list of maps", "Other records of the DNS that the checks may ask for."),
    ],
    example: "\
sender:
  domain: news.example
  address: 192.0.2.25
  dkim: { key: ed25519, selector: march }
  dmarc: v=DMARC1; p=quarantine; adkim=s
",
};

pub(crate) const DKIM: Definition = Definition {
    key: "sender: dkim",
    about: "The key in long form.",
    kind: "map; a kind of key alone is its `key`",
    fields: &[
        with_default("key", "rsa or ed25519", "The kind of key: RSA with 2048 bits, or Ed25519.", "rsa"),
        with_default("selector", "domain", "The name of the key below the signing domain.", "s1"),
        with_default("domain", "domain", "The domain that signs (`d=`).", "the sender's domain"),
        optional(
            "fault",
            "wrong_key, no_record, revoked or body_changed",
            "What is wrong: another key is published; none is; the published one was withdrawn; or something adds a line \
             to each message after it was signed.",
        ),
    ],
    example: "\
sender:
  dkim: { selector: s2026, fault: wrong_key }
",
};

pub(crate) const RECORD: Definition = Definition {
    key: "sender: records",
    about: "A record of the DNS: whose it is, and exactly one of the other keys. At most 100 records.",
    kind: "list of maps",
    fields: &[
        required("name", "name in the DNS", "Whose record it is; `_` is allowed."),
        optional("txt", "text", "A text record, as for an `include:` of an SPF record."),
        optional("a", "list of IP addresses", "Address records."),
        optional("mx", "list of hosts", "Mail exchangers, most preferred first."),
    ],
    example: "\
sender:
  spf: v=spf1 include:_spf.esp.example -all
  records:
    - { name: _spf.esp.example, txt: 'v=spf1 ip4:192.0.2.0/24 -all' }
",
};
