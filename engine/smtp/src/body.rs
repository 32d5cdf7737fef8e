//! Message content on the wire: dot-stuffing both ways.
//!
//! Content is octets: headers, MIME and lines that are longer than the standard's 998 octets are the business of
//! whoever makes the message.
//!
//! RFC 5321 4.5.2 (transparency), 2.3.8 (lines), 4.1.1.4 (DATA).

mod unstuff;

use std::sync::OnceLock;

pub use unstuff::{Unstuffed, Unstuffer};

// RFC 5321 4.1.1.4: the CRLF before the dot is the end of the last line, or of the DATA command
const FINAL_DOT: &[u8] = b".\r\n";

/// A message as it is transmitted, prepared once and sent any number of times.
#[derive(Debug, Clone)]
pub struct Body {
    wire: Vec<u8>,
    /// Octets of `wire` that were only added for transport: stuffed dots, without the final one.
    stuffed: usize,
    /// The message without them, made when it is first asked for; never where there are none.
    unstuffed: OnceLock<Vec<u8>>,
    eight_bit: bool,
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.wire == other.wire
    }
}

impl Eq for Body {}

impl Body {
    /// Prepares `message`: every line gets a CRLF end (also the last one, and where it had a bare CR or a bare LF), a
    /// dot at the start of a line is doubled, and the final dot is added.
    pub fn new(message: &[u8]) -> Self {
        let mut wire = Vec::with_capacity(message.len() + message.len() / 16 + FINAL_DOT.len());
        let mut stuffed = 0;
        let mut rest = message;
        while !rest.is_empty() {
            // RFC 5321 2.3.8: CR and LF may only be sent together, as the end of a line
            let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
            let (line, tail) = rest.split_at(end);
            if line.first() == Some(&b'.') {
                wire.push(b'.');
                stuffed += 1;
            }
            wire.extend_from_slice(line);
            wire.extend_from_slice(b"\r\n");
            rest = tail.strip_prefix(b"\r\n").or_else(|| tail.get(1..)).unwrap_or_default();
        }
        wire.extend_from_slice(FINAL_DOT);
        Self { wire, stuffed, unstuffed: OnceLock::new(), eight_bit: !message.is_ascii() }
    }

    /// The bytes to send after the go-ahead, with the final dot and its CRLF.
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// The message with its CRLFs and nothing that was added for transport: what follows BDAT. Costs a copy where a line starts
    /// with a dot, once.
    // RFC 3030 2: the chunk is sent as it is, without dots that are doubled or final
    pub fn raw(&self) -> &[u8] {
        let content = &self.wire[..self.wire.len() - FINAL_DOT.len()];
        if self.stuffed == 0 {
            return content;
        }
        self.unstuffed.get_or_init(|| {
            let mut raw = Vec::with_capacity(content.len() - self.stuffed);
            // Every LF here ends a line.
            for line in content.split_inclusive(|byte| *byte == b'\n') {
                raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
            }
            raw
        })
    }

    /// Octets of the message with its CRLFs, without stuffed dots and the final dot: the size to declare (RFC 1870 5).
    #[expect(clippy::len_without_is_empty, reason = "a size to declare, not a collection")]
    pub const fn len(&self) -> u64 {
        (self.wire.len() - FINAL_DOT.len() - self.stuffed) as u64
    }

    /// Whether an octet is above 127, so that the server must offer 8BITMIME.
    pub const fn eight_bit(&self) -> bool {
        self.eight_bit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, wire: &str, len: u64) {
        let body = Body::new(message.as_bytes());
        assert_eq!(String::from_utf8_lossy(body.wire()), wire, "{message:?}");
        assert_eq!(body.len(), len, "{message:?}");
        let mut raw = Vec::new();
        Unstuffer::new().feed(wire.as_bytes(), &mut |bytes| raw.extend_from_slice(bytes));
        assert_eq!(String::from_utf8_lossy(body.raw()), String::from_utf8_lossy(&raw), "{message:?}");
        assert_eq!(body.raw().len() as u64, len, "{message:?}");
        assert_eq!(body.eight_bit(), !message.is_ascii());
    }

    #[test]
    fn lines_end_with_crlf_and_leading_dots_are_doubled() {
        check("", ".\r\n", 0);
        check("a", "a\r\n.\r\n", 3);
        check("a\r\nb\r\n", "a\r\nb\r\n.\r\n", 6);
        check(".\r\n..x\r\n", "..\r\n...x\r\n.\r\n", 8);
        check("x.y\r\n.", "x.y\r\n..\r\n.\r\n", 8);
        check("\u{e4}\r\n", "\u{e4}\r\n.\r\n", 4);
    }

    #[test]
    fn bare_line_ends_cannot_smuggle_a_final_dot() {
        check("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n", 9);
        check("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n", 9);
        check("a\r\n.\nb", "a\r\n..\r\nb\r\n.\r\n", 9);
        check("a\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n", 9);
        check("\r\r\n\n", "\r\n\r\n\r\n.\r\n", 6);
    }
}
