//! `checks`: what a provider demands of senders and messages, verified for real.

mod settings;

use scenario::{Definition, Node, Problems};
use smtp::Security;
use units::{Share, Table};

use self::settings::{DEFINITION, Mode, Wanted};
use super::{Act, Behaviour, BehaviourKind, Received, Scene, Setting, Stage, Visit};
use crate::checks::authentication::{Authenticated, Demand, Origin, Verifier};
use crate::checks::content::{Offence, Unwanted};
use crate::checks::header::Header;
use crate::checks::{Check, Finding, Findings, origin};
use crate::profile::{Particulars, Situation};
use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

/// Findings about messages that are kept for when they come again, as most do that were refused.
const REMEMBERED: usize = 1 << 16;

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let (wanted, unwanted) = settings::read(node, problems)?;
    Some(Box::new(Checks { wanted, unwanted, ..Checks::default() }))
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
        let answers =
            |situation: &Situation| scene.identity.profile.answer(*situation).phase == stage.phase();
        let mut failed = self.wanted.iter().filter_map(|wanted| judged.refused(*wanted));
        failed.find(answers).map(|situation| refuse(situation, stage, scene))
    }

    fn looks(&self) -> bool {
        true
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
                Check::EhloName
                | Check::Tls
                | Check::Spf
                | Check::Dkim
                | Check::SpfOrDkim
                | Check::Dmarc
                | Check::DmarcRecord
                | Check::Alignment
                | Check::OneClick
                | Check::MessageFormat
                | Check::Content => continue,
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

/// Refuses in the provider's words. What they say about a domain is about the author's, where that is what was looked at.
fn refuse(situation: Situation, stage: &Stage<'_>, scene: &Scene<'_>) -> Act {
    let author = match (situation, stage) {
        (
            Situation::DkimFailed | Situation::DmarcFailed | Situation::NoDmarcRecord | Situation::NotAligned,
            Stage::EndOfData { message },
        ) => Header::of(message.content).author_domain(),
        (_, Stage::Rcpt { recipient }) => return scene.answer(situation, Some(*recipient)),
        _ => None,
    };
    let Some(domain) = author else { return scene.answer(situation, None) };
    let known = scene.identity.profile.answer(situation);
    let usual = scene.particulars(known.phase, known.scope, None);
    let reply = known.in_words(&Particulars { domain: &domain, ..usual });
    match Act::say(reply, known.phase) {
        Act::Say { reply, then, .. } => Act::Say { reply, then, situation: Some(situation) },
        act => act,
    }
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
