//! `limits`: how much a provider takes, and what it does to who sends more.
//!
//! Everything is counted as the server sees it, from what it was told was decided. A limit is found exceeded at one moment
//! (a connection is opened, MAIL, RCPT, the end of data) and answered in the provider's words; where its profile says them
//! later in the dialogue, they are said there. How much is too much is the part of [`guard`], how it is written that of
//! [`read`].

mod guard;
mod measure;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use scenario::field::optional;
use scenario::{Definition, Field};
use units::Instant;

use super::{Act, Behaviour, BehaviourKind, Decided, Event, Scene, Setting, Stage};
use crate::profile::Situation;
use crate::{Phase, Phases, Roster};
use guard::{Guard, Hosts, Key};
use measure::{Measure, Then, Whose};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read: read::limits };

const DEFINITION: Definition = Definition {
    key: "limits",
    about: "How much the provider takes. Each limit is a number, or a map with the number as `max` and any of: `use` (a \
            situation or the id of a known reply: in which words it is refused; otherwise in those that the provider's \
            profile has for it), `block_for` (a duration: so long after the limit was exceeded everything is answered in \
            the same words), `escalate` (`2x`: each further time it is exceeded, the block is so many times as long, up \
            to `block_at_most`, which is `1d`; a day without a block forgives), and `hosts: together` or `each` (whether \
            the MX hosts of the provider count together, as they do unless you say otherwise). A rate (`100/min`) is a sliding \
            window: in no minute more than a hundred. What is refused for a limit does not count against it. Written before \
            `mailboxes`, it is asked before them.",
    kind: "a map",
    fields: &[
        limit("connections", "number", "Connections of one client address that are open at once."),
        limit("connections_of_all", "number", "Connections of all clients that are open at once."),
        limit("new_connections", "rate", "Connections that a client address opens per time."),
        limit(
            "messages",
            "rate",
            "Messages per time. `per: client` (so if you say nothing), `sender_domain` or `recipient` says whose; several \
             of them can stand in a list. Counted when MAIL, or for a recipient RCPT, was accepted.",
        ),
        limit(
            "messages_per_connection",
            "number",
            "Messages in one connection. With `then: close`, the next MAIL is answered by closing the connection without a \
             word, as one large provider does; without it (`then: refuse`), in words.",
        ),
        limit(
            "recipients_per_message",
            "number",
            "Recipients of one message; those above it are refused at RCPT.",
        ),
        limit(
            "message_size",
            "size",
            "Bytes of a message: refused at MAIL if the client declares more, at the end of data if more comes.",
        ),
        limit(
            "unknown_recipients_per_connection",
            "number",
            "Recipients of one connection that do not exist. After one more, everything in it is refused.",
        ),
        limit(
            "errors_per_connection",
            "number",
            "Refusals in one connection, whatever for. After one more, everything in it is refused.",
        ),
    ],
    example: "limits: { connections: 5, messages: { max: 100/min, block_for: 10m, escalate: 2x } }",
};

const fn limit(name: &'static str, kind: &'static str, about: &'static str) -> Field {
    optional(name, kind, about)
}

#[derive(Debug)]
struct Limits {
    guards: Vec<Guard>,
    /// The connections that are open, by their number.
    sessions: BTreeMap<u32, Session>,
    /// The domains of return paths.
    domains: Roster,
}

/// A connection that is open.
#[derive(Debug, Default)]
struct Session {
    /// The limit for which everything in it is refused, by the position of its guard.
    refused_for: Option<usize>,
    /// The limit for which this transaction is refused, and its number.
    transaction: Option<(u32, usize)>,
    /// The guards that count it among the open ones.
    counted_by: Vec<usize>,
    messages: u64,
    unknown: u64,
    errors: u64,
}

