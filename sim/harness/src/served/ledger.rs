//! What happened to each recipient, as its servers would have it written down.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::verdict::{Category, Class, Disposition, Evidence, Finding, Scope, Stage, Verdict};
use record::{
    Answer, Arrival, Cause, Contact, ContactId, Event, EventKind, MailingId, Outcome, Phase, Receipts,
    Status, VerdictRow,
};
use smtp::{Reply, ReplyCode};
use verdicts::verdict::ACCEPTED;
use verdicts::{ProviderId, RuleBook};

use super::mailings::Mailings;
use crate::ledger::verdict_row;

/// What is written down.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) contacts: Vec<Contact>,
    pub(super) verdicts: Vec<VerdictRow>,
    pub(super) events: Vec<Event>,
}

/// What a server said, as far as its receipts tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Accepted,
    NotHeard,
    Refused(Phase, u16),
    Nothing,
}

/// The verdicts so far, each kept once.
struct Readings<'a> {
    /// Whom the rules know each provider as.
    known_as: Vec<Option<ProviderId>>,
    numbers: BTreeMap<(u32, Said), u32>,
    rows: &'a mut Vec<VerdictRow>,
}

impl Ledger {
    pub(super) fn of(receipts: &Receipts, mailings: &mut Mailings, providers: &[fleet::Who]) -> Self {
        let mut stories: BTreeMap<(MailingId, ContactId), Vec<&Arrival>> = BTreeMap::new();
        for arrival in &receipts.arrivals {
            stories.entry((mailings.of_sender(arrival.sender), arrival.recipient)).or_default().push(arrival);
        }
        let Self { mut verdicts, mut events, .. } = Self::default();
        let known_as = |who: &fleet::Who| RuleBook::shipped().named(&who.profile);
        let mut readings = Readings {
            known_as: providers.iter().map(known_as).collect(),
            numbers: BTreeMap::new(),
            rows: &mut verdicts,
        };
        for ((mailing, contact), arrivals) in stories {
            let mut note = |arrival: &Arrival, kind| {
                let Arrival { at, provider, .. } = *arrival;
                events.push(Event { at, provider, contact, mailing: Some(mailing), kind });
            };
            tell(&arrivals, &mut readings, &mut note);
            mailings.count(mailing, &arrivals);
        }
        events.sort_by_key(|event| (event.at, event.provider));
        Self { contacts: contacts(receipts), verdicts, events }
    }
}

/// The recipients, each at the provider that was asked for it first.
fn contacts(receipts: &Receipts) -> Vec<Contact> {
    let mut providers = vec![0; receipts.recipients.len()];
    for arrival in receipts.arrivals.iter().rev() {
        providers[arrival.recipient as usize] = arrival.provider;
    }
    let contact = |(address, provider): (&String, u32)| Contact {
        address: address.clone(),
        provider,
        listed: 1,
        status: Status::Active,
    };
    receipts.recipients.iter().zip(providers).map(contact).collect()
}

/// The story of one recipient of one mailing, up to the message that was accepted. What comes after it is another message,
/// and told in the receipts only.
fn tell(arrivals: &[&Arrival], readings: &mut Readings<'_>, note: &mut impl FnMut(&Arrival, EventKind)) {
    let mut last = None;
    for (number, arrival) in (1..).zip(arrivals) {
        let attempt = u8::try_from(number).unwrap_or(u8::MAX);
        if number == 1 {
            note(arrival, EventKind::Selected);
        }
        let said = Said::of(arrival.answer);
        let verdict = readings.number(arrival.provider, said);
        note(arrival, EventKind::AttemptBegun { attempt, connection: arrival.connection });
        note(arrival, EventKind::AttemptEnded { attempt, verdict, retry_at: None });
        last = Some((*arrival, said.outcome(), verdict));
        if said.outcome() == Some(Outcome::Delivered) {
            break;
        }
    }
    if let Some((arrival, Some(outcome), verdict)) = last {
        note(arrival, EventKind::Settled { outcome, cause: Cause::Answer, verdict: Some(verdict) });
    }
}

