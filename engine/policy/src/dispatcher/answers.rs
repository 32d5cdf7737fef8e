//! What the answers in a transaction say: most of them each for itself, some only when seen together.
//!
//! Apart from `settle`, which draws the conclusions. The reading of a single reply is in [`crate::classify`].

use std::sync::Arc;

use smtp::Reply;
use smtp::client::{self, Loss, Phase};

use super::{Dispatcher, Job};
use crate::classify::{self, Reader};
use crate::ids::RecipientId;
use crate::pace::Pace;
use crate::verdict::{Disposition, Evidence, Finding, Scope, Stage};

/// The finding in what a session reports.
fn found(reader: Reader, outcome: &client::Outcome, messages_before: u32) -> Finding {
    match outcome {
        client::Outcome::Accepted(reply) => Finding {
            stage: Stage::EndOfData,
            evidence: Evidence::Reply(Arc::clone(reply)),
            verdict: classify::ACCEPTED,
        },
        client::Outcome::Refused { phase, reply } => {
            let stage = stage(*phase);
            // A server that has had enough of a connection says so when the next message begins.
            let full = *phase == Phase::Mail && messages_before > 0 && reply.code().get() == 421;
            let read = reader.reply(stage, reply);
            let is_about_us = matches!(read.scope, Scope::Source);
            let verdict = if full && !is_about_us { classify::STALE } else { read };
            Finding { stage, evidence: Evidence::Reply(Arc::clone(reply)), verdict }
        }
        client::Outcome::Lost { phase, loss } => {
            let stale =
                *phase == Phase::Mail && messages_before > 0 && matches!(loss, Loss::Closed | Loss::Reset);
            Finding {
                stage: stage(*phase),
                evidence: Evidence::Instead(classify::loss(loss)),
                verdict: if stale { classify::STALE } else { classify::LOST },
            }
        }
        client::Outcome::Uncertain { loss } => Finding {
            stage: Stage::EndOfData,
            evidence: Evidence::Instead(classify::loss(loss)),
            verdict: classify::UNCERTAIN,
        },
        client::Outcome::Unsendable(obstacle) => {
            let (verdict, words) = classify::obstacle(obstacle);
            Finding { stage: Stage::Mail, evidence: Evidence::Instead(words), verdict }
        }
        client::Outcome::NotBegun => Finding {
            stage: Stage::Mail,
            evidence: Evidence::Instead("the connection ended before the message was begun"),
            verdict: classify::NOT_BEGUN,
        },
    }
}

/// The stage that a phase of a session belongs to.
pub fn stage(phase: Phase) -> Stage {
    match phase {
        Phase::Greeting => Stage::Greeting,
        // Nothing is said about mail before the session stands.
        Phase::Ehlo | Phase::StartTls => Stage::Ehlo,
        Phase::Mail | Phase::Reset | Phase::Quit => Stage::Mail,
        Phase::Rcpt => Stage::Rcpt,
        Phase::Data => Stage::Data,
        Phase::Body => Stage::Body,
        Phase::EndOfData => Stage::EndOfData,
    }
}

/// What can be told of the answers in a transaction only by looking at all of them.
pub(super) struct Shared {
    reader: Reader,
    /// A refusal at the final dot that names some of its recipients, and whom.
    named: Option<(Arc<Reply>, Vec<RecipientId>)>,
    /// Recipients that the server took, if it refused others as too many.
    taken: Option<usize>,
    recipients: usize,
    /// Recipients that the server took before the final dot.
    concerned: usize,
    /// Messages carried before by the same connection.
    messages_before: u32,
}

impl Shared {
    pub(super) fn of(dispatcher: &Dispatcher, job: &Job, outcomes: &[client::Outcome]) -> Self {
        let reader = dispatcher.sites[job.site.index()].reader;
        Self {
            reader,
            named: dispatcher.named(job, outcomes),
            taken: taken(reader, outcomes),
            recipients: outcomes.len(),
            concerned: outcomes.iter().filter(|outcome| is_final_answer(outcome)).count(),
            messages_before: job.messages_before,
        }
    }

    /// Whether the transaction was broken off, or refused as a whole, for a reason that may lie in one of its recipients.
    fn is_broken_off(&self, outcome: &client::Outcome) -> bool {
        match outcome {
            client::Outcome::Refused { phase: Phase::Mail, .. }
            | client::Outcome::Lost { phase: Phase::Mail, .. } => false,
            client::Outcome::Lost { .. } | client::Outcome::Uncertain { .. } => true,
            client::Outcome::Refused { .. } => {
                self.closes(outcome) || self.is_about_one_of_several(outcome) || self.is_too_large(outcome)
            }
            client::Outcome::Accepted(_) | client::Outcome::Unsendable(_) | client::Outcome::NotBegun => {
                false
            }
        }
    }

    /// Whether the server closes the connection with an answer that may be about any of the recipients, or about us.
    fn closes(&self, outcome: &client::Outcome) -> bool {
        match outcome {
            client::Outcome::Refused { phase: Phase::Mail, .. } if self.messages_before > 0 => false,
            client::Outcome::Refused { reply, .. } => self.recipients > 1 && reply.code().get() == 421,
            _ => false,
        }
    }

    /// Whether recipients with the same outcome can have different findings.
    pub(super) const fn tells_apart(&self) -> bool {
        self.named.is_some()
    }

    /// The finding for one of the recipients.
    pub(super) fn finding(&self, recipient: RecipientId, outcome: &client::Outcome) -> Finding {
        let finding = self
            .finding_among_all(recipient, outcome)
            .unwrap_or_else(|| found(self.reader, outcome, self.messages_before));
        let is_alone = self.recipients == 1;
        // A message to one cannot be split.
        if finding.verdict.disposition == Disposition::Split && is_alone {
            return classify::without_remedy(&finding);
        }
        finding
    }