impl Behaviour for Limits {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::OF_KNOWN_REPLIES
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.guards.iter_mut().for_each(|guard| guard.prepare(setting.identity));
    }

    fn listens(&self) -> bool {
        true
    }

    fn told(&mut self, event: &Event<'_>, scene: &Scene<'_>) {
        match event {
            Event::Opened => self.opened(scene),
            Event::Closed => self.closed(scene),
            Event::Welcome { decided } | Event::Data { decided } | Event::Message { decided, .. } => {
                self.count_error(*decided, scene);
            }
            Event::Mail { decided } => {
                self.count_error(*decided, scene);
                if *decided == Decided::Accepted {
                    self.count_message(scene);
                }
            }
            Event::Recipient { recipient, decided, .. } => {
                self.count_error(*decided, scene);
                if *decided == Decided::Accepted {
                    self.take(scene, Some(*recipient), |measure| {
                        measure == Measure::Messages(Whose::Recipient)
                    });
                }
            }
            Event::Complaint(_) | Event::Engagement(_) | Event::Unauthenticated(_) => {}
        }
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        let number = scene.visit.connection;
        let (found, concerned) = match stage {
            Stage::Greeting | Stage::Hello | Stage::Data => (None, None),
            Stage::Mail => {
                let over = self.mail(scene);
                let session = self.sessions.entry(number).or_default();
                session.transaction = over.map(|guard| (scene.visit.transaction, guard));
                (self.too_large(scene.visit.declared_size, scene), None)
            }
            Stage::Rcpt { recipient } => (self.rcpt(*recipient, scene), Some(*recipient)),
            Stage::EndOfData { message } => (self.too_large(Some(message.bytes), scene), None),
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
        let guard = found.or_else(|| self.standing(stage.phase(), scene))?;
        let guard = &self.guards[guard];
        let silently = guard.measure == Measure::MessagesPerConnection(Then::Close);
        Some(if silently { Act::Close } else { guard.words.say(stage.phase(), scene, concerned) })
    }
}

impl Limits {
    /// The limit for which the connection or the transaction is refused in this phase.
    fn standing(&self, phase: Phase, scene: &Scene<'_>) -> Option<usize> {
        let session = self.sessions.get(&scene.visit.connection)?;
        let transaction = session.transaction.filter(|(number, _)| *number == scene.visit.transaction);
        let guard = session.refused_for.or(transaction.map(|(_, guard)| guard))?;
        (phase >= self.guards[guard].said_from).then_some(guard)
    }

    /// A connection is open: it is one too many, or is counted.
    fn opened(&mut self, scene: &Scene<'_>) {
        let refused_for = self.first_over(scene, None, |guard| match guard.measure {
            Measure::Connections | Measure::ConnectionsOfAll | Measure::NewConnections => true,
            // One who may not send is told so before it can say for whom.
            Measure::Messages(Whose::Client) => guard.said_from < Phase::Mail,
            Measure::Messages(Whose::SenderDomain | Whose::Recipient)
            | Measure::MessagesPerConnection(_)
            | Measure::RecipientsPerMessage
            | Measure::MessageSize
            | Measure::UnknownRecipients
            | Measure::Errors => false,
        });
        let mut session = Session { refused_for, ..Session::default() };
        if refused_for.is_none() {
            session.counted_by = self.take(scene, None, |measure| {
                matches!(measure, Measure::Connections | Measure::ConnectionsOfAll | Measure::NewConnections)
            });
        }
        self.sessions.insert(scene.visit.connection, session);
    }

    fn closed(&mut self, scene: &Scene<'_>) {
        let Some(session) = self.sessions.remove(&scene.visit.connection) else { return };
        for guard in session.counted_by {
            if let Some(key) = self.key(guard, scene, None) {
                self.guards[guard].give_back(key);
            }
        }
    }

    /// The limit that a message that is announced exceeds.
    fn mail(&mut self, scene: &Scene<'_>) -> Option<usize> {
        let messages = self.sessions.get(&scene.visit.connection).map_or(0, |session| session.messages);
        let in_connection = self.guards.iter().position(|guard| {
            matches!(guard.measure, Measure::MessagesPerConnection(_)) && messages >= guard.max
        });
        if let Some(guard) = in_connection {
            self.exceeded(guard, scene);
            return in_connection;
        }
        self.first_over(scene, None, |guard| match guard.measure {
            Measure::Messages(Whose::Client | Whose::SenderDomain) => true,
            Measure::Messages(Whose::Recipient)
            | Measure::Connections
            | Measure::ConnectionsOfAll
            | Measure::NewConnections
            | Measure::MessagesPerConnection(_)
            | Measure::RecipientsPerMessage
            | Measure::MessageSize
            | Measure::UnknownRecipients
            | Measure::Errors => false,
        })
    }

