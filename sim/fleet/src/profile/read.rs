//! Reads a profile file: every key known, every value checked, all problems at once.

use std::collections::{BTreeMap, BTreeSet};

use scenario::field::{optional, required};
use scenario::{Field, Kind, Node, Placed, Problem, Problems, Reader, Source, suggestion, tree, value};
use smtp::{EnhancedStatusCode, Extensions, Mechanisms, Reply, SizeLimit};

use super::habit::habits;
use super::{Frequency, KnownReply, Permanence, PhaseBasis, Profile, Provenance, Scope, Situation, Template};
use crate::Phase;

/// Reads a profile that leaves to `fallback` what it has no reply of its own for.
///
/// # Errors
/// Everything that is wrong with it, at once. Without a fallback, a situation without a reply is a problem too.
pub fn read_profile(source: &Source, fallback: Option<&'static Profile>) -> Result<Profile, Problems> {
    let root = tree(source)?;
    let mut problems = Problems::new();
    match profile(&root, source, fallback, &mut problems) {
        Some(profile) if problems.is_empty() => Ok(profile),
        _ => Err(problems),
    }
}

const PROFILE_FIELDS: &[Field] = &[
    required("name", "text", "Its name, the same as that of the file."),
    optional(
        "extensions",
        "list of EHLO lines",
        "What its servers offer; left out, the same as the generic profile's.",
    ),
    optional("extensions_basis", "text", "How well the extensions are known."),
    optional("habits", "list of maps", "What it is known to do: a behaviour and its source each."),
    optional("situations", "a map", "Situations and the ids of the replies that answer them."),
    required("replies", "list of maps", "Every known reply."),
];

const REPLY_FIELDS: &[Field] = &[
    required("id", "text", "Its identifier, unique among all profiles."),
    required("phase", "phase", "When it is given: connect, ehlo, mail, rcpt, data or end-of-data."),
    required("phase_basis", "reported or inferred", "How well the phase is known."),
    required("code", "number", "The basic code, 400 to 599."),
    optional("enhanced", "enhanced code", "The enhanced code (`5.1.1`)."),
    required(
        "text",
        "text",
        "The words without codes; a line break separates lines, {recipient} is a blank.",
    ),
    required("category", "text", "The true reason."),
    required("permanence", "temporary or permanent", "What is true about time."),
    required("scope", "scope", "What it is a statement about."),
    optional("misleading", "text", "How its code or its words mislead."),
    required("frequency", "common, occasional or rare", "How often it is met: a guess."),
    required("provenance", "official, rule-set or observed-report", "What kind of source it is known from."),
    required("source", "text", "The source."),
    optional("note", "text", "What else is worth knowing."),
];

/// Every key is read before any missing one ends it, so that all problems are found.
fn profile(
    node: &Node,
    source: &Source,
    fallback: Option<&'static Profile>,
    problems: &mut Problems,
) -> Option<Profile> {
    let mut reader = Reader::new("a profile", PROFILE_FIELDS, node, problems)?;
    let name = reader.required("name", value::text);
    let extensions = reader.optional("extensions", extensions);
    let extensions_basis = reader.optional("extensions_basis", value::text);
    let habits = reader.optional("habits", habits(source)).unwrap_or_default();
    let replies = reader.required("replies", replies);
    let own = match (reader.node("situations"), &replies) {
        (Some(node), Some(replies)) => own_answers(node, replies, fallback, reader.problems()),
        (None, _) if fallback.is_none() => {
            reader.needs("situations");
            None
        }
        (None, _) => Some(BTreeMap::new()),
        (Some(_), None) => None,
    };
    reader.finish();
    let usual = fallback.map(|fallback| (fallback.extensions, fallback.extensions_basis.as_str()));
    let (usual_extensions, usual_basis) = usual.unwrap_or_default();
    Some(Profile {
        name: name?,
        extensions: extensions.unwrap_or(usual_extensions),
        extensions_basis: extensions_basis.unwrap_or_else(|| usual_basis.to_owned()),
        habits,
        replies: replies?,
        own: own?,
        fallback,
    })
}

