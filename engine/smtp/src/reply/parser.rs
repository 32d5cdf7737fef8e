//! Reading replies from a stream: any bytes, in any pieces, in bounded memory.
//!
//! Generous where real servers are sloppy (a bare LF ends a line, a line may be too long, text is any bytes) and strict
//! where a guess could turn a refusal into an acceptance (codes). After a fault nothing more is read, since nobody can
//! know where the next reply begins.
//!
//! RFC 5321 4.2 and 4.2.1 (form of replies), 4.5.3.1.5 (length of lines); RFC 2034 4 (enhanced status codes).

use std::collections::VecDeque;
use std::fmt;

use super::{Reply, ReplyCode};
use crate::{EnhancedStatusCode, limits};

/// An incremental parser. The pieces in which bytes arrive make no difference.
#[derive(Debug, Default)]
pub struct ReplyParser {
    /// The start of a line whose end has not arrived, at most [`limits::REPLY_LINE_BYTES`].
    partial: Vec<u8>,
    /// Octets received of the reply under way, cut ones and line ends included.
    octets: usize,
    draft: Draft,
    ready: VecDeque<Reply>,
    fault: Option<ReplyFault>,
}

/// A reply whose last line has not arrived.
#[derive(Debug, Default)]
pub(super) struct Draft {
    code: Option<ReplyCode>,
    enhanced: Option<EnhancedStatusCode>,
    lines: usize,
    text: Vec<u8>,
}

/// The code that a line of a log begins with, and the text behind it and its separator.
pub(super) fn code_and_text(line: &str) -> Option<(ReplyCode, &str)> {
    let code = line.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
    let code = ReplyCode::new(code.parse().ok()?)?;
    match line[3..].chars().next() {
        None => Some((code, "")),
        Some(' ' | '-') => Some((code, line[4..].trim_start())),
        Some(_) => None,
    }
}

impl ReplyParser {
    /// A parser at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while self.fault.is_none() && !rest.is_empty() {
            rest = self.feed_line(rest).unwrap_or_else(|fault| {
                self.fault = Some(fault);
                &[]
            });
        }
    }

    /// The next complete reply; nothing when more bytes are needed; the fault when all replies before it are taken,
    /// and from then on for ever.
    #[expect(clippy::should_implement_trait, reason = "an iterator would end where this only waits")]
    pub fn next(&mut self) -> Result<Option<Reply>, ReplyFault> {
        match (self.ready.pop_front(), self.fault) {
            (Some(reply), _) => Ok(Some(reply)),
            (None, Some(fault)) => Err(fault),
            (None, None) => Ok(None),
        }
    }

    /// Whether everything that came was part of a reply that has been taken.
    pub(crate) fn is_drained(&self) -> bool {
        self.octets == 0 && self.ready.is_empty() && self.fault.is_none()
    }

    /// Takes bytes up to the end of a line, or all when there is none. Comes back with the rest.
    fn feed_line<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], ReplyFault> {
        let end = memchr::memchr(b'\n', bytes);
        let taken = end.map_or(bytes.len(), |end| end + 1);
        self.octets += taken;
        if self.octets > limits::REPLY_BYTES {
            return Err(ReplyFault::TooLong);
        }
        let (line, rest) = (&bytes[..end.unwrap_or(taken)], &bytes[taken..]);
        match end {
            Some(_) if self.partial.is_empty() => self.take_line(line)?,
            Some(_) => {
                self.keep(line);
                let line = std::mem::take(&mut self.partial);
                self.take_line(&line)?;
                self.partial = line;
                self.partial.clear();
            }
            None => self.keep(line),
        }
        Ok(rest)
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = limits::REPLY_LINE_BYTES - self.partial.len();
        self.partial.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Takes a line without its LF.
    fn take_line(&mut self, line: &[u8]) -> Result<(), ReplyFault> {
        let line = &line[..line.len().min(limits::REPLY_LINE_BYTES)];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (code, place, text) = split(line).ok_or(ReplyFault::NotAReply)?;
        self.draft.add(code, text)?;
        if place == Place::Last {
            self.finish(code)?;
        }
        Ok(())
    }

    fn finish(&mut self, code: ReplyCode) -> Result<(), ReplyFault> {
        if self.ready.len() == limits::REPLIES_WAITING {
            return Err(ReplyFault::TooMany);
        }
        self.ready.push_back(self.draft.reply(code));
        self.draft.clear();
        self.octets = 0;
        Ok(())
    }
}

