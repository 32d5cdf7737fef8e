//! Searching a text for all words of all rules at once.
//!
//! A phrase is one or more pieces of folded text; ` .. ` between two of them lets up to [`GAP_BYTES`] other bytes stand there.
//! A piece matches whole words, unless a `*` at its end lets the word go on (`quota*`, `*ofr_`). All pieces of all phrases are
//! searched for in one pass (Aho-Corasick), so the time grows with the text and not with the number of rules, and nothing
//! backtracks.

use std::collections::BTreeMap;
use std::fmt;

use daachorse::DoubleArrayAhoCorasick;

use crate::fold::fold;

/// How many bytes may stand where a phrase has ` .. `: a name, an address, a few words.
const GAP_BYTES: usize = 60;

/// The most pieces that all rules together may have.
const BITS_MAX: usize = 4096;

/// The number of a piece.
type PieceId = u32;

/// A phrase: its pieces, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase(Vec<PieceId>);

impl Phrase {
    /// The piece to look for first: the longest says most.
    pub(super) fn key(&self, pieces: &Pieces) -> PieceId {
        let longest = self.0.iter().max_by_key(|piece| pieces.list[**piece as usize].text.len());
        *longest.expect("a phrase has a piece")
    }
}

/// All pieces that are looked for, while they are collected.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    list: Vec<Piece>,
    numbers: BTreeMap<Piece, PieceId>,
}

/// Some words, folded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    text: Vec<u8>,
    starts: Edge,
    ends: Edge,
}

/// What may stand beside a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    /// No letter or digit: a word starts or ends here.
    OfWord,
    /// Anything.
    Open,
}

impl Pieces {
    /// Takes a phrase in; why not, if it is none.
    pub(super) fn add(&mut self, phrase: &str) -> Result<Phrase, String> {
        let pieces: Result<Vec<PieceId>, String> =
            phrase.split(" .. ").map(|piece| Ok(self.number(Piece::parse(piece)?))).collect();
        Ok(Phrase(pieces?))
    }

    fn number(&mut self, piece: Piece) -> PieceId {
        let next = PieceId::try_from(self.list.len()).expect("fewer than four billion pieces");
        *self.numbers.entry(piece).or_insert_with_key(|piece| {
            self.list.push(piece.clone());
            next
        })
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The searcher for them.
    pub(super) fn searcher(&self) -> Searcher {
        let mut by_text: BTreeMap<&[u8], Vec<Variant>> = BTreeMap::new();
        for (piece, written) in (0..).zip(&self.list) {
            let variant = Variant { piece, starts: written.edge_at_start(), ends: written.edge_at_end() };
            by_text.entry(&written.text).or_default().push(variant);
        }
        let mut variants = Vec::with_capacity(self.list.len());
        let mut texts = Vec::with_capacity(by_text.len());
        for (text, mut same) in by_text {
            let first = u32::try_from(variants.len()).expect("fewer than four billion pieces");
            texts.push((text, first));
            variants.append(&mut same);
        }
        let ends = texts.iter().skip(1).map(|(_, first)| *first).chain([variants.len() as u32]);
        let texts: Vec<_> =
            texts.iter().zip(ends).map(|((text, first), end)| (*text, (*first, end))).collect();
        let automaton = DoubleArrayAhoCorasick::with_values(texts)
            .expect("the pieces of all rules fit into an automaton");
        assert!(self.list.len() <= BITS_MAX, "{} pieces: raise BITS_MAX", self.list.len());
        Searcher { automaton, variants }
    }
}

impl Piece {
    fn parse(text: &str) -> Result<Self, String> {
        let (text, starts) = match text.strip_prefix('*') {
            Some(rest) => (rest, Edge::Open),
            None => (text, Edge::OfWord),
        };
        let (text, ends) = match text.strip_suffix('*') {
            Some(rest) => (rest, Edge::Open),
            None => (text, Edge::OfWord),
        };
        let folded = fold(std::iter::once(text.as_bytes()));
        if folded != text.as_bytes() {
            return Err(format!(
                "`{text}` never occurs: texts are compared in the form `{}`",
                String::from_utf8_lossy(&folded)
            ));
        }
        if text.is_empty() {
            return Err("a phrase has a piece without words".to_owned());
        }
        Ok(Self { text: folded, starts, ends })
    }

    /// A word can only be cut where the piece has a letter or digit at its edge.
    fn edge_at_start(&self) -> Edge {
        if self.text.first().is_some_and(u8::is_ascii_alphanumeric) { self.starts } else { Edge::Open }
    }

    fn edge_at_end(&self) -> Edge {
        if self.text.last().is_some_and(u8::is_ascii_alphanumeric) { self.ends } else { Edge::Open }
    }
}

/// A piece with what may stand beside it.
#[derive(Debug, Clone, Copy)]
struct Variant {
    piece: PieceId,
    starts: Edge,
    ends: Edge,
}

/// Finds all pieces in a text.
pub(super) struct Searcher {
    /// For each text, where the pieces with this text are in `variants`: first and end.
    automaton: DoubleArrayAhoCorasick<(u32, u32)>,
    variants: Vec<Variant>,
}

impl fmt::Debug for Searcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Searcher").field("pieces", &self.variants.len()).finish_non_exhaustive()
    }
}

