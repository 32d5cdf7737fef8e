//! The message of a mailing: the same bytes for every recipient, of exactly the size that the scenario asks for; or, where
//! anything about it is personal, one for each (`letters`).

mod date;
mod letters;
mod return_paths;

use std::sync::Arc;

use scenario::{Mailing, ReturnPath, Sender};
use smtp::{Address, Body, ReversePath};
use xxhash_rust::xxh3::xxh3_64;

use date::date_time;
pub(crate) use letters::{Letters, Notes};
pub(crate) use return_paths::{ReturnPaths, stray};

/// Whom messages are from, to their readers.
const AUTHOR_NAME: &str = "News";

/// The fewest bytes a message can have; shorter sizes get this. The header fields fit in, all but a long subject.
pub(crate) const BYTES_MIN: u64 = 512;

// RFC 5322 2.1.1: a line has at most 998 characters.
const SUBJECT_MAX: usize = 998 - "Subject: ".len();

const LINE: &str = "Nothing in this message matters but its size, which is what the scenario asks for.\r\n";

const LINE_END: &str = "\r\n";

/// A message, and what must arrive of it. Hash and size are those of the text itself, so that a mistake in preparing it
/// for transmission shows in what the servers received.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) body: Arc<Body>,
    /// XXH3-64 of the text.
    pub(crate) hash: u64,
    /// Bytes of the text.
    pub(crate) bytes: u64,
}

/// What a mailing sends.
#[derive(Debug, Clone)]
pub(crate) enum Post {
    /// One message to all.
    Shared(Message),
    /// One to each, made when it is sent.
    Personal,
}

impl Post {
    /// What the mailing `number` (from 1) sends.
    pub(crate) fn of(number: usize, mailing: &Mailing, sender: &Sender, seed: u64) -> Self {
        if mailing.content.is_personal() {
            Self::Personal
        } else {
            Self::Shared(compose(number, mailing, sender, seed))
        }
    }
}

/// The return path of the mailing `number` (from 1): one for all of its recipients, so that they can share a
/// transaction, and a different one for each mailing.
pub(crate) fn sender(sender: &Sender, number: usize, name: &str) -> ReversePath {
    let address = format!("bounces+{number}-{}@{}", slug(name), sender.domain.value);
    ReversePath::Address(Address::parse(&address).expect("a slug is a local part"))
}

/// The return path of the mailing `number` (from 1) as a record has it.
pub(crate) fn recorded_sender(sender: &Sender, number: usize, mailing: &Mailing, seed: u64) -> String {
    match mailing.content.return_path {
        ReturnPath::PerRecipient => {
            let index = u32::try_from(number - 1).expect("a scenario has few mailings");
            ReturnPaths::new(&sender.domain.value, seed).pattern(index)
        }
        ReturnPath::Shared => match self::sender(sender, number, &mailing.name.value) {
            ReversePath::Null => String::new(),
            ReversePath::Address(address) => address.as_str().to_owned(),
        },
    }
}

/// Whom a mailing is from, in the message itself.
fn author(sender: &Sender, mailing: &Mailing) -> Address {
    let usual = || Address::parse(&format!("news@{}", sender.domain.value)).ok();
    let written = mailing.content.from.as_ref().and_then(|from| Address::parse(&from.value).ok());
    written.or_else(usual).expect("the domain of a sender")
}

/// What a mailing says, each line with its end.
fn words(mailing: &Mailing) -> String {
    mailing.content.text.lines().map(|line| format!("{line}{LINE_END}")).collect()
}

/// The message of the mailing `number` (from 1): as many bytes as the mailing asks for, or [`BYTES_MIN`] if that is more, or as
/// many as its words need.
/// The Message-ID is stable, so that a duplicate can be recognised, and differs from mailing to mailing. What is not ASCII
/// in the subject is left out, and the end of one that would not fit into its line or into the message.
fn compose(number: usize, mailing: &Mailing, sender: &Sender, seed: u64) -> Message {
    let size = usize::try_from(mailing.size.value.0.max(BYTES_MIN)).expect("sizes are bounded");
    let header = |subject: &str| header(number, mailing, sender, seed, subject);
    let words = words(mailing);
    let size = size.max(header("").len() + words.len() + LINE_END.len());
    let room = size.saturating_sub(header("").len() + words.len() + LINE_END.len()).min(SUBJECT_MAX);
    let is_plain = |c: &char| c.is_ascii() && !c.is_ascii_control();
    let subject: String = mailing.subject.chars().filter(is_plain).take(room).collect();
    let mut text = header(&subject) + &words;
    while text.len() + LINE.len() + LINE_END.len() <= size {
        text.push_str(LINE);
    }
    let rest = size.saturating_sub(text.len() + LINE_END.len());
    text.extend(std::iter::repeat_n('.', rest));
    text.push_str(LINE_END);
    let body = Arc::new(Body::new(text.as_bytes()));
    Message { body, hash: xxh3_64(text.as_bytes()), bytes: text.len() as u64 }
}

