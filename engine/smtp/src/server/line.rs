//! Command lines out of a stream, in bounded memory.
//!
//! A file of its own because of one rule that is easily broken: only CRLF ends a line, also when it arrives in two
//! pieces. A bare CR or LF stays in the line, where the grammar refuses it.
//!
//! RFC 5321 2.3.8 (lines), 4.5.3.1.4 (length).

use crate::{Command, CommandFault};

/// Cuts a stream into commands.
#[derive(Debug)]
pub(super) struct CommandReader {
    /// Longest line, in octets with CRLF.
    max: usize,
    /// The start of a line whose end has not arrived; when it is too long already, only its last byte.
    partial: Vec<u8>,
    too_long: bool,
}

/// A line that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Read(Result<Command, CommandFault>),
    TooLong,
}

impl CommandReader {
    pub(super) const fn new(max: usize) -> Self {
        Self { max, partial: Vec::new(), too_long: false }
    }

    /// Takes one line off the start of `bytes`, or everything when no line ends there.
    pub(super) fn take(&mut self, bytes: &mut &[u8]) -> Option<Line> {
        let Some(end) = self.line_end(bytes) else {
            self.keep(bytes);
            *bytes = &[];
            return None;
        };
        let (piece, rest) = bytes.split_at(end);
        *bytes = rest;
        if self.partial.is_empty() && piece.len() <= self.max {
            return Some(Line::Read(Command::parse(piece)));
        }
        self.keep(piece);
        let line = if self.too_long { Line::TooLong } else { Line::Read(Command::parse(&self.partial)) };
        self.partial.clear();
        self.too_long = false;
        Some(line)
    }

    /// Where in `bytes` the first line ends, after its CRLF.
    fn line_end(&self, bytes: &[u8]) -> Option<usize> {
        let ends_line = |&at: &usize| match at.checked_sub(1) {
            Some(before) => bytes[before] == b'\r',
            None => self.partial.last() == Some(&b'\r'),
        };
        memchr::memchr_iter(b'\n', bytes).find(ends_line).map(|at| at + 1)
    }

    fn keep(&mut self, piece: &[u8]) {
        if self.too_long || self.partial.len() + piece.len() > self.max {
            self.too_long = true;
            self.partial.clear();
            self.partial.extend(piece.last());
        } else {
            self.partial.extend_from_slice(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stream: &str, max: usize, expected: &[Line]) {
        for size in 1..=stream.len() {
            let mut reader = CommandReader::new(max);
            let mut lines = Vec::new();
            for mut piece in stream.as_bytes().chunks(size) {
                while !piece.is_empty() {
                    lines.extend(reader.take(&mut piece));
                }
            }
            assert_eq!(lines, expected, "{stream:?} in pieces of {size}");
            assert!(reader.partial.len() <= max);
        }
    }

    #[test]
    fn only_crlf_ends_a_line() {
        check("NOOP\r\nRSET\r\nQU", 10, &[Line::Read(Ok(Command::Noop)), Line::Read(Ok(Command::Rset))]);
        check("NOOP\nRSET\r\n", 20, &[Line::Read(Err(CommandFault::Unknown))]);
        check("NOOP\rRSET\r\n", 20, &[Line::Read(Err(CommandFault::Unknown))]);
        check("NOOP\r\r\n", 20, &[Line::Read(Err(CommandFault::Unknown))]);
        check(
            "NOOP\n\r\nRSET\r\n",
            20,
            &[Line::Read(Err(CommandFault::Unknown)), Line::Read(Ok(Command::Rset))],
        );
    }

    #[test]
    fn long_lines_are_passed_over_to_their_end() {
        check("NOOP 34\r\n", 9, &[Line::Read(Ok(Command::Noop))]);
        check("NOOP 345\r\nNOOP\r\n", 9, &[Line::TooLong, Line::Read(Ok(Command::Noop))]);
        check("NOOP 3456789\n12345678\r\nNOOP\r\n", 9, &[Line::TooLong, Line::Read(Ok(Command::Noop))]);
    }
}
