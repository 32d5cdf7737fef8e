//! When a behaviour strikes that belongs to one phase of the dialogue, and what can be done at which phase.
//!
//! Separate because `reply`, `drop`, `reset`, `stall`, `nonsense` and `delay` have these settings, and must mean the same by
//! them. How often it strikes is in `chance`.

use std::time::Duration;

use scenario::field::{required, with_default};
use scenario::{Field, Node, Problem, Problems, Reader, value};

use super::chance::Chance;
use super::{Act, Scene, Setting, Stage};
use crate::{Phase, Phases};

/// `at`, as a field of a definition.
pub(super) const AT: Field = required(
    "at",
    "phase",
    "Instead of which answer: connect (before the greeting), greeting, ehlo, starttls, tls_handshake, auth, mail, rcpt, data, \
     body (in the middle of the message), end_of_data, bdat, rset, noop, vrfy, quit or idle (the client says nothing). At \
     end_of_data the message is not accepted.",
);

/// `after`, as a field of a definition.
pub(super) const AFTER: Field = with_default(
    "after",
    "size or duration",
    "At body: when so much of the message has come, as in 2 KiB. At idle: when the client has said nothing for so long since \
     the last answer, as in 30s. Nowhere else.",
    "1 B at body, 10s at idle",
);

/// How long a client may be silent before an idle server does something, unless it is written.
const IDLE: Duration = Duration::from_secs(10);

/// What is done at a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Reply,
    Close,
    Reset,
    Stall,
    Nonsense,
    Delay,
}

impl Deed {
    /// Why it cannot be done at a phase, and what to write instead; nothing if it can.
    const fn hindrance(self, at: Phase) -> Option<(&'static str, &'static str)> {
        match (self, at) {
            (Self::Reply | Self::Nonsense, Phase::Connect) => {
                Some(("whatever a server says first is its greeting", "write `at: greeting`"))
            }
            (Self::Reply | Self::Nonsense, Phase::TlsHandshake) => Some((
                "nothing can be said in a TLS handshake",
                "write `at: starttls`, or `drop`, `reset` or `stall`",
            )),
            (Self::Delay, Phase::Body) => {
                Some(("a server does not answer in the middle of a message", "write `at: end_of_data`"))
            }
            (Self::Delay, Phase::Idle) => Some((
                "nothing is answered while the client says nothing",
                "write `drop` or `reset`, with `after`",
            )),
            (Self::Stall | Self::Nonsense, Phase::Idle) => Some((
                "a server that waits for a command is silent already",
                "write `at: mail`, or `drop` or `reset`",
            )),
            (Self::Reply | Self::Close | Self::Reset | Self::Stall | Self::Nonsense | Self::Delay, _) => None,
        }
    }

    fn read(self, node: &Node, problems: &mut Problems) -> Option<Phase> {
        let at = value::one_of(Phase::WORDS)(node, problems)?;
        if let Some((why, remedy)) = self.hindrance(at) {
            problems.push(Problem::at(node.place, why, "impossible at this phase").help(remedy));
            return None;
        }
        Some(at)
    }
}

/// What holds where `at` is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwritten {
    /// It must be.
    Missing,
    /// It is this phase.
    Usually(Phase),
    /// It will be told ([`Occasion::usually`]).
    Later,
}

/// When a behaviour strikes.
#[derive(Debug)]
pub(super) struct Occasion {
    /// Nothing as long as it is not known.
    at: Option<Phase>,
    /// At the body: how many octets of it have come.
    octets: u64,
    /// At idle: how long the client has been silent.
    silence: Duration,
    chance: Chance,
}

impl Occasion {
    /// Reads `at`, `after`, `share` and `times`, as far as the definition has them.
    pub(super) fn read(deed: Deed, unwritten: Unwritten, reader: &mut Reader<'_>) -> Option<Self> {
        let is_written = reader.node("at").is_some();
        let read = reader.optional("at", |node, problems| deed.read(node, problems));
        let at = match (unwritten, is_written) {
            (_, true) => read,
            (Unwritten::Missing, false) => {
                reader.needs("at");
                None
            }
            (Unwritten::Usually(phase), false) => Some(phase),
            (Unwritten::Later, false) => None,
        };
        // A delay is possible neither at body nor at idle, and has no such key.
        let (octets, silence) = if deed == Deed::Delay { (1, IDLE) } else { after(at, reader) };
        if at == Some(Phase::Idle)
            && let Some(times) = reader.node("times")
        {
            let problem =
                Problem::at(times.place, "`times` cannot be counted at idle", "does not go with `at: idle`");
            reader.problems().push(problem.help("write `share`, or put it into a span of the timeline"));
        }
        let chance = Chance::read(reader);
        let is_fine = at.is_some() || (unwritten == Unwritten::Later && !is_written);
        is_fine.then_some(Self { at, octets, silence, chance })
    }

