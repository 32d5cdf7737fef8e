//! The parts of a multipart message, one level deep, and the header fields of a message or a part.
//!
//! Fields, their parameters and transfer encodings are read by `mail-parser`. Where parts begin and end is found out here, because
//! that is all that is needed: what is inside a returned message is nobody's report, and messages within messages within
//! messages need not be followed, however many there are.
//!
//! RFC 2046 5.1.1 (boundaries), RFC 6522 3 (the parts of a report).

use std::borrow::Cow;

use mail_parser::{Message, MessageParser, MimeHeaders};

/// The most parts that are looked at. A report has three.
const PARTS_MAX: usize = 16;

/// The header of a message or a part.
pub(crate) struct Header<'a>(Option<Message<'a>>);

/// A part of a multipart message; the message itself, if it is not one.
pub(crate) struct Part<'a> {
    octets: &'a [u8],
    header: Header<'a>,
}

impl<'a> Header<'a> {
    pub(crate) fn read(octets: &'a [u8]) -> Self {
        Self(MessageParser::new().with_mime_headers().default_header_text().parse_headers(octets))
    }

    /// Whether its Content-Type is this one.
    pub(crate) fn is(&self, kind: &str, subtype: &str) -> bool {
        self.0.as_ref().and_then(Message::content_type).is_some_and(|content| {
            content.ctype().eq_ignore_ascii_case(kind)
                && content.subtype().is_some_and(|it| it.eq_ignore_ascii_case(subtype))
        })
    }

    /// A parameter of its Content-Type, in lower case.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let content = self.0.as_ref()?.content_type()?;
        content.attribute(name).map(str::to_ascii_lowercase)
    }

    /// The text of a field, if it is there.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.0.as_ref()?.header_raw(name.to_owned()).map(|text| text.trim().to_owned())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    fn boundary(&self) -> Option<&str> {
        let content = self.0.as_ref()?.content_type()?;
        let boundary = content.attribute("boundary").filter(|boundary| !boundary.is_empty())?;
        content.ctype().eq_ignore_ascii_case("multipart").then_some(boundary)
    }
}

impl<'a> Part<'a> {
    fn read(octets: &'a [u8]) -> Self {
        Self { octets, header: Header::read(octets) }
    }

    /// Whether its Content-Type is this one.
    pub(crate) fn is(&self, kind: &str, subtype: &str) -> bool {
        self.header.is(kind, subtype)
    }

    /// What is in it, without its transfer encoding.
    pub(crate) fn contents(&self) -> Cow<'a, [u8]> {
        let whole = MessageParser::new().with_mime_headers().parse(self.octets);
        match whole.and_then(|message| message.parts.into_iter().next()) {
            Some(part) => Cow::Owned(part.contents().to_vec()),
            None => Cow::Borrowed(&[]),
        }
    }

    /// The header of the message that it returns, as a whole or its header only, if it does.
    pub(crate) fn returned(&self) -> Option<Header<'a>> {
        let is_message = self.is("message", "rfc822") || self.is("message", "global");
        let is_header = self.is("text", "rfc822-headers") || self.is("message", "global-headers");
        (is_message || is_header).then(|| Header::read(body(self.octets)))
    }
}

/// What comes after the header.
fn body(octets: &[u8]) -> &[u8] {
    let mut rest = octets;
    while let Some(end) = rest.iter().position(|octet| *octet == b'\n') {
        let (line, after) = rest.split_at(end + 1);
        rest = after;
        if matches!(line, b"\n" | b"\r\n") {
            return rest;
        }
    }
    &[]
}

/// The parts of a message with this header, or the message as its only part.
pub(crate) fn parts<'a>(message: &'a [u8], header: &Header<'_>) -> Vec<Part<'a>> {
    let Some(boundary) = header.boundary() else { return vec![Part::read(message)] };
    split(body(message), boundary.as_bytes()).into_iter().map(Part::read).collect()
}

/// What stands between the lines that are boundaries. The last part may lack its end.
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let (mut parts, mut begun, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|octet| *octet == b'\n') {
        if parts.len() == PARTS_MAX {
            return parts;
        }
        let after = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary));
        if let Some(after) = after.map(<[u8]>::trim_ascii_end).filter(|after| matches!(*after, b"" | b"--")) {
            parts.extend(begun.map(|begun| &body[begun..at]));
            if after == b"--" {
                return parts;
            }
            begun = Some(at + line.len());
        }
        at += line.len();
    }
    parts.extend(begun.map(|begun| &body[begun..]));
    parts
}