impl Draft {
    pub(super) fn reply(&self, code: ReplyCode) -> Reply {
        Reply { code, enhanced: self.enhanced, text: self.text.as_slice().into() }
    }

    pub(super) fn add(&mut self, code: ReplyCode, text: &[u8]) -> Result<(), ReplyFault> {
        // RFC 5321 4.2.1: in a multi-line reply, the code on each of the lines must be the same
        if self.code.is_some_and(|first| first != code) {
            return Err(ReplyFault::MixedCodes);
        }
        if self.lines == limits::REPLY_LINES {
            return Err(ReplyFault::TooManyLines);
        }
        if self.lines > 0 {
            self.text.push(b'\n');
        }
        self.code = Some(code);
        self.lines += 1;
        let text = self.strip_enhanced(text);
        self.text.extend_from_slice(text);
        Ok(())
    }

    /// Removes the enhanced status code, the same in every line. The first line that has one decides.
    fn strip_enhanced<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        let Some((code, rest @ ([] | [b' ', ..]))) = EnhancedStatusCode::parse_prefix(text) else {
            return text;
        };
        if *self.enhanced.get_or_insert(code) != code {
            return text;
        }
        rest.strip_prefix(b" ").unwrap_or(rest)
    }

    /// Makes ready for the next reply, with the memory kept.
    fn clear(&mut self) {
        self.code = None;
        self.enhanced = None;
        self.lines = 0;
        self.text.clear();
    }
}

/// Where in its reply a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Last,
    More,
}

// RFC 5321 4.2: Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
fn split(line: &[u8]) -> Option<(ReplyCode, Place, &[u8])> {
    let (digits, rest) = line.split_first_chunk::<3>()?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let code = ReplyCode::new(digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0')))?;
    match rest {
        [] => Some((code, Place::Last, rest)),
        [b' ', text @ ..] => Some((code, Place::Last, text)),
        [b'-', text @ ..] => Some((code, Place::More, text)),
        _ => None,
    }
}

/// Why bytes from a server cannot be taken for the reply that was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplyFault {
    /// A line does not begin with a code from 200 to 599 and a space, a hyphen or its end.
    NotAReply,
    /// The lines of one reply have different codes.
    MixedCodes,
    /// A reply has more lines than [`limits::REPLY_LINES`].
    TooManyLines,
    /// A reply has more octets than [`limits::REPLY_BYTES`].
    TooLong,
    /// More replies came than [`limits::REPLIES_WAITING`].
    TooMany,
    /// A proper reply that answers nothing, or that cannot be an answer to what was asked (250 to DATA).
    Unexpected(ReplyCode),
    /// Bytes came behind the go-ahead for TLS, before the handshake: somebody on the way may have put them there.
    BeforeHandshake,
}

impl fmt::Display for ReplyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAReply => f.write_str("the server sent something that is no reply"),
            Self::MixedCodes => f.write_str("the server sent a reply with different codes in its lines"),
            Self::TooManyLines => f.write_str("the server sent a reply with too many lines"),
            Self::TooLong => f.write_str("the server sent a reply that is too long"),
            Self::TooMany => f.write_str("the server sent too many replies"),
            Self::Unexpected(code) => {
                write!(f, "the server answered {code}, which is no answer to what was asked")
            }
            Self::BeforeHandshake => {
                f.write_str("something came in plain text between the go-ahead for TLS and the handshake")
            }
        }
    }
}

impl std::error::Error for ReplyFault {}

#[cfg(test)]
mod tests {
    use super::*;

