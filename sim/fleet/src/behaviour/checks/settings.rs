//! How the checks of a provider are written.

use scenario::field::optional;
use scenario::{Definition, Kind, Node, Problem, Problems, Reader, value};

use crate::checks::Check;
use crate::checks::content::Unwanted;

const MODES: &str = "enforce or record";

pub(super) const DEFINITION: Definition = Definition {
    key: "checks",
    about: "The provider looks at who sends and at what is sent: at the connection, at the DNS of `sender`, at signatures, and at \
            the message. `enforce`: what does not pass is refused, with the words that the provider's profile has for it and in the \
            phase in which it says them. `record`: what was found is written into the receipts, and nobody is refused. At least one \
            check must be written. Messages of more than 1 MiB are not looked at.",
    kind: "a map",
    fields: &[
        optional(
            "spf",
            MODES,
            "The return path's domain names the client's address (RFC 7208). Anything but a pass fails.",
        ),
        optional("dkim", MODES, "At least one signature verifies (RFC 6376)."),
        optional("spf_or_dkim", MODES, "One of these two passes."),
        optional(
            "dmarc",
            MODES,
            "The author's domain vouches for the message (RFC 7489). Refused is only what its policy asks to refuse \
             (`p=reject`); what it asks to quarantine goes to the spam folder.",
        ),
        optional("dmarc_record", MODES, "The author's domain has a DMARC policy, whichever."),
        optional(
            "alignment",
            MODES,
            "SPF or DKIM pass for the domain in `From`, as strictly as its DMARC record asks; whatever its policy is.",
        ),
        optional("fcrdns", MODES, "The client's address has a name (PTR), and the name this address."),
        optional("ehlo_name", MODES, "The name in EHLO has a dot in it and an address."),
        optional(
            "tls",
            MODES,
            "The message comes inside TLS. Only clients that are offered it can take it: see `tls`.",
        ),
        optional(
            "one_click",
            MODES,
            "The recipient can leave with one click, and a signature vouches for that (RFC 8058).",
        ),
        optional(
            "message_format",
            MODES,
            "The message has the form of one (RFC 5322): one author, one date, a Message-ID, no field twice, whole lines of \
             at most 998 octets.",
        ),
        optional(
            "content",
            "a map",
            "Nothing unwanted: no `words` (texts, in either case), no `links` to these domains or below them, no `attachment` \
             whose name ends so (exe). Encodings are undone. `mode` is enforce, or record.",
        ),
    ],
    example: "checks: { spf: record, dkim: enforce, one_click: enforce, content: { links: [casino.example] } }",
};

/// What can be written in `content`.
const CONTENT: &[scenario::Field] = &[
    optional("words", "text or list of texts", "Unwanted texts."),
    optional("links", "domain or list of domains", "Unwanted links."),
    optional("attachment", "ending or list of endings", "Unwanted attachments."),
    optional("mode", MODES, "What is done about them."),
];

const WORDS: &[(&str, Mode)] = &[("enforce", Mode::Enforce), ("record", Mode::Record)];

/// A check, and what is done about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) check: Check,
    pub(super) mode: Mode,
}

/// What is done about a check that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Enforce,
    Record,
}

/// What is to be looked at, and what is unwanted in messages.
pub(super) fn read(node: &Node, problems: &mut Problems) -> Option<(Vec<Wanted>, Unwanted)> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let mut wanted = Vec::new();
    for check in Check::ALL.into_iter().filter(|check| *check != Check::Content) {
        if let Some(mode) = reader.optional(check.key(), value::one_of(WORDS)) {
            wanted.push(Wanted { check, mode });
        }
    }
    let unwanted = reader.optional("content", content);
    if let Some((_, mode)) = &unwanted {
        wanted.push(Wanted { check: Check::Content, mode: *mode });
    }
    let is_empty = matches!(&node.kind, Kind::Map(entries) if entries.is_empty()) || node.is_missing();
    if is_empty {
        let problem = Problem::at(reader.place(), "`checks` checks nothing", "no check");
        reader.problems().push(problem.help("write at least one, as in `checks: { dkim: enforce }`"));
    }
    reader.finish();
    Some((wanted, unwanted.map(|(unwanted, _)| unwanted).unwrap_or_default()))
}

fn content(node: &Node, problems: &mut Problems) -> Option<(Unwanted, Mode)> {
    let mut reader = Reader::new("`content`", CONTENT, node, problems)?;
    let mut texts = |key: &str| reader.optional(key, value::list(value::text)).unwrap_or_default();
    let lower =
        |texts: Vec<String>| -> Vec<String> { texts.iter().map(|text| text.to_ascii_lowercase()).collect() };
    let words = texts("words");
    let links = lower(texts("links"));
    let endings = lower(texts("attachment"));
    let attachments = endings.into_iter().map(|ending| ending.trim_start_matches('.').to_owned()).collect();
    if ["words", "links", "attachment"].into_iter().all(|key| reader.node(key).is_none()) {
        let problem = Problem::at(node.place, "`content` looks for nothing", "no words, links or attachment");
        reader.problems().push(problem.help("write what is unwanted, as in `content: { words: lottery }`"));
    }
    let mode = reader.optional("mode", value::one_of(WORDS)).unwrap_or(Mode::Enforce);
    reader.finish();
    Some((Unwanted { words, links, attachments }, mode))
}
