//! `checks`: what a provider demands of senders and messages, verified for real.

use scenario::field::optional;
use scenario::{Definition, Kind, Node, Problem, Problems, Reader, value};
use smtp::Security;
use units::{Share, Table};

use super::{Act, Behaviour, BehaviourKind, Received, Scene, Setting, Stage, Visit};
use crate::checks::authentication::{Authenticated, Demand, Origin, Verifier};
use crate::checks::content::{Offence, Unwanted};
use crate::checks::header::Header;
use crate::checks::{Check, Finding, Findings, origin};
use crate::profile::Situation;
use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const MODES: &str = "enforce or record";

const DEFINITION: Definition = Definition {
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

/// What is done about a check that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Enforce,
    Record,
}

/// Findings about messages that are kept for when they come again, as most do that were refused.
const REMEMBERED: usize = 1 << 16;

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
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
    let unwanted = unwanted.map(|(unwanted, _)| unwanted).unwrap_or_default();
    Some(Box::new(Checks { wanted, unwanted, ..Checks::default() }))
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

/// A check, and what is done about it.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    check: Check,
    mode: Mode,
}

#[derive(Debug, Default)]
struct Checks {
    wanted: Vec<Wanted>,
    unwanted: Unwanted,
    /// Made when it is known who sends.
    verifier: Option<Verifier>,
    /// What was found about messages that came before.
    known: Table<u64, Judged>,
    /// What was found in the transaction that was looked at last: its connection and its number.
    last: Option<(u32, u32, Judged)>,
}

/// What was found, and what is to be done about it beyond that.
#[derive(Debug, Clone, Copy, Default)]
struct Judged {
    findings: Findings,
    demand: Option<Demand>,
    offence: Option<Offence>,
}

impl Behaviour for Checks {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::OF_KNOWN_REPLIES
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.verifier = Some(Verifier::new(&setting.identity.zone));
    }

    fn reads_content(&self) -> bool {
        true
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        let judged = match stage {
            Stage::EndOfData { message } => self.judge_message(message, scene),
            Stage::Greeting | Stage::Hello | Stage::Mail => self.judge_origin(stage.phase(), scene),
            Stage::Rcpt { .. } | Stage::Data => self.last_of(scene.visit).unwrap_or_default(),
            Stage::Connect
            | Stage::StartTls
            | Stage::TlsHandshake
            | Stage::Auth
            | Stage::Bdat
            | Stage::Body { .. }
            | Stage::Rset
            | Stage::Noop
            | Stage::Vrfy
            | Stage::Quit
            | Stage::Idle => return None,
        };
        self.last = Some((scene.visit.connection, scene.visit.transaction, judged));
        let concerned = if let Stage::Rcpt { recipient } = stage { Some(*recipient) } else { None };
        let answers =
            |situation: &Situation| scene.identity.profile.answer(*situation).phase == stage.phase();
        let mut failed = self.wanted.iter().filter_map(|wanted| judged.refused(*wanted));
        failed.find(answers).map(|situation| scene.answer(situation, concerned))
    }

    fn findings(&self, visit: &Visit) -> Findings {
        self.last_of(visit).map(|judged| judged.findings).unwrap_or_default()
    }

    fn spam_share(&self, scene: &Scene<'_>) -> Option<Share> {
        let judged = self.last_of(scene.visit)?;
        let enforces =
            self.wanted.iter().any(|wanted| wanted.check == Check::Dmarc && wanted.mode == Mode::Enforce);
        let fails = judged.findings.get(Check::Dmarc) == Some(Finding::Fail);
        (enforces && fails && judged.demand == Some(Demand::Quarantine)).then_some(Share::ALL)
    }
}

impl Checks {
    fn last_of(&self, visit: &Visit) -> Option<Judged> {
        let (connection, transaction, judged) = self.last?;
        ((connection, transaction) == (visit.connection, visit.transaction)).then_some(judged)
    }

    /// Looks at where the mail comes from, as far as that is known in a phase.
    fn judge_origin(&self, phase: Phase, scene: &Scene<'_>) -> Judged {
        let (zone, visit) = (&scene.identity.zone, scene.visit);
        let mut findings = Findings::default();
        for Wanted { check, .. } in &self.wanted {
            let finding = match check {
                Check::Fcrdns => origin::reverse_dns(zone, scene.client()),
                Check::EhloName if phase >= Phase::Ehlo => origin::ehlo_name(zone, &visit.client_name),
                Check::Tls if phase >= Phase::Mail => Finding::of(visit.security == Security::Tls),
                Check::Spf if phase >= Phase::Mail => self.spf(scene),
                _ => continue,
            };
            findings = findings.with(*check, finding);
        }
        Judged { findings, ..Judged::default() }
    }

    fn spf(&self, scene: &Scene<'_>) -> Finding {
        self.verifier.as_ref().map_or(Finding::None, |verifier| verifier.spf(origin_of(scene)))
    }

