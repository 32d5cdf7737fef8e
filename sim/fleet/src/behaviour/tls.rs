//! `tls`: connections can be secured, or must be.

use scenario::{Definition, Node, Problems, value};
use smtp::Security;

use super::{Act, Behaviour, BehaviourKind, Scene, Stage, TlsOffer};
use crate::profile::Situation;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "tls",
    about: "The server offers STARTTLS in connections that are opened while this is in force; without it no server does. \
            `offered`: whether a client takes it is the client's affair. `required`: each MAIL in a connection that is \
            not secured is refused, with the words that the provider's profile has for it. `unavailable`: the same, but \
            STARTTLS is answered with 454, so that nobody can send mail. Nothing is encrypted: connections are only \
            marked as secured.",
    kind: "offered, required or unavailable",
    fields: &[],
    example: "tls: required",
};

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    const WORDS: &[(&str, Tls)] =
        &[("offered", Tls::Offered), ("required", Tls::Required), ("unavailable", Tls::Unavailable)];
    value::one_of(WORDS)(node, problems).map(|tls| Box::new(tls) as Box<dyn Behaviour>)
}

#[derive(Debug, Clone, Copy)]
enum Tls {
    Offered,
    Required,
    Unavailable,
}

impl Behaviour for Tls {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn tls(&self) -> Option<TlsOffer> {
        Some(match self {
            Self::Offered | Self::Required => TlsOffer::Kept,
            Self::Unavailable => TlsOffer::Broken,
        })
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        match (self, stage, scene.visit.security) {
            (Self::Required | Self::Unavailable, Stage::Mail, Security::Plain) => {
                Some(scene.answer(Situation::TlsRequired, None))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::testing::{World, contact, refuse, secured};

    const PLAIN: &str = "220 250 250 250 354 250 221";
    const SECURED: &str = "220 250 220 250 250 250 354 250 221";

    /// What comes of a message in plain text, and of one inside TLS if the client can have it.
    fn check(yaml: &str, plain: &str, inside: &str) {
        let mut world = World::new("gmail", 1, yaml);
        assert_eq!(world.send(Instant::ZERO, &[&contact(1)]), plain, "{yaml}: in plain text");
        let lines = secured(&[&contact(1)]);
        assert_eq!(world.talk("mx1.bigbox.test", Instant::ZERO, &lines), inside, "{yaml}: inside TLS");
    }

    #[test]
    fn mail_in_plain_text_is_taken_or_not() {
        check("", PLAIN, "220 250 502 221");
        check("tls: offered", PLAIN, SECURED);
        check("tls: required", "220 250 530 221", SECURED);
        check("tls: unavailable", "220 250 530 221", "220 250 454 221");
    }

    #[test]
    fn the_words_are_the_profile_s() {
        let mut world = World::new("generic-postfix", 1, "tls: required");
        let lines = ["EHLO out.sender.test\r\n", "MAIL FROM:<news@sender.test>\r\n"].map(str::to_owned);
        world.talk("mx1.bigbox.test", Instant::ZERO, &lines[..1]);
        assert!(world.said.contains("STARTTLS"), "{}", world.said);
        world.talk("mx1.bigbox.test", Instant::ZERO, &lines);
        assert_eq!(world.said, "530 5.7.0 Must issue a STARTTLS command first");
        refuse("tls: wanted", "expected `offered`, `required` or `unavailable`, found `wanted`");
    }

    #[test]
    fn the_first_opinion_about_an_offer_wins() {
        let mut world = World::with(7, "bigbox", "gmail", 1, {
            let mut rules = crate::testing::behaviours("tls: offered").expect("fine");
            rules.extend(crate::testing::behaviours("tls: unavailable").expect("fine"));
            rules
        });
        let said = world.talk("mx1.bigbox.test", Instant::ZERO, &secured(&[&contact(1)]));
        assert_eq!(said, SECURED);
    }
}