    /// The limit that a recipient exceeds.
    fn rcpt(&mut self, recipient: u32, scene: &Scene<'_>) -> Option<usize> {
        let named = scene.visit.recipients.len() as u64;
        let too_many = self
            .guards
            .iter()
            .position(|guard| guard.measure == Measure::RecipientsPerMessage && named >= guard.max);
        if let Some(guard) = too_many {
            self.exceeded(guard, scene);
            return too_many;
        }
        self.first_over(scene, Some(recipient), |guard| guard.measure == Measure::Messages(Whose::Recipient))
    }

    /// The limit that a message of this size exceeds.
    fn too_large(&mut self, bytes: Option<u64>, scene: &Scene<'_>) -> Option<usize> {
        let bytes = bytes?;
        let too_large = self
            .guards
            .iter()
            .position(|guard| guard.measure == Measure::MessageSize && bytes > guard.max)?;
        self.exceeded(too_large, scene);
        Some(too_large)
    }

    fn count_message(&mut self, scene: &Scene<'_>) {
        let session = self.sessions.entry(scene.visit.connection).or_default();
        if session.transaction.is_some_and(|(number, _)| number == scene.visit.transaction) {
            return;
        }
        session.messages += 1;
        self.take(scene, None, |measure| {
            matches!(measure, Measure::Messages(Whose::Client | Whose::SenderDomain))
        });
    }

    /// Counts a refusal, and refuses everything else in the connection when that was one too many.
    fn count_error(&mut self, decided: Decided, scene: &Scene<'_>) {
        let Decided::Refused { situation, .. } = decided else { return };
        let session = self.sessions.entry(scene.visit.connection).or_default();
        session.errors += 1;
        session.unknown += u64::from(situation == Some(Situation::UnknownMailbox));
        if session.refused_for.is_some() {
            return;
        }
        let (errors, unknown) = (session.errors, session.unknown);
        let over = self.guards.iter().position(|guard| match guard.measure {
            Measure::Errors => errors > guard.max,
            Measure::UnknownRecipients => unknown > guard.max,
            Measure::Connections
            | Measure::ConnectionsOfAll
            | Measure::NewConnections
            | Measure::Messages(_)
            | Measure::MessagesPerConnection(_)
            | Measure::RecipientsPerMessage
            | Measure::MessageSize => false,
        });
        if let Some(guard) = over {
            self.exceeded(guard, scene);
            self.sessions.entry(scene.visit.connection).or_default().refused_for = over;
        }
    }

    /// The first limit that is exceeded by one more, of those that `concern` what is asked for, or for which who asks is
    /// blocked. A recipient is asked for only where all that is blocked for others was said before.
    fn first_over(
        &mut self,
        scene: &Scene<'_>,
        recipient: Option<u32>,
        concern: impl Fn(&Guard) -> bool,
    ) -> Option<usize> {
        (0..self.guards.len()).find(|&guard| {
            let Some(key) = self.key(guard, scene, recipient) else { return false };
            let concerned = concern(&self.guards[guard]);
            let guard = &mut self.guards[guard];
            let is_blocked = (concerned || recipient.is_none()) && guard.is_blocked(&key, scene.now);
            is_blocked || (concerned && guard.is_over(key, scene.now))
        })
    }

    /// Counts one more for the limits with these measures; which they are.
    fn take(
        &mut self,
        scene: &Scene<'_>,
        recipient: Option<u32>,
        counts: impl Fn(Measure) -> bool,
    ) -> Vec<usize> {
        let taken: Vec<usize> =
            (0..self.guards.len()).filter(|&guard| counts(self.guards[guard].measure)).collect();
        for &guard in &taken {
            if let Some(key) = self.key(guard, scene, recipient) {
                self.guards[guard].take(key, scene.now);
            }
        }
        taken
    }

    /// A limit that is not counted by its guard was exceeded.
    fn exceeded(&mut self, guard: usize, scene: &Scene<'_>) {
        if let Some(key) = self.key(guard, scene, None) {
            self.guards[guard].exceeded(key, scene.now);
        }
    }

    fn key(&mut self, guard: usize, scene: &Scene<'_>, recipient: Option<u32>) -> Option<Key> {
        let guard = &self.guards[guard];
        let subject = guard.measure.subject(scene, recipient, &mut self.domains)?;
        let host = match guard.hosts {
            Hosts::Together => None,
            Hosts::Each => Some(scene.visit.host),
        };
        Some(Key { subject, host })
    }
}
