//! Behaviours: what a provider does other than to accept.
//!
//! One file each, with everything there is to know about it: its key, its documentation, its settings, its logic and
//! its tests. To add one, add the file, and one line to the list below.
//!
//! A server asks the behaviours in force one after the other; the first opinion wins, and where nobody has one the
//! mail is accepted. State (greylisted triplets, counts) lives in the behaviour.

mod chance;
mod checks;
mod connect;
mod data_in_vain;
mod delay;
mod destiny;
mod dns;
mod drop;
mod early_talker;
mod event;
mod extensions;
mod factor;
mod fate;
mod greeting;
mod greylist;
mod habits;
mod helo_only;
mod interruption;
mod latency;
mod limits;
mod line_ends;
mod lose_reply;
mod magic;
mod mailboxes;
mod network;
mod nonsense;
mod occasion;
mod reply;
mod reputation;
mod reset;
mod scene;
mod sequence;
mod spam_block;
mod stall;
mod tls;
mod whom;
mod wording;

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use scenario::{Definition, Node, Placed, Problem, Problems, suggestion};
use smtp::Address;
use units::Share;

use crate::Phases;
use crate::checks::Findings;
use crate::dns::Saying;

pub use destiny::{Accepted, Destiny};
pub use event::{Aftermath, Decided, Event, Mailbox};
pub use habits::{DataInVain, EarlyTalker, Habits, LineEnds, Network, Pieces};
pub(crate) use magic::Magic;
pub(crate) use scene::DEFAULT_DELAY;
pub use scene::{Act, Certificate, Identity, Received, Refusal, Scene, Setting, Stage, TlsOffer, Visit, Way};

/// All behaviours, in the order of the reference.
const KINDS: &[BehaviourKind] = &[
    mailboxes::KIND,
    limits::KIND,
    reputation::KIND,
    connect::KIND,
    dns::KIND,
    greeting::KIND,
    spam_block::KIND,
    greylist::KIND,
    latency::KIND,
    reply::KIND,
    sequence::KIND,
    lose_reply::KIND,
    delay::KIND,
    drop::KIND,
    reset::KIND,
    stall::KIND,
    nonsense::KIND,
    early_talker::KIND,
    helo_only::KIND,
    extensions::KIND,
    data_in_vain::KIND,
    line_ends::KIND,
    network::KIND,
    tls::KIND,
    checks::KIND,
    magic::KIND,
    fate::KIND,
];

/// Something that a provider does other than to accept.
///
/// An instance belongs to one provider and to one span of time. It is told where it is put ([`Behaviour::prepare`])
/// before anything is asked. Time never goes backwards between two questions.
pub trait Behaviour: fmt::Debug + Send {
    /// What it is called and how it is written.
    fn definition(&self) -> &'static Definition;

    /// The contacts that its settings name, so that a mistyped one can be found.
    fn named_contacts(&self) -> Vec<&Placed<Address>> {
        Vec::new()
    }

    /// The hosts that its settings bring, so that one that is somebody else's can be found.
    fn named_hosts(&self) -> &[Placed<String>] {
        &[]
    }

    /// Told once, before the first question: whose behaviour it is.
    fn prepare(&mut self, setting: &mut Setting<'_>) {
        let _ = setting;
    }

    /// The phases in which it may have something to say when it is asked ([`Behaviour::on`]). It is not asked in others.
    fn phases(&self) -> Phases {
        Phases::ALL
    }

    /// Whether what it says depends on what happened before: then it cannot be exchanged for one with other settings in the middle
    /// of a ramp. Those that are told what was decided remember.
    fn remembers(&self) -> bool {
        self.listens()
    }

    /// Whether it looks at the content of messages; servers keep no content that nobody looks at.
    fn reads_content(&self) -> bool {
        false
    }

    /// Whether it makes answers take longer ([`Behaviour::pause`]).
    fn pauses(&self) -> bool {
        false
    }

