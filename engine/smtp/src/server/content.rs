//! What is known of a message while it arrives: how long it is, and which rule it breaks.
//!
//! A file of its own because it is the same for DATA and BDAT. It looks at content that is unstuffed already; taking the dot
//! off a line cannot hide a bare line end, because a CR or LF behind that dot has none of its own before it.
//!
//! RFC 5321 2.3.8 (CR and LF only together), 4.5.3.1.6 (text lines); RFC 1870 6.3 (size).

use super::{ServerConfig, Tolerance};
use crate::limits;

/// A message that is arriving.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Content {
    octets: u64,
    /// Octets of the line that is under way, without its CRLF.
    line: usize,
    after_cr: bool,
    /// The first rule that it broke.
    fault: Option<ContentFault>,
}

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentFault {
    TooLarge,
    BareCarriageReturn,
    BareLineFeed,
    LongLine,
}

impl Content {
    pub(super) const fn octets(&self) -> u64 {
        self.octets
    }

    /// Takes the next octets.
    pub(super) fn take(&mut self, config: &ServerConfig, chunk: &[u8]) {
        self.octets += chunk.len() as u64;
        match (config.bare_line_ends, config.long_lines) {
            (Tolerance::Take, Tolerance::Take) => {}
            (Tolerance::Refuse, _) | (_, Tolerance::Refuse) => {
                let mut rest = chunk;
                while let Some((first, others)) = rest.split_first() {
                    self.look_at(config, *first);
                    // What is neither CR nor LF need not be looked at one by one.
                    let run = match first {
                        b'\r' | b'\n' => 0,
                        _ => memchr::memchr2(b'\r', b'\n', others).unwrap_or(others.len()),
                    };
                    self.lengthen(config, run);
                    rest = &others[run..];
                }
            }
        }
    }

    fn look_at(&mut self, config: &ServerConfig, byte: u8) {
        match (self.after_cr, byte) {
            (true, b'\n') => self.line = 0,
            (true, _) => self.note(config.bare_line_ends, ContentFault::BareCarriageReturn),
            (false, b'\n') => self.note(config.bare_line_ends, ContentFault::BareLineFeed),
            (false, _) => {}
        }
        // A CR that turns out to be bare is part of the line, as is a bare LF.
        let octets = usize::from(self.after_cr && byte != b'\n') + usize::from(self.is_text(byte));
        self.lengthen(config, octets);
        self.after_cr = byte == b'\r';
    }

    fn lengthen(&mut self, config: &ServerConfig, octets: usize) {
        self.line += octets;
        if self.line > limits::TEXT_LINE_BYTES {
            self.note(config.long_lines, ContentFault::LongLine);
        }
    }

    /// Whether an octet is part of its line, as far as can be known before the next one.
    const fn is_text(&self, byte: u8) -> bool {
        match byte {
            b'\r' => false,
            b'\n' => !self.after_cr,
            _ => true,
        }
    }

    fn note(&mut self, tolerance: Tolerance, fault: ContentFault) {
        match tolerance {
            Tolerance::Take => {}
            Tolerance::Refuse => {
                self.fault.get_or_insert(fault);
            }
        }
    }

    /// What is wrong with the message now that it is complete.
    pub(super) fn fault(&self, config: &ServerConfig) -> Option<ContentFault> {
        if self.octets > config.max_size() {
            return Some(ContentFault::TooLarge);
        }
        // After DATA there is always a CRLF at the end; a chunk may end with a CR.
        let cut = self.after_cr && config.bare_line_ends == Tolerance::Refuse;
        self.fault.or(cut.then_some(ContentFault::BareCarriageReturn))
    }
}

impl ContentFault {
    /// Code, enhanced code and text of the reply.
    // RFC 1870 6.3: 552 for a message that is too large. RFC 5321 4.5.3.1: 500 for a line that is too long
    // RFC 3463 3.4, 3.7: X.3.4 message too big for system, X.6.0 other or undefined media error
    pub(super) const fn reply(self) -> (u16, (u8, u16, u16), &'static str) {
        match self {
            Self::TooLarge => (552, (5, 3, 4), "message too big for system"),
            Self::BareCarriageReturn => (554, (5, 6, 0), "bare carriage return in the message"),
            Self::BareLineFeed => (554, (5, 6, 0), "bare line feed in the message"),
            Self::LongLine => (500, (5, 6, 0), "line too long in the message"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(
        bare_line_ends: Tolerance,
        long_lines: Tolerance,
        text: &str,
        size: usize,
    ) -> Option<ContentFault> {
        let config = ServerConfig { bare_line_ends, long_lines, ..ServerConfig::default() };
        let mut content = Content::default();
        text.as_bytes().chunks(size).for_each(|piece| content.take(&config, piece));
        assert_eq!(content.octets(), text.len() as u64);
        content.fault(&config)
    }

    fn check(text: &str, expected: Option<ContentFault>) {
        for size in [1, 2, 3, usize::MAX] {
            let found = fault(Tolerance::Refuse, Tolerance::Refuse, text, size);
            assert_eq!(found, expected, "{text:?} in pieces of {size}");
            assert_eq!(fault(Tolerance::Take, Tolerance::Take, text, size), None, "{text:?}");
        }
    }

    #[test]
    fn cr_and_lf_belong_together() {
        for good in ["", "a", "a\r\n", "\r\n\r\n", "a\0\r\nb"] {
            check(good, None);
        }
        for bad in ["\n", "a\n", "\r\n\n", "a\n\r\n"] {
            check(bad, Some(ContentFault::BareLineFeed));
        }
        for bad in ["\r", "a\rb\r\n", "\r\r\n", "\r\n\r", "\r\n\r\r\n"] {
            check(bad, Some(ContentFault::BareCarriageReturn));
        }
    }

    #[test]
    fn a_text_line_has_at_most_998_octets() {
        let line = |length: usize| format!("x\r\n{}\r\ny", "x".repeat(length));
        check(&line(998), None);
        check(&line(999), Some(ContentFault::LongLine));
        let bare = format!("{}\r{}\n{}", "x".repeat(400), "x".repeat(400), "x".repeat(400));
        assert_eq!(fault(Tolerance::Take, Tolerance::Refuse, &bare, 7), Some(ContentFault::LongLine));
        assert_eq!(fault(Tolerance::Refuse, Tolerance::Take, &line(5000), 7), None);
    }
}
