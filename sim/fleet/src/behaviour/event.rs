//! What behaviours are told after something was decided, whoever decided it.
//!
//! Separate from the questions ([`super::Stage`]) because of the order: a question goes to one behaviour after the other until
//! one has an opinion, and an event goes to all that listen, also to those that are not in force or whose opinion was
//! not asked for. So what counts connections and refusals counts all of them.

use std::net::IpAddr;

use super::{Act, Received};
use crate::profile::Situation;

/// Something that has happened at a provider.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A connection was opened; the greeting is decided next.
    Opened,
    /// The connection ended, whoever ended it: once for each [`Event::Opened`]. Where the server ends it after an answer,
    /// it is told so at once, and [`super::Scene::now`] is the moment at which the answer will have been given.
    Closed,
    /// The greeting, or the client's name, was decided on.
    Welcome {
        /// How.
        decided: Decided,
    },
    /// A return path was decided on: [`super::Visit::sender`].
    Mail {
        /// How.
        decided: Decided,
    },
    /// A recipient was decided on. Those that are accepted stand in [`super::Visit::recipients`] already.
    Recipient {
        /// Its number in the roster.
        recipient: u32,
        /// Whose mailbox it is.
        mailbox: Mailbox,
        /// How.
        decided: Decided,
    },
    /// DATA was decided on, for [`super::Visit::recipients`].
    Data {
        /// How.
        decided: Decided,
    },
    /// A message was decided on, for [`super::Visit::recipients`].
    Message {
        /// It.
        message: Received<'a>,
        /// How.
        decided: Decided,
    },
    /// Somebody called a message junk.
    Complaint(Aftermath<'a>),
    /// Somebody opened a message, clicked in it, or took it out of the spam folder.
    Engagement(Aftermath<'a>),
    /// A message could not be authenticated, whether it was refused for that or not.
    Unauthenticated(Aftermath<'a>),
}

/// Whose mail it was that something became of afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Aftermath<'a> {
    /// The address that the message came from.
    pub client: IpAddr,
    /// The domain that had signed it, or else that of its return path, lower case.
    pub domain: &'a str,
    /// The recipient that it became something of, by its number in the roster; `None` if it concerns the whole message.
    pub recipient: Option<u32>,
}

/// How something was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// It was accepted.
    Accepted,
    /// It was refused.
    Refused {
        /// With this code.
        code: u16,
        /// Because of this, if the provider has words for it.
        situation: Option<Situation>,
    },
    /// The connection ended, or fell silent, instead.
    Unsaid,
}

impl Decided {
    /// What a server decides by an act; nobody's opinion accepts.
    pub fn by(act: Option<&Act>) -> Self {
        match act {
            None | Some(Act::Accept { .. } | Act::LoseReply) => Self::Accepted,
            Some(act) if let Some(code) = act.refusal() => {
                let situation = if let Act::Say { situation, .. } = act { *situation } else { None };
                Self::Refused { code, situation }
            }
            Some(Act::Say { .. } | Act::Spell { .. } | Act::Unasked { .. }) => Self::Accepted,
            Some(Act::Close | Act::Reset | Act::Hang | Act::Babble { .. }) => Self::Unsaid,
        }
    }
}

/// Whose a mailbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mailbox {
    /// Somebody's.
    #[default]
    Personal,
    /// Nobody's: it was never given to a sender, or is long dead, and takes mail to find out who sends it.
    Trap,
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use scenario::Definition;
    use units::Instant;

    use super::*;
    use crate::behaviour::{Behaviour, Scene};
    use crate::testing::{World, behaviours, contact, message};
    use crate::{Active, Situation};

    const DEFINITION: Definition =
        Definition { key: "witness", about: "Hears.", kind: "a map", fields: &[], example: "witness: {}" };

    /// Writes down what it is told.
    #[derive(Debug)]
    struct Witness(Sender<String>);

    impl Behaviour for Witness {
        fn definition(&self) -> &'static Definition {
            &DEFINITION
        }

        fn listens(&self) -> bool {
            true
        }

        fn told(&mut self, event: &Event<'_>, scene: &Scene<'_>) {
            let number = scene.visit.connection;
            let told = match event {
                Event::Opened => "opened".to_owned(),
                Event::Closed => "closed".to_owned(),
                Event::Welcome { decided } => format!("welcome {}", word(*decided)),
                Event::Mail { decided } => format!("mail {}", word(*decided)),
                Event::Recipient { recipient, decided, .. } => {
                    format!("{} {}", &scene.roster.name(*recipient)[..7], word(*decided))
                }
                Event::Data { decided } => format!("data {}", word(*decided)),
                Event::Message { message, decided } => {
                    let recipients = scene.visit.recipients.len();
                    format!("message of {} for {recipients} {}", message.bytes, word(*decided))
                }
                Event::Complaint(_) | Event::Engagement(_) | Event::Unauthenticated(_) => "later".to_owned(),
            };
            let _ = self.0.send(format!("{number} {told}"));
        }
    }

    fn word(decided: Decided) -> String {
        match decided {
            Decided::Accepted => "accepted".to_owned(),
            Decided::Refused { code, situation } => {
                format!("{code} {}", situation.map_or("for no reason", Situation::key))
            }
            Decided::Unsaid => "unsaid".to_owned(),
        }
    }

    /// What a witness that is never in force is told beside the behaviours in `yaml`, of a message to two.
    fn told(yaml: &str) -> Vec<String> {
        let (sender, told) = channel();
        let mut active = behaviours(yaml).expect(yaml);
        active.push(Active { until: Instant::ZERO, ..Active::always(Box::new(Witness(sender))) });
        let mut world = World::with(1, "bigbox", "icloud", 2, active);
        let recipients = [contact(1), contact(2)];
        let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
        world.talk("mx1.bigbox.test", Instant::ZERO, &message("news@sender.test", &recipients, "a\r\n"));
        drop(world);
        told.into_iter().collect()
    }

    #[test]
    fn everything_that_is_decided_is_told_in_order() {
        let welcome = ["1 opened", "1 welcome accepted", "1 welcome accepted"];
        let check =
            |yaml: &str, rest: &[&str]| assert_eq!(told(yaml), [&welcome[..], rest].concat(), "{yaml}");
        check(
            "mailboxes: { unknown: [c000002@bigbox.test] }",
            &[
                "1 mail accepted",
                "1 c000001 accepted",
                "1 c000002 550 unknown_mailbox",
                "1 data accepted",
                "1 message of 3 for 1 accepted",
                "1 closed",
            ],
        );
        check("reply: { at: mail, code: 450 }", &["1 mail 450 for no reason", "1 closed"]);
        check("drop: { at: rcpt }", &["1 mail accepted", "1 c000001 unsaid", "1 closed"]);
        check(
            "spam_block: { by: content }",
            &[
                "1 mail accepted",
                "1 c000001 accepted",
                "1 c000002 accepted",
                "1 data accepted",
                "1 message of 3 for 2 550 spam_content",
                "1 closed",
            ],
        );
        assert_eq!(
            told("reply: { at: greeting, code: 421 }"),
            ["1 opened", "1 welcome 421 for no reason", "1 closed"]
        );
        assert_eq!(told("connect: refuse"), Vec::<String>::new());
    }
}
