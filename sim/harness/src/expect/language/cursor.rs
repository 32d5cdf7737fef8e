//! A cursor over the text of one expectation, and stretches of that text that know where they stand.
//!
//! Everything here counts bytes of the expectation's own text; [`super::Located`] turns them into places of the file.

use std::ops::Range;

/// A stretch of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    /// What is written.
    pub(crate) text: &'a str,
    /// The byte at which it starts.
    pub(crate) start: usize,
}

/// Walks over a piece from left to right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: Piece<'a>,
}

impl<'a> Piece<'a> {
    /// From its first byte to the one after its last.
    pub(crate) const fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Without white space at both ends.
    pub(crate) fn trimmed(self) -> Self {
        let from_start = self.text.trim_start();
        Self { text: from_start.trim_end(), start: self.start + self.text.len() - from_start.len() }
    }

    /// The piece before and the piece after the first `separator`, both trimmed.
    pub(crate) fn split(self, separator: &str) -> Option<(Self, Self)> {
        let at = self.text.find(separator)?;
        let after = at + separator.len();
        let left = Self { text: &self.text[..at], start: self.start };
        let right = Self { text: &self.text[after..], start: self.start + after };
        Some((left.trimmed(), right.trimmed()))
    }

    /// The piece before the first of these `words` that stands alone, and the piece from it on, which is empty if none
    /// of them occurs. Both are trimmed.
    pub(crate) fn split_before_word(self, words: &[&str]) -> (Self, Self) {
        let mut cursor = Cursor::new(self);
        let mut word = cursor.word();
        while !word.text.is_empty() && !words.contains(&word.text) {
            word = cursor.word();
        }
        let (left, right) = self.text.split_at(word.start - self.start);
        let right = Self { text: right, start: word.start };
        (Self { text: left, ..self }.trimmed(), right.trimmed())
    }
}

impl<'a> Cursor<'a> {
    /// At the beginning of `piece`.
    pub(crate) const fn new(piece: Piece<'a>) -> Self {
        Self { rest: piece }
    }

    /// At the beginning of a whole text.
    pub(crate) const fn of(text: &'a str) -> Self {
        Self::new(Piece { text, start: 0 })
    }

    /// Everything from here to the end, trimmed.
    pub(crate) fn rest(&self) -> Piece<'a> {
        self.rest.trimmed()
    }

    /// Steps over `token` and the white space before it; `None`, and stays, if something else stands here.
    pub(crate) fn eat(&mut self, token: &str) -> Option<Piece<'a>> {
        self.rest().text.starts_with(token).then(|| self.step(token.len()))
    }

    /// Steps over `word` and the white space before it; `None`, and stays, if another word stands here.
    pub(crate) fn eat_word(&mut self, word: &str) -> Option<Piece<'a>> {
        let mut ahead = *self;
        let found = Some(ahead.word()).filter(|found| found.text == word)?;
        *self = ahead;
        Some(found)
    }

    /// Steps over white space and then over the characters that `belongs` accepts; they may be none.
    pub(crate) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> Piece<'a> {
        let text = self.rest().text;
        self.step(text.find(|c| !belongs(c)).unwrap_or(text.len()))
    }

    /// Steps over white space and the characters up to the next white space; they may be none.
    pub(crate) fn word(&mut self) -> Piece<'a> {
        self.take_while(|c| !c.is_whitespace())
    }

    /// Steps over a name: either in double quotes, or as far as `belongs` accepts. `None` if a quote is never closed.
    pub(crate) fn name(&mut self, belongs: impl Fn(char) -> bool) -> Option<Piece<'a>> {
        if self.eat("\"").is_none() {
            return Some(self.take_while(belongs).trimmed());
        }
        let (name, after) = self.rest.text.split_at(self.rest.text.find('"')?);
        let name = Piece { text: name, start: self.rest.start };
        self.rest = Piece { text: &after[1..], start: name.range().end + 1 };
        Some(name)
    }

    /// Steps over white space and `length` bytes after it.
    fn step(&mut self, length: usize) -> Piece<'a> {
        let rest = self.rest();
        let (text, after) = rest.text.split_at(length);
        self.rest = Piece { text: after, start: rest.start + length };
        Piece { text, start: rest.start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_know_where_they_stand() {
        let mut cursor = Cursor::of("gap( 1 ) in  59m .. 61m  at 1d 6h ");
        assert_eq!(cursor.take_while(char::is_alphanumeric), Piece { text: "gap", start: 0 });
        assert_eq!(cursor.eat("["), None);
        assert_eq!(cursor.eat("("), Some(Piece { text: "(", start: 3 }));
        assert_eq!(cursor.name(|c| c != ')'), Some(Piece { text: "1", start: 5 }));
        assert_eq!(cursor.eat(")").map(|piece| piece.start), Some(7));
        assert_eq!(cursor.eat_word("i"), None);
        assert_eq!(cursor.eat_word("in"), Some(Piece { text: "in", start: 9 }));
        let (range, when) = cursor.rest().split_before_word(&["at", "by"]);
        let (low, high) = (Piece { text: "59m", start: 13 }, Piece { text: "61m", start: 20 });
        assert_eq!(range.split(".."), Some((low, high)));
        assert_eq!(when, Piece { text: "at 1d 6h", start: 25 });
    }

    #[test]
    fn a_name_may_stand_in_quotes() {
        let check = |text: &str, want: Option<(&str, usize)>| {
            let name = Cursor::of(text).name(|c| c != ',');
            assert_eq!(name.map(|piece| (piece.text, piece.start)), want, "{text}");
        };
        check(" spring sale , x", Some(("spring sale", 1)));
        check("\"sale, May\", x", Some(("sale, May", 1)));
        check("\"sale", None);
    }
}
