//! Whatever is known of a recipient, the message is a message, and says what it should.

use compose::{Fields, Needs, Recipient, address_utf8};
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;
use units::Instant;

use crate::sample::{Parts, composer, header_names, message};

/// Values that could break something: any characters, line ends, encoded words, HTML, long words, merge fields.
pub(crate) fn value() -> impl Strategy<Value = String> {
    let nasty = prop_oneof![
        Just("\r\nBcc: eve@evil.test\r\n".to_owned()),
        Just("\r\n\r\n<b>".to_owned()),
        Just("=?utf-8?Q?=0D=0ABcc:_x?=".to_owned()),
        Just("\n.\n\r.\r\n".to_owned()),
        Just("{{town}}".to_owned()),
        Just("\"<eve@evil.test>, (".to_owned()),
        Just("\u{2028}\u{202e}\u{feff}\0".to_owned()),
        Just("--=_\r\n--".to_owned()),
        "[a-z ]{0,40}",
        "[\\PC]{0,30}",
        any::<String>(),
        "[a-z]{200,1200}",
        "[\u{e4}\u{20ac}\u{1f600}]{1,200}",
        "[ \t]{1,120}",
    ];
    prop::collection::vec(nasty, 0..4).prop_map(|parts| parts.concat())
}

fn parts() -> impl Strategy<Value = Parts> {
    prop_oneof![Just(Parts::Text), Just(Parts::TextAndHtml)]
}

/// A value as a header shows it: control characters are spaces, and how many spaces there are says nothing.
fn words(text: &str) -> String {
    let spaced: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A value as a text shows it: line ends are line ends.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

/// RFC 6532: only an address that cannot be written otherwise makes a header that is not ASCII.
#[test]
fn a_header_goes_beyond_ascii_only_for_an_address_that_does() {
    let made = |address: &str| {
        let fields = Fields::new(["J\u{fc}rgen", "Ulm"]).unwrap();
        let address = address_utf8(address).unwrap();
        let recipient = Recipient { number: 17, address: &address, fields: &fields };
        let message = composer(Parts::TextAndHtml).compose(&recipient, Instant::from_hours(6));
        (message.needs, String::from_utf8(message.octets).unwrap())
    };
    let (needs, text) = made("ann@b\u{fc}cher.example");
    assert_eq!((needs, text.is_ascii()), (Needs::Nothing, true));
    assert!(text.contains("<ann@xn--bcher-kva.example>"), "{text}");
    let (needs, text) = made("\u{fc}ber@b\u{fc}cher.example");
    assert_eq!(needs, Needs::SmtpUtf8);
    let beyond: Vec<&str> = text.lines().filter(|line| !line.is_ascii()).collect();
    assert_eq!(beyond, ["To: =?utf-8?Q?J=C3=BCrgen?= <\u{fc}ber@xn--bcher-kva.example>"]);
}

proptest! {
    #[test]
    fn no_value_adds_or_breaks_a_header(name in value(), town in value(), parts in parts()) {
        let composer = composer(parts);
        let names = |name: &str, town: &str| {
            let mut names = header_names(&message(&composer, name, town).octets);
            // Whether a text is encoded is said in the header of a message without parts.
            names.retain(|name| name != "Content-Transfer-Encoding");
            names
        };
        prop_assert_eq!(names(&name, &town), names("Ann", "Ulm"));
    }

    #[test]
    fn lines_are_ascii_and_short(name in value(), town in value(), parts in parts()) {
        let octets = message(&composer(parts), &name, &town).octets;
        let text = String::from_utf8(octets).expect("ASCII");
        prop_assert!(text.ends_with("\r\n"));
        let without_line_ends = text.replace("\r\n", "");
        prop_assert!(!without_line_ends.contains(['\r', '\n', '\0']), "{text:?}");
        prop_assert!(text.is_ascii(), "{text:?}");
        // RFC 5322 2.1.1: 998 octets; 78 wherever a line can be folded, as everything but an unbroken word can
        for line in text.split("\r\n") {
            prop_assert!(line.len() <= 998, "{line:?}");
            let longest_word = line.split([' ', '\t']).map(str::len).max().unwrap_or_default();
            prop_assert!(line.len() <= 78 || longest_word + "List-Unsubscribe: ".len() >= line.len(), "{line:?}");
        }
    }

    #[test]
    fn readers_see_what_was_meant(name in value(), town in value()) {
        let octets = message(&composer(Parts::TextAndHtml), &name, &town).octets;
        let read = MessageParser::default().parse(&octets).expect("a message");
        let shown_name = if name.is_empty() { "Friend" } else { &name };
        let subject = format!("{shown_name}, it is spring");
        prop_assert_eq!(words(read.subject().unwrap_or_default()), words(&subject));
        let to = read.to().and_then(|to| to.first()).expect("a recipient");
        prop_assert_eq!(to.address(), Some("ann@bigbox.test"));
        prop_assert_eq!(words(to.name().unwrap_or_default()), words(&name));
        prop_assert_eq!(read.from().and_then(|from| from.first()).and_then(|from| from.address()), Some("spring@news.example"));
        let text = read.body_text(0).expect("a text");
        let greeted = if name.is_empty() { "friend" } else { &name };
        let start = lines(&format!("Dear {greeted} of {town},\n.\nFrom here"));
        prop_assert!(lines(&text).starts_with(&start), "{text:?}\n{start:?}");
        prop_assert_eq!(read.parts.len(), 3);
        prop_assert!(read.part(1).is_some_and(|part| part.is_content_type("text", "plain")));
        prop_assert!(read.part(2).is_some_and(|part| part.is_content_type("text", "html")));
    }

    #[test]
    fn html_has_only_the_tags_of_its_author(name in value(), town in value()) {
        let tags = |name: &str, town: &str| {
            let octets = message(&composer(Parts::TextAndHtml), name, town).octets;
            let read = MessageParser::default().parse(&octets).expect("a message");
            let html = read.body_html(0).expect("HTML").into_owned();
            let count = |what: char| html.matches(what).count();
            (count('<'), count('>'), count('"'))
        };
        prop_assert_eq!(tags(&name, &town), tags("Ann", "Ulm"));
    }

    #[test]
    fn the_same_inputs_are_the_same_octets(name in value(), town in value(), parts in parts()) {
        let again = message(&composer(parts), &name, &town);
        prop_assert_eq!(message(&composer(parts), &name, &town), again);
    }
}