    /// Its phase, if it is known.
    pub(super) const fn at(&self) -> Option<Phase> {
        self.at
    }

    /// Its phase, if no other was written.
    pub(super) fn usually(&mut self, phase: Phase) {
        self.at.get_or_insert(phase);
    }

    /// Told where the behaviour is put.
    pub(super) fn prepare(&mut self, setting: &Setting<'_>) {
        self.chance.prepare(setting);
    }

    /// The phases that it belongs to: all, as long as its own is not known.
    pub(super) fn phases(&self) -> Phases {
        self.at.map_or(Phases::ALL, Phases::only)
    }

    /// Whether it strikes at this stage. Asking is an occasion: ask once.
    pub(super) fn strikes(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> bool {
        let is_reached = match *stage {
            Stage::Body { before, octets } => before < self.octets && self.octets <= octets,
            _ => true,
        };
        Some(stage.phase()) == self.at && is_reached && self.chance.strikes(stage, scene)
    }

    /// `act`, done unasked if that is when it strikes.
    pub(super) fn act(&self, act: Act) -> Act {
        match self.at {
            Some(Phase::Idle) => Act::Unasked { after: self.silence, act: Box::new(act) },
            _ => act,
        }
    }
}

/// Reads `after`, whose unit depends on the phase.
fn after(at: Option<Phase>, reader: &mut Reader<'_>) -> (u64, Duration) {
    let (mut octets, mut silence) = (1, IDLE);
    match (at, reader.node("after")) {
        (_, None) => {}
        (Some(Phase::Body), Some(_)) => {
            octets = reader.optional("after", at_least_one).unwrap_or(octets);
        }
        (Some(Phase::Idle), Some(_)) => {
            silence = reader.optional("after", value::duration).unwrap_or(silence);
        }
        (Some(_), Some(node)) => {
            let problem = Problem::at(
                node.place,
                "`after` has a meaning at body and at idle only",
                "not at this phase",
            );
            reader.problems().push(problem.help("leave it out, or write `at: body` or `at: idle`"));
        }
        // What is wrong with `at` has been told.
        (None, Some(_)) => {}
    }
    (octets, silence)
}

fn at_least_one(node: &Node, problems: &mut Problems) -> Option<u64> {
    let size = value::byte_size(node, problems)?.0;
    if size == 0 {
        problems.push(
            Problem::at(
                node.place,
                "nothing of the message has come yet after 0 B",
                "must be more than zero",
            )
            .help("write `at: data` for a message that is not even begun"),
        );
    }
    (size > 0).then_some(size)
}

#[cfg(test)]
mod tests {
    use crate::testing::refuse;

    #[test]
    fn what_is_impossible_is_refused() {
        refuse("reply: { at: connect, code: 421 }", "whatever a server says first is its greeting");
        refuse("reply: { at: tls_handshake, code: 454 }", "nothing can be said in a TLS handshake");
        refuse("nonsense: { at: idle, say: binary }", "a server that waits for a command is silent already");
        refuse("stall: { at: idle }", "a server that waits for a command is silent already");
        refuse("delay: { at: body, by: 5s }", "does not answer in the middle of a message");
        refuse("delay: { at: idle, by: 5s }", "nothing is answered while the client says nothing");
        refuse("drop: { at: mail, after: 5s }", "`after` has a meaning at body and at idle only");
        refuse("drop: { at: body, after: 5s }", "`5s` has an unknown unit");
        refuse("drop: { at: body, after: 0 B }", "nothing of the message has come yet after 0 B");
        refuse("drop: { at: idle, times: 3 }", "`times` cannot be counted at idle");
    }
}