/// The lines of an EHLO reply, as far as the fake servers speak them.
fn extensions(node: &Node, problems: &mut Problems) -> Option<Extensions> {
    let mut offered = Extensions::default();
    for line in value::list(value::placed(value::text))(node, problems)? {
        match line.value.split_once(' ').unwrap_or((&line.value, "")) {
            ("PIPELINING", "") => offered.pipelining = true,
            ("8BITMIME", "") => offered.eight_bit_mime = true,
            ("ENHANCEDSTATUSCODES", "") => offered.enhanced_status_codes = true,
            ("SMTPUTF8", "") => offered.smtputf8 = true,
            ("CHUNKING", "") => offered.chunking = true,
            ("DSN", "") => offered.dsn = true,
            ("AUTH", "PLAIN") => offered.auth = Mechanisms { plain: true, login: false },
            ("AUTH", "LOGIN") => offered.auth = Mechanisms { plain: false, login: true },
            ("AUTH", "PLAIN LOGIN" | "LOGIN PLAIN") => {
                offered.auth = Mechanisms { plain: true, login: true };
            }
            ("SIZE", "") => offered.size = SizeLimit::Unlimited,
            ("SIZE", octets) if octets.parse().is_ok_and(|octets: u64| octets > 0) => {
                offered.size = SizeLimit::Max(octets.parse().ok()?);
            }
            _ => problems.push(
                Problem::at(line.place, format!("`{}` is nothing that a fake server offers", line.value), "")
                    .help(
                        "PIPELINING, 8BITMIME, ENHANCEDSTATUSCODES, SMTPUTF8, CHUNKING, DSN, AUTH with PLAIN and LOGIN, \
                         SIZE, or SIZE with a number of octets",
                    ),
            ),
        }
    }
    Some(offered)
}

fn replies(node: &Node, problems: &mut Problems) -> Option<Vec<KnownReply>> {
    let replies = value::list(value::placed(known_reply))(node, problems)?;
    let mut seen = BTreeSet::new();
    for reply in &replies {
        if !seen.insert(reply.value.id.clone()) {
            problems.push(Problem::at(reply.place, format!("`{}` occurs twice", reply.value.id), ""));
        }
    }
    Some(replies.into_iter().map(|reply| reply.value).collect())
}

fn known_reply(node: &Node, problems: &mut Problems) -> Option<KnownReply> {
    let mut reader = Reader::new("a reply", REPLY_FIELDS, node, problems)?;
    let id = reader.required("id", value::text);
    let phase = reader.required("phase", value::one_of(Phase::IN_PROFILES));
    let phase_basis = reader.required("phase_basis", value::one_of(PhaseBasis::NAMES));
    let code = reader.required("code", refusal_code);
    let enhanced = reader.optional("enhanced", enhanced_code);
    let template = reader.required("text", template);
    let category = reader.required("category", value::text);
    let permanence = reader.required("permanence", value::one_of(Permanence::NAMES));
    let scope = reader.required("scope", value::one_of(Scope::NAMES));
    let misleading = reader.optional("misleading", value::text);
    let frequency = reader.required("frequency", value::one_of(Frequency::NAMES));
    let provenance = reader.required("provenance", value::one_of(Provenance::NAMES));
    let source = reader.required("source", value::text);
    let note = reader.optional("note", value::text);
    reader.finish();
    let (code, template) = (code?, template?);
    Some(KnownReply {
        id: id?,
        phase: phase?,
        phase_basis: phase_basis?,
        code,
        enhanced,
        constant: template.constant().map(|text| Reply::new(code, enhanced, text)),
        template,
        category: category?,
        permanence: permanence?,
        scope: scope?,
        misleading,
        frequency: frequency?,
        provenance: provenance?,
        source: source?,
        note: note.unwrap_or_default(),
    })
}

/// A basic code that refuses.
pub(crate) fn refusal_code(node: &Node, problems: &mut Problems) -> Option<u16> {
    value::number(400..=599_u16)(node, problems)
}

/// An enhanced status code.
pub(crate) fn enhanced_code(node: &Node, problems: &mut Problems) -> Option<EnhancedStatusCode> {
    let text = value::text(node, problems)?;
    let code = EnhancedStatusCode::parse(&text);
    if code.is_none() {
        problems.push(
            Problem::at(node.place, format!("`{text}` is not an enhanced status code"), "")
                .help("write class.subject.detail, as in 4.2.2 or 5.7.1"),
        );
    }
    code
}

/// A text with blanks.
pub(crate) fn template(node: &Node, problems: &mut Problems) -> Option<Template> {
    let text = value::text(node, problems)?;
    Template::parse(&text)
        .map_err(|unknown| {
            problems.push(
                Problem::at(node.place, format!("`{{{}}}` is not a blank", unknown.name), "")
                    .help(format!("blanks are {}", Template::blanks().join(", "))),
            );
        })
        .ok()
}

fn own_answers(
    node: &Node,
    replies: &[KnownReply],
    fallback: Option<&'static Profile>,
    problems: &mut Problems,
) -> Option<BTreeMap<Situation, usize>> {
    let Kind::Map(entries) = &node.kind else {
        problems.push(Problem::at(node.place, "`situations` must be a map", "situations and ids of replies"));
        return None;
    };
    let own: BTreeMap<_, _> =
        entries.iter().filter_map(|(key, id)| own_answer(key, id, replies, problems)).collect();
    for missing in Situation::ALL.into_iter().filter(|situation| !own.contains_key(situation)) {
        if fallback.is_none() {
            problems.push(Problem::at(node.place, format!("nothing answers `{}`", missing.key()), ""));
        }
    }
    Some(own)
}