    /// Looks at a message, and at where it comes from.
    fn judge_message(&mut self, message: &Received<'_>, scene: &Scene<'_>) -> Judged {
        let origin = self.judge_origin(Phase::EndOfData, scene);
        if message.content.len() as u64 != message.bytes {
            return origin;
        }
        let key = key(message, scene);
        let judged = match self.known.get(&key) {
            Some(known) => *known,
            None => self.judge_content(message, scene),
        };
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(key, judged);
        Judged { findings: judged.findings.or(origin.findings), ..judged }
    }

    fn judge_content(&self, message: &Received<'_>, scene: &Scene<'_>) -> Judged {
        let Some(verifier) = &self.verifier else { return Judged::default() };
        let header = Header::of(message.content);
        let authenticated =
            self.authenticates().then(|| verifier.message(origin_of(scene), message.content, &header));
        let offence = self.unwanted.find(message.content);
        let mut findings = Findings::default();
        for Wanted { check, .. } in &self.wanted {
            let finding = match (check, &authenticated) {
                (Check::MessageFormat, _) => header.format(),
                (Check::Content, _) => Finding::of(offence.is_none()),
                (check, Some(authenticated)) => match self.authenticated(*check, authenticated, scene) {
                    Some(finding) => finding,
                    None => continue,
                },
                (_, None) => continue,
            };
            findings = findings.with(*check, finding);
        }
        Judged { findings, demand: authenticated.map(|authenticated| authenticated.demand), offence }
    }

    /// Whether signatures have to be looked at, which costs most.
    fn authenticates(&self) -> bool {
        self.wanted.iter().any(|wanted| match wanted.check {
            Check::Dkim
            | Check::SpfOrDkim
            | Check::Dmarc
            | Check::DmarcRecord
            | Check::Alignment
            | Check::OneClick => true,
            Check::Spf
            | Check::Fcrdns
            | Check::EhloName
            | Check::Tls
            | Check::MessageFormat
            | Check::Content => false,
        })
    }

    fn authenticated(&self, check: Check, found: &Authenticated, scene: &Scene<'_>) -> Option<Finding> {
        Some(match check {
            Check::Dkim => found.dkim,
            Check::SpfOrDkim => match (found.dkim, self.spf(scene)) {
                (Finding::Pass, _) | (_, Finding::Pass) => Finding::Pass,
                (Finding::None, Finding::None) => Finding::None,
                (Finding::Fail | Finding::None, Finding::Fail | Finding::None) => Finding::Fail,
            },
            Check::Dmarc => found.dmarc,
            Check::DmarcRecord => match found.demand {
                Demand::NoRecord => Finding::None,
                Demand::Nothing | Demand::Quarantine | Demand::Reject => Finding::Pass,
            },
            Check::Alignment => found.aligned,
            Check::OneClick => found.one_click,
            Check::Spf
            | Check::Fcrdns
            | Check::EhloName
            | Check::Tls
            | Check::MessageFormat
            | Check::Content => return None,
        })
    }
}

impl Judged {
    /// What a check that is enforced is refused as, if it is.
    fn refused(&self, wanted: Wanted) -> Option<Situation> {
        let finding = self.findings.get(wanted.check)?;
        if wanted.mode == Mode::Record || finding == Finding::Pass {
            return None;
        }
        Some(match wanted.check {
            Check::Spf => Situation::SpfFailed,
            Check::Dkim => Situation::DkimFailed,
            Check::SpfOrDkim => Situation::Unauthenticated,
            Check::Dmarc => return (self.demand == Some(Demand::Reject)).then_some(Situation::DmarcFailed),
            Check::DmarcRecord => Situation::NoDmarcRecord,
            Check::Alignment => Situation::NotAligned,
            Check::Fcrdns => Situation::NoReverseDns,
            Check::EhloName => Situation::BadEhloName,
            Check::Tls => Situation::NotEncrypted,
            Check::OneClick => Situation::NoOneClick,
            Check::MessageFormat => Situation::MalformedMessage,
            Check::Content => match self.offence {
                Some(Offence::Link) => Situation::UnwantedLink,
                Some(Offence::Attachment) => Situation::UnwantedAttachment,
                Some(Offence::Words) | None => Situation::SpamContent,
            },
        })
    }
}

fn origin_of<'a>(scene: &Scene<'a>) -> Origin<'a> {
    Origin { client: scene.client(), ehlo: &scene.visit.client_name, sender: &scene.visit.sender }
}

/// What the findings about a message depend on, in one number.
fn key(message: &Received<'_>, scene: &Scene<'_>) -> u64 {
    let Visit { client_name, sender, .. } = scene.visit;
    let mut hash = xxhash_rust::xxh3::Xxh3Default::new();
    hash.update(&message.hash.to_le_bytes());
    [client_name, sender].into_iter().for_each(|text| {
        hash.update(&(text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    });
    hash.digest()
}

#[cfg(test)]
mod tests;
