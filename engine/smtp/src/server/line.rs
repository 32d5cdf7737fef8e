//! Lines out of a stream, in bounded memory.
//!
//! A file of its own because of one rule that is easily broken: only CRLF ends a line, also when it arrives in two
//! pieces. A bare CR or LF stays in the line, where the grammar refuses it.
//!
//! RFC 5321 2.3.8 (lines), 4.5.3.1.4 (length).

/// Cuts a stream into lines.
#[derive(Debug, Default)]
pub(super) struct LineReader {
    /// The start of a line whose end has not arrived; when it is too long already, only its last byte.
    partial: Vec<u8>,
    too_long: bool,
}

/// A line that came to its end, as what it was read as.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<T> {
    Read(T),
    TooLong,
}

impl LineReader {
    /// Takes one line off the start of `bytes`, or everything when no line ends there. A line of at most `max` octets is
    /// read with its CRLF.
    pub(super) fn take<T>(
        &mut self,
        bytes: &mut &[u8],
        max: usize,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Option<Line<T>> {
        let Some(end) = self.line_end(bytes) else {
            self.keep(bytes, max);
            *bytes = &[];
            return None;
        };
        let (piece, rest) = bytes.split_at(end);
        *bytes = rest;
        if self.partial.is_empty() && piece.len() <= max {
            return Some(Line::Read(read(piece)));
        }
        self.keep(piece, max);
        let line = if self.too_long { Line::TooLong } else { Line::Read(read(&self.partial)) };
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

    fn keep(&mut self, piece: &[u8], max: usize) {
        if self.too_long || self.partial.len() + piece.len() > max {
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

    /// Every line in brackets, `long` for one that is too long.
    fn check(stream: &str, max: usize, expected: &[&str]) {
        for size in 1..=stream.len() {
            let mut reader = LineReader::default();
            let mut lines = Vec::new();
            for mut piece in stream.as_bytes().chunks(size) {
                while !piece.is_empty() {
                    let read = |line: &[u8]| format!("{:?}", String::from_utf8_lossy(line));
                    lines.extend(reader.take(&mut piece, max, read).map(|line| match line {
                        Line::Read(text) => text,
                        Line::TooLong => "long".to_owned(),
                    }));
                }
            }
            assert_eq!(lines, expected, "{stream:?} in pieces of {size}");
            assert!(reader.partial.len() <= max);
        }
    }

    #[test]
    fn only_crlf_ends_a_line() {
        check("NOOP\r\nRSET\r\nQU", 10, &[r#""NOOP\r\n""#, r#""RSET\r\n""#]);
        check("NOOP\nRSET\r\n", 20, &[r#""NOOP\nRSET\r\n""#]);
        check("NOOP\rRSET\r\n", 20, &[r#""NOOP\rRSET\r\n""#]);
        check("NOOP\r\r\n", 20, &[r#""NOOP\r\r\n""#]);
        check("NOOP\n\r\nRSET\r\n", 20, &[r#""NOOP\n\r\n""#, r#""RSET\r\n""#]);
    }

    #[test]
    fn long_lines_are_passed_over_to_their_end() {
        check("NOOP 34\r\n", 9, &[r#""NOOP 34\r\n""#]);
        check("NOOP 345\r\nNOOP\r\n", 9, &["long", r#""NOOP\r\n""#]);
        check("NOOP 3456789\n12345678\r\nNOOP\r\n", 9, &["long", r#""NOOP\r\n""#]);
    }
}
