//! What a server has said and its client has not taken yet, with the moments at which it is due.
//!
//! A file of its own because of the rule that makes two wires agree: turns leave one after the other, each `after` the one
//! before it or after it was made, whichever is later.

use std::collections::VecDeque;
use std::time::Duration;

use fleet::behaviour::Pieces;
use smtp::server::{Then, Turn};
use units::Instant;

/// How much may wait before nothing more is heard, in bytes. One piece of input is answered with 16 times its size at most.
const ROOM_BYTES: usize = 64 * 1024;

/// What waits to be said.
#[derive(Debug)]
pub(super) struct Outgoing {
    turns: VecDeque<Said>,
    /// How many bytes wait.
    bytes: usize,
    /// When the last turn is due.
    latest: Instant,
    silent: bool,
    /// In which pieces turns leave, if not as a whole.
    pieces: Option<Pieces>,
}

/// A turn that waits to be said.
#[derive(Debug)]
pub(super) struct Said {
    /// When what it answers was heard.
    heard: Instant,
    /// When it is due.
    at: Instant,
    bytes: Vec<u8>,
    /// How many of them were taken.
    taken: usize,
    /// Where the piece ends that is due.
    piece_end: usize,
    then: Then,
}

impl Said {
    /// What the client has not taken yet.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.taken..self.piece_end.min(self.bytes.len())]
    }

    /// The client took so many bytes.
    pub(super) fn taken(&mut self, count: usize) {
        self.taken += count;
    }
}

impl Outgoing {
    pub(super) const fn new(now: Instant, pieces: Option<Pieces>) -> Self {
        Self { turns: VecDeque::new(), bytes: 0, latest: now, silent: false, pieces }
    }

    /// Adds what answers something that was heard at `now`. What was heard at the same moment is answered together.
    pub(super) fn add(&mut self, turn: Turn, now: Instant) {
        if turn.bytes.is_empty() && turn.then == Then::Continue {
            return;
        }
        self.bytes += turn.bytes.len();
        self.latest = self.latest.max(now) + turn.after;
        match self.turns.back_mut() {
            Some(last)
                if self.pieces.is_none()
                    && last.heard == now
                    && last.taken == 0
                    && last.then == Then::Continue =>
            {
                last.bytes.extend_from_slice(&turn.bytes);
                (last.at, last.then) = (self.latest, turn.then);
            }
            Some(_) | None => {
                let Turn { bytes, then, .. } = turn;
                let piece_end = self.pieces.map_or(usize::MAX, |pieces| pieces.bytes);
                let spread = self.pieces.map_or(Duration::ZERO, |pieces| pieces.take(bytes.len()));
                let at = self.latest;
                self.latest += spread;
                self.turns.push_back(Said { heard: now, at, bytes, taken: 0, piece_end, then });
            }
        }
    }

    /// Whether more may be heard.
    pub(super) const fn has_room(&self) -> bool {
        self.bytes < ROOM_BYTES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// The turn that is to be said now.
    pub(super) fn due(&mut self, now: Instant) -> Option<&mut Said> {
        self.turns.front_mut().filter(|said| said.at <= now)
    }

    /// When the next turn is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.turns.front().map(|said| said.at)
    }

    /// Whether more of the turn that is due is left, which is due later then.
    pub(super) fn goes_on(&mut self) -> bool {
        let (Some(pieces), Some(said)) = (self.pieces, self.turns.front_mut()) else { return false };
        if said.taken >= said.bytes.len() {
            return false;
        }
        said.piece_end += pieces.bytes;
        said.at += pieces.every;
        true
    }

    /// The turn that is due is said; what happens to the connection now.
    pub(super) fn done(&mut self) -> Then {
        let Some(said) = self.turns.pop_front() else { return Then::Continue };
        self.bytes -= said.bytes.len();
        said.then
    }

    /// Nothing is ever said again.
    pub(super) fn fall_silent(&mut self) {
        self.silent = true;
    }

    pub(super) const fn is_silent(&self) -> bool {
        self.silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    /// Turns as (heard, after, words), in seconds; what leaves as (at, words).
    fn check(turns: &[(u64, u64, &str)], expected: &[(u64, &str)]) {
        let mut outgoing = Outgoing::new(Instant::ZERO, None);
        for (heard, after, words) in turns {
            let (bytes, after) = (words.as_bytes().to_vec(), Duration::from_secs(*after));
            outgoing.add(Turn { bytes, after, then: Then::Continue }, second(*heard));
        }
        for (at, words) in expected {
            assert_eq!(outgoing.next(), Some(second(*at)), "{turns:?}");
            assert!(outgoing.due(second(at.saturating_sub(1))).is_none() || *at == 0, "{turns:?}");
            let said = outgoing.due(second(*at)).expect("it is due");
            assert_eq!(said.rest(), words.as_bytes(), "{turns:?}");
            assert_eq!(outgoing.done(), Then::Continue);
        }
        assert!(outgoing.is_empty() && outgoing.bytes == 0, "{turns:?}");
    }

    #[test]
    fn turns_leave_one_after_the_other() {
        check(&[], &[]);
        check(&[(0, 0, "a")], &[(0, "a")]);
        check(&[(1, 2, "a"), (2, 3, "b")], &[(3, "a"), (6, "b")]);
        check(&[(1, 2, "a"), (9, 3, "b")], &[(3, "a"), (12, "b")]);
    }

    #[test]
    fn what_comes_at_one_moment_is_answered_together() {
        check(&[(1, 2, "a"), (1, 3, "b"), (2, 0, "c")], &[(6, "ab"), (6, "c")]);
        check(&[(1, 2, "a"), (1, 0, ""), (1, 1, "b")], &[(4, "ab")]);
    }

    #[test]
    fn nothing_more_is_heard_while_much_waits() {
        let mut outgoing = Outgoing::new(Instant::ZERO, None);
        let bytes = vec![0; ROOM_BYTES];
        outgoing.add(Turn { bytes, ..Turn::default() }, Instant::ZERO);
        assert!(!outgoing.has_room());
        outgoing.done();
        assert!(outgoing.has_room());
    }

    #[test]
    fn a_turn_in_pieces_leaves_piece_by_piece() {
        let every = Duration::from_secs(2);
        let mut outgoing = Outgoing::new(Instant::ZERO, Some(Pieces { bytes: 2, every }));
        for words in ["abcde", "f"] {
            let turn =
                Turn { bytes: words.as_bytes().to_vec(), after: Duration::from_secs(1), ..Turn::default() };
            outgoing.add(turn, second(0));
        }
        let mut left = Vec::new();
        while let Some(at) = outgoing.next() {
            let said = outgoing.due(at).expect("it is due");
            left.push((at, String::from_utf8_lossy(said.rest()).into_owned()));
            said.taken(said.rest().len());
            if !outgoing.goes_on() {
                outgoing.done();
            }
        }
        let expected = [(1, "ab"), (3, "cd"), (5, "e"), (6, "f")];
        assert_eq!(left, expected.map(|(at, words)| (second(at), words.to_owned())));
    }
}
