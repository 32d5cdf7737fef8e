//! A mailing for the tests, with everything that a message can have.

use compose::{
    Composer, Draft, Epoch, FieldNames, Fields, Identity, Message, Recipient, Secret, Signer, Template,
    Unsubscribe,
};
use smtp::{Address, Domain};
use units::Instant;

pub(crate) const ED25519: &[u8] = include_bytes!("../keys/ed25519.pem");
pub(crate) const RSA_PKCS8: &[u8] = include_bytes!("../keys/rsa-pkcs8.pem");
pub(crate) const RSA_PKCS1: &[u8] = include_bytes!("../keys/rsa-pkcs1.pem");

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

pub(crate) fn signer(selector: &str, pem: &[u8]) -> Signer {
    let domain = |text| Domain::parse(text).expect("a domain");
    Signer::new(&domain("news.example"), &domain(selector), pem).expect("a key")
}

/// Whether there is HTML beside the plain text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Parts {
    Text,
    TextAndHtml,
}

/// Recipients with a name and a town.
pub(crate) fn composer(parts: Parts) -> Composer {
    let from = address("spring@news.example");
    let reply_to = address("help@news.example");
    let html = "<p>Dear {{first_name|friend}} of <b title=\"{{town}}\">{{town}}</b>,\n<a href=\"{{unsubscribe}}\">leave</a>";
    let draft = Draft {
        from: &from,
        from_name: "Spring in {{town|town}}",
        reply_to: Some(&reply_to),
        to_name: "{{first_name}}",
        subject: "{{first_name|Friend}}, it is spring",
        text: "Dear {{first_name|friend}} of {{town}},\n.\nFrom here you leave: {{unsubscribe}}\n",
        html: match parts {
            Parts::Text => None,
            Parts::TextAndHtml => Some(html),
        },
        headers: &[("Feedback-ID", "spring:{{town}}:news"), ("Precedence", "bulk")],
    };
    let names = FieldNames::new(["first_name", "town"]).expect("names");
    let template = Template::read(&draft, &names).expect("a template");
    let identity = Identity { seed: 7, mailing: 3, domain: Domain::parse("news.example").expect("a domain") };
    let unsubscribe = Unsubscribe::new(
        Some("https://news.example/u/{{token}}?a={{address}}"),
        Some("mailto:u@news.example?subject={{token}}"),
    )
    .expect("ways to leave");
    Composer::new(template, identity, Epoch::SCENARIO, Secret::new(b"a secret")).with_unsubscribe(unsubscribe)
}

/// The message for a recipient of that name in that town.
pub(crate) fn message(composer: &Composer, name: &str, town: &str) -> Message {
    let fields = Fields::new([name, town]).expect("short values");
    let recipient = Recipient { number: 17, address: &address("ann@bigbox.test"), fields: &fields };
    composer.compose(&recipient, Instant::from_hours(6))
}

/// Names of the header fields of a message, in order.
pub(crate) fn header_names(octets: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(octets);
    let header = text.split("\r\n\r\n").next().unwrap_or_default();
    let fields = header.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    fields.map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
}
