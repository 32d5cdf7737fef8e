//! Reading a message from the wire: where it ends, and what it is without the dots that were added for transport.
//!
//! A file of its own because it is a state machine over pieces of a stream. Only CRLF ends a line: a dot between bare
//! LFs or bare CRs is content, handed on as it is. A server that took it for the end would let the second half of
//! somebody's message speak SMTP (smuggling).
//!
//! RFC 5321 4.5.2 (transparency), 2.3.8 and 4.1.1.4 (only CRLF . CRLF ends a message).

use memchr::memmem::Finder;

/// A streaming decoder of message content; ready for the next message when one is complete.
#[derive(Debug)]
pub struct Unstuffer {
    at: At,
    dot_line: Finder<'static>,
}

/// What the bytes so far end with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// CRLF, or nothing at all.
    LineStart,
    /// A dot at the start of a line, held back.
    Dot,
    /// A dot at the start of a line and a CR, both held back.
    DotCr,
    /// A CR within a line.
    Cr,
    /// Anything else.
    Text,
}

/// How far the decoder came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unstuffed {
    /// All bytes belong to the message; more are to come.
    Partial,
    /// The final dot was found; this many bytes belong to the message, the rest are commands.
    Complete {
        /// Bytes taken, up to and including the CRLF after the dot.
        consumed: usize,
    },
}

impl Unstuffer {
    /// A decoder at the start of a message.
    pub fn new() -> Self {
        Self { at: At::LineStart, dot_line: Finder::new(b"\r\n.") }
    }

    /// Takes the next bytes; hands the content to `sink`, in slices of `bytes` wherever possible.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut impl FnMut(&[u8])) -> Unstuffed {
        let mut next = 0;
        // Content from here to `next` has not been handed out.
        let mut start = 0;
        while let Some(&byte) = bytes.get(next) {
            let expected = match self.at {
                At::LineStart => byte == b'.',
                At::Dot => byte == b'\r',
                At::DotCr | At::Cr => byte == b'\n',
                At::Text => {
                    next = self.skip_text(bytes, next);
                    continue;
                }
            };
            next += usize::from(expected);
            match (self.at, expected) {
                (At::LineStart, true) => {
                    emit(sink, &bytes[start..next - 1]);
                    (self.at, start) = (At::Dot, next);
                }
                (At::Dot, true) => (self.at, start) = (At::DotCr, next),
                (At::DotCr, true) => {
                    self.at = At::LineStart;
                    return Unstuffed::Complete { consumed: next };
                }
                (At::DotCr, false) => {
                    sink(b"\r");
                    self.at = At::Cr;
                }
                (At::Cr, true) => self.at = At::LineStart,
                (At::LineStart | At::Dot | At::Cr | At::Text, _) => self.at = At::Text,
            }
        }
        emit(sink, &bytes[start..]);
        Unstuffed::Partial
    }

    /// From within a line, goes to the next line that starts with a dot, before the dot, or to the end.
    fn skip_text(&mut self, bytes: &[u8], from: usize) -> usize {
        let rest = &bytes[from..];
        if let Some(found) = self.dot_line.find(rest) {
            self.at = At::LineStart;
            return from + found + b"\r\n".len();
        }
        self.at = match rest {
            [.., b'\r', b'\n'] => At::LineStart,
            [.., b'\r'] => At::Cr,
            _ => At::Text,
        };
        bytes.len()
    }
}

impl Default for Unstuffer {
    fn default() -> Self {
        Self::new()
    }
}

fn emit(sink: &mut impl FnMut(&[u8]), content: &[u8]) {
    if !content.is_empty() {
        sink(content);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content of `wire` and what follows the final dot, nothing when there is none; fed in pieces of `size`.
    fn unstuff(wire: &[u8], size: usize) -> (String, Option<String>) {
        let mut unstuffer = Unstuffer::new();
        let mut content = Vec::new();
        for start in (0..wire.len()).step_by(size) {
            let piece = &wire[start..wire.len().min(start + size)];
            let fed = unstuffer.feed(piece, &mut |bytes| content.extend_from_slice(bytes));
            if let Unstuffed::Complete { consumed } = fed {
                let rest = String::from_utf8_lossy(&wire[start + consumed..]).into_owned();
                return (String::from_utf8_lossy(&content).into_owned(), Some(rest));
            }
        }
        (String::from_utf8_lossy(&content).into_owned(), None)
    }

    fn check(wire: &str, content: &str, rest: Option<&str>) {
        for size in 1..=wire.len() {
            let expected = (content.to_owned(), rest.map(str::to_owned));
            assert_eq!(unstuff(wire.as_bytes(), size), expected, "{wire:?} in pieces of {size}");
        }
    }

    #[test]
    fn the_final_dot_ends_a_message_and_stuffed_dots_are_removed() {
        check(".\r\n", "", Some(""));
        check("\r\n.\r\nQUIT\r\n", "\r\n", Some("QUIT\r\n"));
        check("a\r\n.\r\nQUIT\r\n", "a\r\n", Some("QUIT\r\n"));
        check("..\r\n...x\r\nx.\r\n.y\r\n.\r\n", ".\r\n..x\r\nx.\r\ny\r\n", Some(""));
        check("a\r\n..", "a\r\n.", None);
    }

    #[test]
    fn only_crlf_dot_crlf_is_the_end() {
        check("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", Some(""));
        check("a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", Some(""));
        check("a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", Some(""));
        check("a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n", Some(""));
        check("a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", Some(""));
        check("a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", Some(""));
        check("a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", Some(""));
        check("a\r\r\n.\r\n", "a\r\r\n", Some(""));
    }
}