impl Searcher {
    /// All pieces in a folded text.
    pub(super) fn search(&self, text: &[u8]) -> Hits {
        let mut hits = Hits { list: Vec::with_capacity(24), present: [0; BITS_MAX / 64] };
        let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        for found in self.automaton.find_overlapping_iter(text) {
            let cut_before = found.start().checked_sub(1).is_some_and(|before| is_word(text.get(before)));
            let cut_behind = is_word(text.get(found.end()));
            let (first, end) = found.value();
            for variant in &self.variants[first as usize..end as usize] {
                if (cut_before && variant.starts == Edge::OfWord)
                    || (cut_behind && variant.ends == Edge::OfWord)
                {
                    continue;
                }
                let piece = variant.piece as usize;
                hits.present[piece / 64] |= 1 << (piece % 64);
                hits.list.push((variant.piece, found.start() as u32, found.end() as u32));
            }
        }
        hits
    }
}

/// What was found in a text.
#[derive(Debug)]
pub(super) struct Hits {
    /// Piece, start and end, in the order of the ends.
    list: Vec<(PieceId, u32, u32)>,
    /// One bit a piece.
    present: [u64; BITS_MAX / 64],
}

impl Hits {
    /// The pieces found, in the order of their ends, as often as they occur.
    pub(super) fn pieces(&self) -> impl Iterator<Item = PieceId> {
        self.list.iter().map(|(piece, ..)| *piece)
    }

    /// The pieces found, each once.
    pub(super) fn distinct(&self) -> impl Iterator<Item = PieceId> {
        (0..).zip(&self.present).flat_map(|(word, bits): (PieceId, &u64)| {
            let lowest_off = |bits: &u64| Some(bits & (bits - 1)).filter(|bits| *bits != 0);
            let rest = std::iter::successors(Some(*bits).filter(|bits| *bits != 0), lowest_off);
            rest.map(move |bits| word * 64 + bits.trailing_zeros())
        })
    }

    pub(super) fn has(&self, piece: PieceId) -> bool {
        let piece = piece as usize;
        self.present[piece / 64] & (1 << (piece % 64)) != 0
    }

    /// Whether the phrase occurs: all its pieces, in order, none too far from the one before.
    pub(super) fn contain(&self, phrase: &Phrase) -> bool {
        let pieces = &phrase.0;
        if !pieces.iter().all(|piece| self.has(*piece)) {
            return false;
        }
        if pieces.len() == 1 {
            return true;
        }
        // Where the latest occurrence of the first pieces ends, for each number of pieces.
        let mut ends: [Option<u32>; PIECES_MAX] = [None; PIECES_MAX];
        for (piece, start, end) in &self.list {
            for index in (0..pieces.len()).rev().filter(|index| pieces[*index] == *piece) {
                let follows = index == 0
                    || ends[index - 1]
                        .is_some_and(|before| before <= *start && (*start - before) as usize <= GAP_BYTES);
                if follows {
                    ends[index] = Some(*end);
                }
            }
        }
        ends[pieces.len() - 1].is_some()
    }
}

/// The most pieces that a phrase may have.
pub(super) const PIECES_MAX: usize = 4;

impl Phrase {
    pub(super) const fn pieces(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_match_whole_words_in_order() {
        let check = |phrase: &str, text: &str, expected: bool| {
            let mut pieces = Pieces::default();
            let phrase = pieces.add(phrase).expect("a phrase");
            let hits = pieces.searcher().search(text.as_bytes());
            assert_eq!(hits.contain(&phrase), expected, "{phrase:?} {text}");
        };
        check("full", "mailbox is full.", true);
        check("full", "carefully", false);
        check("full*", "fully", true);
        check("*full", "overfull", true);
        check("ofr_4*", "ofr_416 [416]", true);
        check("#5.7.1", "(#5.7.1)", true);
        check("mailbox .. full", "mailbox of ann is full", true);
        check("mailbox .. full", "full is the mailbox", false);
        check("mailbox .. full", "mailbox full", true);
        check("mailbox .. full", &format!("mailbox {} full", "x".repeat(80)), false);
        check("mailbox .. full", &format!("mailbox {} mailbox is full", "x".repeat(80)), true);
        check("a .. a", "a", false);
        check("a .. a", "a a", true);
        check("频率", "发送频率过高", true);
    }

    #[test]
    fn phrases_that_could_never_match_are_refused() {
        let refused = |phrase: &str| Pieces::default().add(phrase).expect_err(phrase);
        assert!(refused("Mailbox full").contains("`mailbox full`"));
        assert!(refused("two  spaces").contains("`two spaces`"));
        assert!(refused("a ..  .. b").contains("without words") || refused("").contains("without words"));
    }
}