    /// How much longer the answer at this stage takes, whoever gives it; the opinions of all add up.
    fn pause(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Duration> {
        let _ = (stage, scene);
        None
    }

    /// Whether it has a say in what servers are like all through a connection ([`Behaviour::habits`]).
    fn forms_habits(&self) -> bool {
        false
    }

    /// What the server is like in a connection that is being opened, if not as it would be without it; `None` if it has no
    /// opinion. What several say adds up; where they contradict each other, who is asked first is right.
    fn habits(&mut self, habits: &Habits, scene: &Scene<'_>) -> Option<Habits> {
        let _ = (habits, scene);
        None
    }

    /// How long each answer takes; `None` if it has no opinion.
    fn delay(&self) -> Option<RangeInclusive<Duration>> {
        None
    }

    /// Whether it ever has a say in whether and how connections come about ([`Self::dial`], [`Self::way`]).
    fn dials(&self) -> bool {
        false
    }

    /// What happens to a connection that is being opened; `None` if it has no opinion.
    fn dial(&mut self) -> Option<Refusal> {
        None
    }

    /// How a connection that is being opened comes to one of several addresses of its host; `None` if it has no opinion.
    fn way(&self, scene: &Scene<'_>) -> Option<Way> {
        let _ = scene;
        None
    }

    /// What the DNS says about the provider's domains; `None` if it is about something else.
    fn dns(&self) -> Option<&Saying> {
        None
    }

    /// Whether TLS is offered, and what comes of taking the offer; `None` if it has no opinion.
    fn tls(&self) -> Option<TlsOffer> {
        None
    }

    /// What the server does at this stage; `None` if it has no opinion.
    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        let _ = (stage, scene);
        None
    }

    /// Whether it has opinions about what becomes of accepted messages ([`Behaviour::fate`]).
    fn decides_fate(&self) -> bool {
        false
    }

    /// What becomes of a message for one of its recipients, after it was accepted; `None` if it has no opinion.
    fn fate(&mut self, accepted: &Accepted<'_>, scene: &Scene<'_>) -> Option<Destiny> {
        let _ = (accepted, scene);
        None
    }

    /// Whether it is told what was decided ([`Behaviour::told`]). Asked once, after [`Behaviour::prepare`].
    fn listens(&self) -> bool {
        false
    }

    /// What was decided, by whomever: also while it is not in force, so that what it counts is complete.
    fn told(&mut self, event: &Event<'_>, scene: &Scene<'_>) {
        let _ = (event, scene);
    }

    /// Whose a mailbox is; `None` if it has no opinion.
    fn mailbox(&self, recipient: u32, scene: &Scene<'_>) -> Option<Mailbox> {
        let _ = (recipient, scene);
        None
    }

    /// Whether it finds something out about senders and messages ([`Behaviour::findings`]).
    fn looks(&self) -> bool {
        false
    }

    /// What it has found out about the transaction that is under way; nothing if it looked at nothing.
    fn findings(&self, visit: &Visit) -> Findings {
        let _ = visit;
        Findings::default()
    }

    /// How much of what is accepted in this transaction goes to the spam folder, because of who sends it; `None` if it has
    /// no opinion.
    fn spam_share(&self, scene: &Scene<'_>) -> Option<Share> {
        let _ = scene;
        None
    }
}

/// A row of the list: what a behaviour is called and how its settings are read.
#[derive(Debug)]
struct BehaviourKind {
    definition: &'static Definition,
    read: fn(&Node, &mut Problems) -> Option<Box<dyn Behaviour>>,
}

/// The definitions of all behaviours, in the order of the reference.
pub fn definitions() -> &'static [&'static Definition] {
    const DEFINITIONS: [&Definition; KINDS.len()] = {
        let mut definitions = [KINDS[0].definition; KINDS.len()];
        let mut index = 0;
        while index < KINDS.len() {
            definitions[index] = KINDS[index].definition;
            index += 1;
        }
        definitions
    };
    &DEFINITIONS
}

/// Reads a behaviour as a scenario has it. `None` if something is wrong with it, which has then been reported.
pub fn read_behaviour(written: &scenario::Behaviour, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let key = written.key.value.as_str();
    let Some(kind) = KINDS.iter().find(|kind| kind.definition.key == key) else {
        let keys: Vec<&str> = definitions().iter().map(|definition| definition.key).collect();
        problems.push(
            Problem::at(written.key.place, format!("unknown behaviour `{key}`"), "not a behaviour")
                .help(suggestion(key, &keys, "the behaviours")),
        );
        return None;
    };
    (kind.read)(&written.settings, problems)
}

#[cfg(test)]
mod tests;
