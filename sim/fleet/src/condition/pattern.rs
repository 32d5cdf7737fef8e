//! Texts that stand for texts: letters in either case, and `*` for anything.

use scenario::{Node, Problems, value};

/// What is written for a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// What stands between the stars, in lower case; one more than there are stars.
    pieces: Vec<String>,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self { pieces: text.to_ascii_lowercase().split('*').map(str::to_owned).collect() }
    }

    /// The only text that matches, in lower case; `None` if there are several.
    pub(super) fn only(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// What every text that matches begins with, in lower case.
    pub(super) fn beginning(&self) -> &str {
        self.pieces.first().map_or("", String::as_str)
    }

    /// Whether the whole of `text` matches.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else { return false };
        if self.pieces.len() == 1 {
            return text.eq_ignore_ascii_case(first.as_bytes());
        }
        let (first, last) = (first.as_bytes(), last.as_bytes());
        if text.len() < first.len() + last.len()
            || !text[..first.len()].eq_ignore_ascii_case(first)
            || !text[text.len() - last.len()..].eq_ignore_ascii_case(last)
        {
            return false;
        }
        let mut rest = &text[first.len()..text.len() - last.len()];
        self.pieces[1..self.pieces.len() - 1].iter().all(|piece| match find(rest, piece.as_bytes()) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                true
            }
            None => false,
        })
    }

    /// Whether some part of `text` matches.
    pub(super) fn occurs_in(&self, text: &[u8]) -> bool {
        let mut rest = text;
        self.pieces.iter().all(|piece| match find(rest, piece.as_bytes()) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                true
            }
            None => false,
        })
    }
}

/// Where `piece`, which is in lower case, first stands in `text`, in any case.
fn find(text: &[u8], piece: &[u8]) -> Option<usize> {
    let (Some(first), true) = (piece.first(), piece.len() <= text.len()) else {
        return piece.is_empty().then_some(0);
    };
    let both = [*first, first.to_ascii_uppercase()];
    let last = text.len() - piece.len();
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(both[0], both[1], &text[from..=last])?;
        if text[at..at + piece.len()].eq_ignore_ascii_case(piece) {
            return Some(at);
        }
        from = at + 1;
        if from > last {
            return None;
        }
    }
}

/// Reads a pattern, or a list of them.
pub(super) fn patterns(node: &Node, problems: &mut Problems) -> Option<Vec<Pattern>> {
    value::list(one)(node, problems)
}

fn one(node: &Node, problems: &mut Problems) -> Option<Pattern> {
    value::text(node, problems).map(|text| Pattern::new(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, whole: bool, part: bool) {
        assert_eq!(Pattern::new(pattern).matches(text.as_bytes()), whole, "{pattern} on {text}");
        assert_eq!(Pattern::new(pattern).occurs_in(text.as_bytes()), part, "{pattern} in {text}");
    }

    #[test]
    fn a_star_stands_for_anything() {
        check("sale", "SALE", true, true);
        check("sale", "big sale today", false, true);
        check("*sale*", "big Sale today", true, true);
        check("*sale", "big sale today", false, true);
        check("big*today", "big sale today", true, true);
        check("big*big", "big", false, false);
        check("a*b*c", "aXbXc", true, true);
        check("a*b*c", "acb", false, false);
        check("*", "", true, true);
        check("vip-*@bigbox.test", "vip-1@bigbox.test", true, true);
        check("ss", "sasassb", false, true);
    }

    #[test]
    fn only_what_has_no_star_is_one_text() {
        assert_eq!(Pattern::new("Ann@bigbox.test").only(), Some("ann@bigbox.test"));
        assert_eq!(Pattern::new("ann*").only(), None);
    }
}
