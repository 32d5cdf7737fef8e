//! `tls`: connections can be secured, or must be.

use scenario::field::{required, with_default};
use scenario::{Definition, Kind, Node, Problem, Problems, Reader, value};
use smtp::Security;

use super::{Act, Behaviour, BehaviourKind, Certificate, Scene, Stage, TlsOffer};
use crate::profile::Situation;

use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "tls",
    about: "The server offers STARTTLS in connections that are opened while this is in force; without it no server does. \
            `offered`: whether a client takes it is the client's affair. `required`: each MAIL in a connection that is \
            not secured is refused, with the words that the provider's profile has for it. `unavailable`: the same, but \
            STARTTLS is answered with 454, so that nobody can send mail. A run in memory encrypts nothing: connections \
            are only marked as secured. A bad certificate counts only for a client that must look at it, because the domain demands it \
            (`dns`: `mta_sts`). On sockets the certificate is shown.",
    kind: "offered, required or unavailable, or a map",
    fields: &[
        required("offer", "offered, required or unavailable", "What is offered, as in the short form."),
        with_default(
            "certificate",
            "valid, expired, not_yet_valid, wrong_name, self_signed, unknown_ca or incomplete_chain",
            "What is wrong with the certificate that the server shows: nothing, its dates (ended the day before the start, \
             begins a year after it), its name (another host's), who signed it (itself, a CA that nobody knows), or that the one between \
             it and the CA is left out.",
            "valid",
        ),
    ],
    example: "tls: { offer: required, certificate: expired }",
};

const OFFERS: &[(&str, Offer)] =
    &[("offered", Offer::Offered), ("required", Offer::Required), ("unavailable", Offer::Unavailable)];

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let tls = match &node.kind {
        Kind::Map(_) => read_map(node, problems)?,
        Kind::Scalar { .. } | Kind::List(_) => {
            Tls { offer: value::one_of(OFFERS)(node, problems)?, certificate: Certificate::Valid }
        }
    };
    Some(Box::new(tls))
}

fn read_map(node: &Node, problems: &mut Problems) -> Option<Tls> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let offer = reader.required("offer", value::one_of(OFFERS));
    let certificate = reader.optional("certificate", value::one_of(Certificate::WORDS));
    if let (Some(Offer::Unavailable), Some(node)) = (offer, reader.node("certificate")) {
        let problem = Problem::at(node.place, "a server without TLS shows no certificate", "");
        reader.problems().push(problem.help("write `offer: offered`, or leave `certificate` out"));
    }
    reader.finish();
    Some(Tls { offer: offer?, certificate: certificate.unwrap_or_default() })
}

#[derive(Debug, Clone, Copy)]
struct Tls {
    offer: Offer,
    certificate: Certificate,
}

#[derive(Debug, Clone, Copy)]
enum Offer {
    Offered,
    Required,
    Unavailable,
}

impl Behaviour for Tls {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::only(Phase::Mail)
    }

    fn tls(&self) -> Option<TlsOffer> {
        Some(match self.offer {
            Offer::Offered | Offer::Required => TlsOffer::Kept(self.certificate),
            Offer::Unavailable => TlsOffer::Broken,
        })
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        match (self.offer, stage, scene.visit.security) {
            (Offer::Required | Offer::Unavailable, Stage::Mail, Security::Plain) => {
                Some(scene.answer(Situation::TlsRequired, None))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use super::Certificate;
    use crate::Dial;
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
        check("tls: { offer: required, certificate: expired }", "220 250 530 221", SECURED);
    }

    #[test]
    fn the_certificate_is_that_of_the_offer_that_was_taken() {
        let check = |yaml: &str, expected: Certificate| {
            let world = World::new("gmail", 1, yaml);
            let Dial::Connected { mut server, .. } = world.fleet().connect("mx1.bigbox.test", Instant::ZERO)
            else {
                panic!("no connection");
            };
            server.greeting(Instant::ZERO);
            server.receive(Instant::ZERO, b"EHLO out.sender.test\r\nSTARTTLS\r\n");
            assert!(server.awaits_handshake());
            assert_eq!(server.certificate(), expected, "{yaml}");
        };
        check("tls: offered", Certificate::Valid);
        check("tls: { offer: offered }", Certificate::Valid);
        for (word, certificate) in Certificate::WORDS {
            check(&format!("tls: {{ offer: offered, certificate: {word} }}"), *certificate);
        }
        let cold = "tls: { offer: unavailable, certificate: expired }";
        refuse(cold, "a server without TLS shows no certificate");
        refuse("tls: { certificate: expired }", "`tls` needs `offer`");
        refuse("tls: { offer: offered, certificate: broken }", "found `broken`");
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