impl Mailings {
    /// Counts one recipient.
    fn count(&mut self, mailing: MailingId, arrivals: &[&Arrival]) {
        let mut outcomes = arrivals.iter().map(|arrival| Said::of(arrival.answer).outcome());
        let delivered = outcomes.clone().flatten().find(|one| *one == Outcome::Delivered);
        let last = outcomes.next_back().flatten();
        let bytes = arrivals.iter().map(|arrival| match arrival.answer {
            Answer::Accepted { body_bytes, .. } | Answer::AcceptedReplyLost { body_bytes, .. } => body_bytes,
            Answer::Refused { .. } | Answer::Unfinished => 0,
        });
        let begun = arrivals.first().map_or(0, |arrival| arrival.at);
        self.begin(mailing, begun, bytes.max().unwrap_or_default());
        let counters = self.counters(mailing);
        counters.selected += 1;
        counters.sent += 1;
        match delivered.or(last) {
            Some(Outcome::Delivered) => counters.delivered += 1,
            Some(Outcome::HardBounced) => counters.hard_bounced += 1,
            Some(Outcome::SoftBounced | Outcome::Cancelled | Outcome::Dropped) | None => {
                counters.in_progress += 1;
            }
        }
    }
}

impl Said {
    const fn of(answer: Answer) -> Self {
        match answer {
            Answer::Accepted { .. } => Self::Accepted,
            Answer::AcceptedReplyLost { .. } => Self::NotHeard,
            Answer::Refused { phase, code } => Self::Refused(phase, code),
            Answer::Unfinished => Self::Nothing,
        }
    }

    /// What becomes of the recipient if nothing follows.
    const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Accepted | Self::NotHeard => Some(Outcome::Delivered),
            Self::Refused(_, 500..) => Some(Outcome::HardBounced),
            Self::Refused(..) | Self::Nothing => None,
        }
    }
}

impl Readings<'_> {
    /// The number of the verdict on what a provider said.
    fn number(&mut self, provider: u32, said: Said) -> u32 {
        if let Some(number) = self.numbers.get(&(provider, said)) {
            return *number;
        }
        let finding = finding(self.known_as[provider as usize], said);
        let number = u32::try_from(self.rows.len()).expect("they are few");
        self.rows.push(verdict_row(&finding));
        self.numbers.insert((provider, said), number);
        number
    }
}

/// How an answer is read by its numbers: the words are not in the receipts.
fn finding(provider: Option<ProviderId>, said: Said) -> Finding {
    let instead = |stage, words, verdict| Finding { stage, evidence: Evidence::Instead(words), verdict };
    let nothing = Verdict {
        class: Class::Soft,
        category: Category::Other,
        scope: Scope::Connection,
        disposition: Disposition::Retry,
        rule: "no answer",
        reason: "the connection ended before anything was decided",
        ..ACCEPTED
    };
    match said {
        Said::Accepted => {
            let reply = Arc::new(Reply::new(250, None, ""));
            Finding { stage: Stage::EndOfData, evidence: Evidence::Reply(reply), verdict: ACCEPTED }
        }
        Said::NotHeard => instead(Stage::EndOfData, "accepted, and the client did not hear it", ACCEPTED),
        Said::Nothing => instead(Stage::Body, "the client was gone before an answer", nothing),
        Said::Refused(phase, code) => match ReplyCode::new(code) {
            None => instead(stage(phase), "refused, with no code that there is", nothing),
            Some(code) => {
                let reply = Reply::new(code.get(), None, "");
                let verdict = RuleBook::shipped().verdict(provider, stage(phase), &reply);
                Finding { stage: stage(phase), evidence: Evidence::Reply(Arc::new(reply)), verdict }
            }
        },
    }
}

const fn stage(phase: Phase) -> Stage {
    match phase {
        Phase::Dns => Stage::Dns,
        Phase::Connect => Stage::Connect,
        Phase::Greeting => Stage::Greeting,
        Phase::Ehlo => Stage::Ehlo,
        Phase::Mail => Stage::Mail,
        Phase::Rcpt => Stage::Rcpt,
        Phase::Data => Stage::Data,
        Phase::Body => Stage::Body,
        Phase::EndOfData => Stage::EndOfData,
        Phase::Report => Stage::Report,
    }
}
