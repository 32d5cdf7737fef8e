//! The message of a mailing: the same bytes for every recipient, of exactly the size that the scenario asks for.

use std::fmt::Write as _;

use smtp::{Address, Body, ReversePath};

/// The domain that mailings are sent from.
pub(crate) const SENDER_DOMAIN: &str = "sender.example";

/// The fewest bytes a message can have; shorter sizes get this.
pub(crate) const BYTES_MIN: u64 = 512;

const LINE: &str = "Nothing in this message matters but its size, which is what the scenario asks for.\r\n";

/// The return path of the mailing `number` (from 1): one for all of its recipients, so that they can share a
/// transaction, and a different one for each mailing.
pub(crate) fn sender(number: usize, name: &str) -> ReversePath {
    let address = format!("bounces+{number}-{}@{SENDER_DOMAIN}", slug(name));
    ReversePath::Address(Address::parse(&address).expect("a slug is a local part"))
}

/// The message of the mailing `name`: `size` bytes, or [`BYTES_MIN`] if that is more. The Message-ID is stable, so that
/// a duplicate can be recognised.
pub(crate) fn compose(name: &str, subject: &str, seed: u64, size: u64) -> Body {
    let slug = slug(name);
    let subject: String = subject.chars().filter(|c| !c.is_control() && c.is_ascii()).take(200).collect();
    let mut text = String::new();
    write!(
        text,
        "From: News <news@{SENDER_DOMAIN}>\r\nTo: undisclosed-recipients:;\r\nSubject: {subject}\r\n\
         Date: Mon, 05 Jan 2026 09:00:00 +0000\r\nMessage-ID: <{slug}.{seed}@{SENDER_DOMAIN}>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
    )
    .expect("writing to a string");
    let size = usize::try_from(size.max(BYTES_MIN)).expect("sizes are checked when the scenario is read");
    while text.len() + LINE.len() + 2 <= size {
        text.push_str(LINE);
    }
    let rest = size.saturating_sub(text.len() + 2);
    text.extend(std::iter::repeat_n('.', rest.min(900)));
    text.push_str("\r\n");
    Body::new(text.as_bytes())
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
    use super::*;

    #[test]
    fn a_message_has_the_size_that_was_asked_for() {
        for size in [512, 513, 1000, 4096, 20_480, 2_097_152] {
            assert_eq!(compose("spring-sale", "Spring sale", 7, size).len(), size, "{size}");
        }
    }

    #[test]
    fn a_message_is_never_smaller_than_its_headers() {
        assert_eq!(compose("x", "y", 7, 1).len(), BYTES_MIN);
    }

    #[test]
    fn a_subject_cannot_break_out_of_its_header() {
        let body = compose("x", "a\r\nBcc: b@c.test", 7, 512);
        assert!(!String::from_utf8_lossy(body.wire()).contains("\r\nBcc"));
    }
}
