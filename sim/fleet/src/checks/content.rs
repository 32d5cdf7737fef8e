//! What a message says, links and carries, as its reader sees it: encodings are undone.

use mail_parser::{MessageParser, MimeHeaders};
use memchr::memchr2_iter;

/// What is unwanted in a message.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unwanted {
    /// Texts.
    pub(crate) words: Vec<String>,
    /// Domains; those below them are meant as well. Lower case.
    pub(crate) links: Vec<String>,
    /// Endings of the names of attachments, without the dot. Lower case.
    pub(crate) attachments: Vec<String>,
}

/// What is in a message that is unwanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offence {
    Words,
    Link,
    Attachment,
}

impl Unwanted {
    /// The first offence of a message, if it has one.
    pub(crate) fn find(&self, content: &[u8]) -> Option<Offence> {
        let message = MessageParser::default().parse(content);
        let texts = || {
            let parts = message.iter().flat_map(|message| &message.parts);
            parts.filter_map(|part| part.text_contents()).map(str::as_bytes).chain([content])
        };
        let says = |word: &String| texts().any(|text| contains_ignoring_case(text, word.as_bytes()));
        let names =
            message.iter().flat_map(|message| &message.parts).filter_map(|part| part.attachment_name());
        if self.attachments.iter().any(|ending| names.clone().any(|name| has_ending(name, ending))) {
            return Some(Offence::Attachment);
        }
        if !self.links.is_empty() && texts().any(|text| self.links_in(text)) {
            return Some(Offence::Link);
        }
        self.words.iter().any(says).then_some(Offence::Words)
    }

    fn links_in(&self, text: &[u8]) -> bool {
        hosts(text).any(|host| self.links.iter().any(|domain| is_below(&host, domain)))
    }
}

/// Whether `needle`, which is not empty, occurs in `text`. ASCII letters are equal in either case.
pub(crate) fn contains_ignoring_case(text: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return true };
    let mut starts = memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text);
    starts.any(|start| {
        let window = text[start..].get(..needle.len());
        window.is_some_and(|window| window.eq_ignore_ascii_case(needle))
    })
}

/// The hosts of the URLs in a text, in lower case.
fn hosts(text: &[u8]) -> impl Iterator<Item = String> + '_ {
    memchr::memmem::find_iter(text, b"://").map(|at| {
        let rest = &text[at + b"://".len()..];
        let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        // RFC 1035 2.3.4: names have at most 253 characters
        let host: Vec<u8> = rest.iter().copied().take_while(is_host).take(253).collect();
        String::from_utf8_lossy(&host).to_ascii_lowercase()
    })
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENCODED: &str = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\
                           Content-Transfer-Encoding: base64\r\n\r\n\
                           V2luIGF0IGh0dHBzOi8vd3d3LkNhc2luby5leGFtcGxlL2E=\r\n";

    const CARRIES: &str = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
                           --b\r\nContent-Type: text/plain\r\n\r\nhello\r\n\
                           --b\r\nContent-Type: application/octet-stream\r\n\
                           Content-Disposition: attachment; filename=\"invoice.pdf.EXE\"\r\n\r\nMZ\r\n--b--\r\n";

    fn check(unwanted: &Unwanted, content: &str, expected: Option<Offence>) {
        assert_eq!(unwanted.find(content.as_bytes()), expected, "{unwanted:?} {content}");
    }

    #[test]
    fn what_is_encoded_is_read() {
        let list = |text: &str| vec![text.to_owned()];
        let words = Unwanted { words: list("WIN at"), ..Unwanted::default() };
        check(&words, ENCODED, Some(Offence::Words));
        check(&words, CARRIES, None);
        let links = Unwanted { links: list("casino.example"), ..Unwanted::default() };
        check(&links, ENCODED, Some(Offence::Link));
        check(&links, "\r\nhttp://notcasino.example casino.example\r\n", None);
        let attachments = Unwanted { attachments: list("exe"), ..Unwanted::default() };
        check(&attachments, CARRIES, Some(Offence::Attachment));
        check(&attachments, ENCODED, None);
    }
}