    /// The finding, if it takes all of them to see it.
    fn finding_among_all(&self, recipient: RecipientId, outcome: &client::Outcome) -> Option<Finding> {
        if let Some((reply, named)) = &self.named
            && is_final_answer(outcome)
        {
            let is_named = named.contains(&recipient);
            return Some(if is_named { self.reader.named(reply) } else { self.reader.not_named(reply) });
        }
        if self.taken.is_some()
            && let Some(reply) = surplus(self.reader, outcome)
        {
            return Some(self.reader.surplus(reply));
        }
        match outcome {
            client::Outcome::Refused { phase, reply } if self.closes(outcome) => {
                Some(self.reader.closing(stage(*phase), reply))
            }
            client::Outcome::Refused { reply, .. } if self.is_about_one_of_several(outcome) => {
                Some(self.reader.one_of_several(reply))
            }
            _ => None,
        }
    }

    /// Whether the answer to the final dot is about an address, but of several recipients names none.
    fn is_about_one_of_several(&self, outcome: &client::Outcome) -> bool {
        match outcome {
            client::Outcome::Refused { phase: Phase::EndOfData, reply } => {
                self.named.is_none()
                    && self.concerned > 1
                    && matches!(
                        self.reader.reply(Stage::EndOfData, reply).scope,
                        Scope::Address | Scope::Recipient
                    )
            }
            _ => false,
        }
    }

    /// Whether the message was refused as a whole for its number of recipients.
    fn is_too_large(&self, outcome: &client::Outcome) -> bool {
        match outcome {
            client::Outcome::Refused { phase, reply } if self.taken.is_none() => {
                self.reader.reply(stage(*phase), reply).disposition == Disposition::Split
            }
            _ => false,
        }
    }

    /// What the transaction as a whole says about the pace of its site.
    pub(super) fn learn(&self, pace: &mut Pace, outcomes: &[client::Outcome]) {
        if let Some(taken) = self.taken {
            pace.takes_only(taken);
        }
        if self.recipients > 1 && alike(outcomes).any(|alike| self.is_broken_off(&alike[0])) {
            pace.broken_off(self.recipients);
        } else if outcomes.iter().any(|outcome| matches!(outcome, client::Outcome::Accepted(_))) {
            pace.accepted();
        }
    }
}

/// Neighbours with the same outcome, which need to be read once only.
fn alike(outcomes: &[client::Outcome]) -> impl Iterator<Item = &[client::Outcome]> {
    outcomes.chunk_by(|one, next| one == next)
}

/// How many recipients the server took, if it refused the others as too many. One alone is never too many.
fn taken(reader: Reader, outcomes: &[client::Outcome]) -> Option<usize> {
    if outcomes.len() == 1 {
        return None;
    }
    let surplus: usize =
        alike(outcomes).filter(|alike| surplus(reader, &alike[0]).is_some()).map(<[_]>::len).sum();
    (surplus > 0 && surplus < outcomes.len()).then(|| outcomes.len() - surplus)
}

/// The refusal, if it may mean that the message has too many recipients.
fn surplus(reader: Reader, outcome: &client::Outcome) -> Option<&Arc<Reply>> {
    match outcome {
        client::Outcome::Refused { phase: Phase::Rcpt, reply } if reader.is_surplus(reply) => Some(reply),
        _ => None,
    }
}

const fn is_final_answer(outcome: &client::Outcome) -> bool {
    matches!(outcome, client::Outcome::Refused { phase: Phase::EndOfData, .. })
}

/// Whether `text` (in lower case) has this address in it, and not only as a part of a longer one.
fn mentions(text: &str, address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    let is_address = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_+".contains(byte);
    text.match_indices(&address).any(|(start, _)| {
        let end = start + address.len();
        let before = text.as_bytes()[..start].last();
        let after = text
            .as_bytes()
            .get(end)
            .filter(|byte| **byte != b'.' || text.as_bytes().get(end + 1).is_some_and(is_address));
        !before.is_some_and(is_address) && !after.is_some_and(is_address)
    })
}

impl Dispatcher {
    /// Whom a refusal at the final dot names, if it names any of those concerned.
    fn named(&self, job: &Job, outcomes: &[client::Outcome]) -> Option<(Arc<Reply>, Vec<RecipientId>)> {
        let reply = outcomes.iter().find_map(|outcome| match outcome {
            client::Outcome::Refused { phase: Phase::EndOfData, reply } if reply.code().get() != 421 => {
                Some(reply)
            }
            _ => None,
        })?;
        if !self.sites[job.site.index()].reader.may_name(reply) {
            return None;
        }
        let text = reply.text().to_ascii_lowercase();
        let concerned = job.recipients.iter().zip(outcomes).filter(|(_, outcome)| is_final_answer(outcome));
        let named: Vec<RecipientId> = concerned
            .map(|(recipient, _)| *recipient)
            .filter(|recipient| mentions(&text, self.address(*recipient).as_str()))
            .collect();
        (!named.is_empty()).then(|| (Arc::clone(reply), named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_mentioned_only_as_a_whole() {
        let check =
            |text: &str, mentioned: bool| assert_eq!(mentions(text, "Ann@bigbox.test"), mentioned, "{text}");
        check("delivery error: dd this user doesn't have a bigbox.test account (ann@bigbox.test) [0]", true);
        check("no such user ann@bigbox.test.", true);
        check("<ann@bigbox.test>: unknown", true);
        check("no such user joann@bigbox.test", false);
        check("no such user j.ann@bigbox.test", false);
        check("no such user ann@bigbox.test.example", false);
        check("no such user", false);
    }
}