/// The header fields, and the empty line after them.
fn header(number: usize, mailing: &Mailing, sender: &Sender, seed: u64, subject: &str) -> String {
    let (slug, date) = (slug(&mailing.name.value), date_time(mailing.start.value));
    let (author, domain) = (author(sender, mailing), &sender.domain.value);
    format!(
        "From: {AUTHOR_NAME} <{author}>\r\nTo: undisclosed-recipients:;\r\nSubject: {subject}\r\nDate: {date}\r\n\
         Message-ID: <{number}-{slug}.{seed}@{domain}>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
    )
}

/// A name as part of an address: letters, digits and hyphens.
fn slug(name: &str) -> String {
    let slug: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .take(40)
        .collect();
    if slug.is_empty() { "mailing".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use scenario::{Source, Vocabulary};

    use super::*;

    /// The messages of mailings with these settings, in a scenario of their own.
    fn composed(mailings: &str, seed: u64) -> Vec<(Message, String)> {
        let head =
            "name: Test\nproviders: { bigbox: }\naudience: [{ contact: ann@bigbox.test }]\nmailings:\n";
        let source = Source::new("test.yaml", format!("{head}{mailings}"));
        let scenario = scenario::load(&source, &Vocabulary::default()).expect("a sound scenario");
        let with_text = |(number, mailing): (usize, &Mailing)| {
            let message = compose(number, mailing, &scenario.sender, seed);
            let text = String::from_utf8(message.body.wire().to_vec()).expect("plain text");
            (message, text)
        };
        (1..).zip(&scenario.mailings).map(with_text).collect()
    }

    fn bytes(settings: &str) -> u64 {
        composed(&format!("  - {{ {settings} }}\n"), 7)[0].0.bytes
    }

    /// The lines of all messages that begin with `field`.
    fn fields<'a>(messages: &'a [(Message, String)], field: &str) -> Vec<&'a str> {
        messages.iter().flat_map(|(_, text)| text.lines()).filter(|line| line.starts_with(field)).collect()
    }

    #[test]
    fn a_message_has_the_size_that_was_asked_for() {
        for size in [512, 513, 1000, 4096, 20_480, 2_097_152] {
            assert_eq!(bytes(&format!("name: spring-sale, size: {size} B")), size, "{size}");
        }
        assert_eq!(bytes("name: x, size: 1 B"), BYTES_MIN);
    }

    #[test]
    fn a_long_subject_does_not_make_a_message_longer() {
        let (name, subject) = ("n".repeat(300), "Sale ".repeat(400));
        for size in [512, 600, 1000, 1600, 4096] {
            let settings =
                format!("  - {{ name: {name}, subject: '{subject}', size: {size} B, start: 3650d }}\n");
            let messages = composed(&settings, u64::MAX);
            assert_eq!(messages[0].0.bytes, size, "{size}");
            assert!(messages[0].1.lines().all(|line| line.len() <= 998), "{size}");
            assert!(fields(&messages, "Subject: Sale Sale Sale")[0].len() > 200, "{size}");
        }
    }

    #[test]
    fn no_two_mailings_share_a_message_id_or_a_return_path() {
        let names = ["spring_sale", "spring-sale", "Spring-Sale", &"n".repeat(41), &"n".repeat(42)];
        let mailings: String = names.map(|name| format!("  - {{ name: {name} }}\n")).concat();
        let messages = composed(&mailings, 7);
        let ids: BTreeSet<&str> = fields(&messages, "Message-ID:").into_iter().collect();
        assert_eq!(ids.len(), names.len(), "{ids:?}");
        let usual = Sender::usual(scenario::Place { start: 0, end: 0 });
        let senders: BTreeSet<String> =
            (1..).zip(names).map(|(number, name)| sender(&usual, number, name).to_string()).collect();
        assert_eq!(senders.len(), names.len(), "{senders:?}");
    }

    #[test]
    fn a_message_is_dated_by_the_start_of_its_mailing() {
        let messages = composed("  - { name: now }\n  - { name: later, start: 1d }\n", 7);
        assert_eq!(
            fields(&messages, "Date:"),
            ["Date: Mon, 05 Jan 2026 09:00:00 +0000", "Date: Tue, 06 Jan 2026 09:00:00 +0000"]
        );
    }

    #[test]
    fn a_subject_cannot_break_out_of_its_header() {
        let messages = composed("  - { name: x, subject: \"a\\r\\nBcc: b@c.test\" }\n", 7);
        assert_eq!(fields(&messages, "Subject:"), ["Subject: aBcc: b@c.test"]);
        assert!(fields(&messages, "Bcc").is_empty());
    }
}
