//! Replies: what a server says.
//!
//! A reply is an answer, also when it is a refusal; nothing here is an error of ours. Reading from a stream is done in
//! `parser`.
//!
//! RFC 5321 4.2 (replies), RFC 2034 (enhanced status codes in them).

mod parser;

pub use parser::{ReplyFault, ReplyParser};

use crate::EnhancedStatusCode;

/// A reply code: 200 to 599.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyCode(u16);

impl ReplyCode {
    /// The code, or nothing when it is not within 200 to 599.
    pub const fn new(code: u16) -> Option<Self> {
        if matches!(code, 200..=599) { Some(Self(code)) } else { None }
    }

    /// A code that is known when this crate is compiled.
    pub(crate) const fn fixed(code: u16) -> Self {
        Self::new(code).expect("a fixed code is within its range")
    }

    /// The number, 200 to 599.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// What the first digit says.
    pub const fn class(self) -> ReplyClass {
        match self.0 {
            200..=299 => ReplyClass::Positive,
            300..=399 => ReplyClass::Intermediate,
            400..=499 => ReplyClass::Transient,
            _ => ReplyClass::Permanent,
        }
    }
}

impl std::fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What the first digit of a reply code says.
// RFC 5321 4.2.1: Reply Code Severities and Theory
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplyClass {
    /// 2yz: done.
    Positive,
    /// 3yz: go on.
    Intermediate,
    /// 4yz: not done; the same may work later.
    Transient,
    /// 5yz: not done; the same will not work.
    Permanent,
}

/// A complete reply of one or more lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reply {
    code: ReplyCode,
    enhanced: Option<EnhancedStatusCode>,
    /// The lines' texts, without codes, joined by LF.
    text: Box<[u8]>,
}

impl Reply {
    /// A reply of ours. LF in `text` separates lines; other control characters become `?`.
    ///
    /// # Panics
    /// When `code` is not within 200 to 599.
    pub fn new(code: u16, enhanced: Option<EnhancedStatusCode>, text: &str) -> Self {
        let code = ReplyCode::new(code).unwrap_or_else(|| panic!("{code} is no reply code"));
        let text = if text.chars().any(is_unprintable) {
            text.chars()
                .map(|c| if is_unprintable(c) { '?' } else { c })
                .collect::<String>()
                .into_bytes()
                .into()
        } else {
            text.as_bytes().into()
        };
        Self { code, enhanced, text }
    }

    /// Reads a reply as it stands in a log or a report: the code of the first line, then text; the lines below it with or without
    /// the code. `None` if it does not begin with a code.
    ///
    /// Generous where [`ReplyParser`] is strict: nothing depends on where this reply ends.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (code, first) = parser::code_and_text(lines.next()?.trim_start())?;
        let mut draft = parser::Draft::default();
        draft.add(code, first.as_bytes()).ok()?;
        for line in lines {
            let text = match parser::code_and_text(line) {
                Some((same, text)) if same == code => text,
                _ => line,
            };
            draft.add(code, text.as_bytes()).ok()?;
        }
        Some(draft.reply(code))
    }

    /// The reply code.
    pub const fn code(&self) -> ReplyCode {
        self.code
    }

    /// What the first digit of the code says.
    pub const fn class(&self) -> ReplyClass {
        self.code.class()
    }

    /// The enhanced status code, if a line has one.
    pub const fn enhanced(&self) -> Option<EnhancedStatusCode> {
        self.enhanced
    }

    /// The text of each line after code, separator and enhanced status code; at least one, each possibly empty.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.text.split(|&byte| byte == b'\n')
    }

    /// The text for people: lines joined by LF, what is not UTF-8 or is a control character replaced by U+FFFD.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.text);
        if text.chars().any(is_unprintable) {
            return text
                .chars()
                .map(|c| if is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c })
                .collect();
        }
        text.into_owned()
    }

    /// Appends the reply as it stands on the wire.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut lines = self.lines().peekable();
        while let Some(line) = lines.next() {
            push_number(out, self.code.0);
            // RFC 5321 4.2.1: servers should send the space even when no text follows it
            out.push(if lines.peek().is_some() { b'-' } else { b' ' });
            if let Some(enhanced) = self.enhanced {
                // RFC 2034 4: the status code appears on every line of a multi-line reply
                push_enhanced(out, enhanced);
                out.push(b' ');
            }
            out.extend_from_slice(line);
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// Control characters except the separator of lines.
fn is_unprintable(c: char) -> bool {
    c.is_control() && c != '\n'
}

fn push_enhanced(out: &mut Vec<u8>, code: EnhancedStatusCode) {
    out.push(b'0' + code.class());
    for number in [code.subject(), code.detail()] {
        out.push(b'.');
        push_number(out, number);
    }
}

/// Appends a number below 1000 in decimal digits.
fn push_number(out: &mut Vec<u8>, number: u16) {
    let digits = [number / 100 % 10, number / 10 % 10, number % 10].map(|digit| b'0' + digit as u8);
    let skipped = usize::from(number < 100) + usize::from(number < 10);
    out.extend_from_slice(&digits[skipped..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: u16, enhanced: &str, text: &str, wire: &str) {
        let reply = Reply::new(code, EnhancedStatusCode::parse(enhanced), text);
        let mut out = Vec::new();
        reply.encode(&mut out);
        assert_eq!(String::from_utf8_lossy(&out), wire);
        let mut parser = ReplyParser::new();
        parser.feed(&out);
        assert_eq!(parser.next(), Ok(Some(reply)), "read back");
    }

    #[test]
    fn replies_are_written_as_the_standard_says_and_read_back() {
        check(250, "", "Ok", "250 Ok\r\n");
        check(250, "", "", "250 \r\n");
        check(250, "2.1.5", "Ok", "250 2.1.5 Ok\r\n");
        check(552, "4.7.10", "a\nb\n", "552-4.7.10 a\r\n552-4.7.10 b\r\n552 4.7.10 \r\n");
        check(220, "", "mx.test\tESMTP\r\nhello\0", "220-mx.test?ESMTP?\r\n220 hello?\r\n");
        check(421, "4.0.999", "später", "421 4.0.999 später\r\n");
    }

    #[test]
    fn text_for_people_has_no_control_characters() {
        let mut parser = ReplyParser::new();
        parser.feed(b"550-a\x1b[31m\xff\r\n550 b\rc\n");
        let reply = parser.next().unwrap().unwrap();
        assert_eq!(reply.text(), "a\u{fffd}[31m\u{fffd}\nb\u{fffd}c");
        assert_eq!(reply.lines().collect::<Vec<_>>(), [&b"a\x1b[31m\xff"[..], b"b\rc"]);
    }

    #[test]
    fn classes_follow_the_first_digit() {
        let class = |code| ReplyCode::new(code).map(ReplyCode::class);
        assert_eq!(class(199), None);
        assert_eq!(class(200), Some(ReplyClass::Positive));
        assert_eq!(class(354), Some(ReplyClass::Intermediate));
        assert_eq!(class(499), Some(ReplyClass::Transient));
        assert_eq!(class(599), Some(ReplyClass::Permanent));
        assert_eq!(class(600), None);
    }
}