    /// All replies in `bytes` as `code/enhanced/text`, then the fault if there is one.
    fn read(bytes: &[u8]) -> Vec<String> {
        let mut parser = ReplyParser::new();
        parser.feed(bytes);
        let mut read = Vec::new();
        loop {
            match parser.next() {
                Ok(Some(reply)) => {
                    let enhanced = reply.enhanced().map(|code| code.to_string()).unwrap_or_default();
                    read.push(format!("{}/{enhanced}/{}", reply.code(), reply.text()));
                }
                Ok(None) => return read,
                Err(fault) => {
                    read.push(format!("{fault:?}"));
                    return read;
                }
            }
        }
    }

    fn check(bytes: &str, expected: &[&str]) {
        assert_eq!(read(bytes.as_bytes()), expected, "{bytes:?}");
    }

    #[test]
    fn sloppy_servers_are_understood() {
        check("250 Ok\n250\r\n250 \r\n", &["250//Ok", "250//", "250//"]);
        check("250-a\r\n250-\r\n250 c\r\n", &["250//a\n\nc"]);
        check("599 odd\r\n", &["599//odd"]);
        check("250 Ok", &[]);
    }

    #[test]
    fn enhanced_codes_are_taken_off_every_line() {
        check("550-5.7.1 no\r\n550 5.7.1 way\r\n", &["550/5.7.1/no\nway"]);
        check("550-no\r\n550 5.7.1 way\r\n", &["550/5.7.1/no\nway"]);
        check("550-5.7.1 no\r\n550 5.1.1 way\r\n", &["550/5.7.1/no\n5.1.1 way"]);
        check("250 2.0.0\r\n", &["250/2.0.0/"]);
        check("452 4.2.2 full\r\n552 5.2.2  wide\r\n", &["452/4.2.2/full", "552/5.2.2/ wide"]);
        check("550 5.1.1: not by the book\r\n", &["550//5.1.1: not by the book"]);
    }

    #[test]
    fn what_is_no_reply_is_a_fault_after_the_replies_before_it() {
        for garbage in
            ["HTTP/1.1 400", "", "25", "2x0 hi", "250ok", "250\tok", "199 no", "600 no", "\u{0}\u{1}"]
        {
            check(&format!("220 hi\r\n{garbage}\r\n250 ignored\r\n"), &["220//hi", "NotAReply"]);
        }
        check("250-a\r\n251 b\r\n", &["MixedCodes"]);
    }

    #[test]
    fn lines_and_replies_are_bounded() {
        let line = |length: usize| format!("250 {}\r\n", "x".repeat(length));
        let kept = |length: usize| read(line(length).as_bytes())[0].len() - "250//".len();
        assert_eq!(kept(1000), 1000);
        assert_eq!(kept(10_000), limits::REPLY_LINE_BYTES - "250 ".len());
        check(&line(limits::REPLY_BYTES), &["TooLong"]);
        let lines = |count: usize| "250-x\r\n".repeat(count - 1) + "250 x\r\n";
        assert_eq!(read(lines(limits::REPLY_LINES).as_bytes()).len(), 1);
        check(&lines(limits::REPLY_LINES + 1), &["TooManyLines"]);
        assert_eq!(
            read(line(limits::REPLY_BYTES / 2).repeat(3).as_bytes()).len(),
            3,
            "each has its own bound"
        );
        let many = read("250 x\r\n".repeat(limits::REPLIES_WAITING + 1).as_bytes());
        assert_eq!(
            (many.len(), many.last().map(String::as_str)),
            (limits::REPLIES_WAITING + 1, Some("TooMany"))
        );
    }

    #[test]
    fn memory_is_bounded_whatever_arrives() {
        for piece in ["x", "250-", "250-x\r\n", "250 x\r\n", "250 5.1.1 x\n", "\n"] {
            let mut parser = ReplyParser::new();
            for _ in 0..100 {
                parser.feed(piece.repeat(2000).as_bytes());
            }
            assert!(parser.partial.capacity() <= 2 * limits::REPLY_LINE_BYTES, "{piece:?}");
            assert!(parser.draft.text.capacity() <= 2 * limits::REPLY_BYTES, "{piece:?}");
            assert!(parser.ready.len() <= limits::REPLIES_WAITING, "{piece:?}");
        }
    }
}
