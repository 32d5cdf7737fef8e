//! Values of header fields that the library would write as they are, and that readers would take for something else.

use data_encoding::BASE64;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address as Mailbox;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use smtp::Address;

/// Octets of text in one encoded word.
// RFC 2047 2: 75 characters, of which `=?utf-8?B?` and `?=` take 12: 60 characters of base64 are 45 octets
const WORD_BYTES: usize = 45;

/// The value of an unstructured header field (RFC 5322 3.2.5), in encoded words if it is not plain ASCII, and also if
/// what a recipient is called looks like an encoded word.
pub(crate) fn unstructured(value: String) -> HeaderType<'static> {
    if value.contains("=?") {
        HeaderType::from(Raw::new(encoded_words(&value)))
    } else {
        HeaderType::from(Text::new(value))
    }
}

/// A mailbox (RFC 5322 3.4) with the name that is shown for it; none if it is empty. A name that looks like an encoded word is
/// put in encoded words, because some readers decode them even in quotes, where RFC 2047 5 has none.
pub(crate) fn mailbox(name: String, address: &Address) -> HeaderType<'static> {
    if name.contains("=?") {
        return HeaderType::from(Raw::new(format!("{} <{address}>", encoded_words(&name))));
    }
    let name = Some(name).filter(|name| !name.is_empty());
    HeaderType::from(Mailbox::new_address(name, address.as_str().to_owned()))
}

/// The text in encoded words with a space between them, where lines can be folded; the space is not part of the text
/// (RFC 2047 6.2).
fn encoded_words(text: &str) -> String {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (word, tail) = rest.split_at(rest.floor_char_boundary(WORD_BYTES));
        words.push(format!("=?utf-8?B?{}?=", BASE64.encode(word.as_bytes())));
        rest = tail;
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_short_and_whole() {
        assert_eq!(encoded_words("=?"), "=?utf-8?B?PT8=?=");
        let long = encoded_words(&"\u{20ac}".repeat(100));
        assert_eq!(long.split(' ').count(), 7);
        assert!(long.split(' ').all(|word| word.len() <= 75), "{long}");
    }
}