fn own_answer(
    key: &Placed<String>,
    id: &Node,
    replies: &[KnownReply],
    problems: &mut Problems,
) -> Option<(Situation, usize)> {
    let situation = Situation::named(&key.value);
    if situation.is_none() {
        problems.push(
            Problem::at(key.place, format!("unknown situation `{}`", key.value), "not a situation")
                .help(suggestion(&key.value, &Situation::ALL.map(Situation::key), "the situations")),
        );
    }
    let wanted = value::text(id, problems)?;
    let found = replies.iter().position(|reply| reply.id == wanted);
    if found.is_none() {
        problems.push(Problem::at(id.place, format!("there is no reply `{wanted}` in this profile"), ""));
    }
    let (situation, index) = (situation?, found?);
    if !situation.phases().contains(&replies[index].phase) {
        let message = format!("`{wanted}` comes in a phase in which `{}` cannot be noticed", situation.key());
        problems.push(Problem::at(id.place, message, ""));
    }
    Some((situation, index))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "\
name: minimal
extensions: [PIPELINING, SIZE 1000]
extensions_basis: \"made up\"
situations:
  full_mailbox: minimal-1
replies:
  - id: minimal-1
    phase: rcpt
    phase_basis: inferred
    code: 452
    enhanced: 4.2.2
    text: \"<{recipient}> is full\"
    category: mailbox-full
    permanence: temporary
    scope: address
    frequency: common
    provenance: official
    source: \"https://minimal.example/\"
";

    fn read(text: &str) -> Result<Profile, Vec<String>> {
        let source = Source::new("minimal.yaml", text);
        read_profile(&source, Some(crate::library().generic()))
            .map_err(|problems| problems.into_sorted().into_iter().map(|problem| problem.message).collect())
    }

    /// The profile above with `from` changed to `to` must be refused, with a problem that says `message`.
    fn refuse(from: &str, to: &str, message: &str) {
        assert!(WHOLE.contains(from), "{from}");
        let problems = read(&WHOLE.replace(from, to)).expect_err(message);
        assert!(problems.iter().any(|problem| problem.contains(message)), "{message}: {problems:?}");
    }

    #[test]
    fn a_profile_is_read() {
        let profile = read(WHOLE).expect("a whole profile");
        assert_eq!(profile.extensions.size, SizeLimit::Max(1000));
        assert!(profile.extensions.pipelining && !profile.extensions.eight_bit_mime);
        assert_eq!(profile.answer(Situation::FullMailbox).id, "minimal-1");
        assert!(!profile.answers_itself(Situation::UnknownMailbox));
        assert_eq!(profile.answer(Situation::UnknownMailbox).id, "postfix-001");
    }

    #[test]
    fn every_extension_that_a_session_speaks_can_be_offered() {
        let all =
            "SIZE, PIPELINING, 8BITMIME, ENHANCEDSTATUSCODES, SMTPUTF8, CHUNKING, DSN, AUTH PLAIN LOGIN";
        let profile = read(&WHOLE.replace("PIPELINING, SIZE 1000", all)).expect("a whole profile");
        assert_eq!(profile.extensions.lines().join(", "), all);
        for one in ["AUTH PLAIN", "AUTH LOGIN"] {
            let profile = read(&WHOLE.replace("PIPELINING, SIZE 1000", one)).expect("a whole profile");
            assert_eq!(profile.extensions.lines(), [one]);
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        refuse("full_mailbox", "fullmailbox", "unknown situation `fullmailbox`");
        refuse("full_mailbox: minimal-1", "full_mailbox: minimal-2", "there is no reply `minimal-2`");
        refuse("phase: rcpt", "phase: mail", "cannot be noticed");
        refuse("enhanced: 4.2.2", "enhanced: 4.2", "`4.2` is not an enhanced status code");
        refuse("{recipient}", "{mailbox}", "`{mailbox}` is not a blank");
        refuse("SIZE 1000", "AUTH CRAM-MD5", "`AUTH CRAM-MD5` is nothing that a fake server offers");
        refuse("SIZE 1000", "SIZE much", "`SIZE much` is nothing that a fake server offers");
        refuse("extensions_basis:", "extension_basis:", "extension_basis");
        refuse("    provenance: official\n", "", "provenance");
        refuse("code: 452", "code: 250", "250");
        refuse("situations:", "habits: [{ greylist: {} }]\nsituations:", "needs `source`");
    }

    #[test]
    fn without_a_fallback_everything_must_be_answered() {
        let problems =
            read_profile(&Source::new("minimal.yaml", WHOLE), None).expect_err("all others are missing");
        assert_eq!(problems.len(), Situation::ALL.len() - 1);
    }

    #[test]
    fn an_id_may_not_occur_twice() {
        let start = WHOLE.find("  - id").expect("there is a reply");
        let problems = read(&format!("{WHOLE}{}", &WHOLE[start..])).expect_err("twice the same");
        assert_eq!(problems, ["`minimal-1` occurs twice"]);
    }
}
