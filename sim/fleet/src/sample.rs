//! Which connections of a provider are kept word for word.
//!
//! A sample that depends on the provider's own connections only, so that neither shards nor threads reach it: the first four,
//! each whose number is a power of two, and of each rebuff (rule, command and code) the first two connections that met it.

use std::collections::BTreeMap;

use crate::transcript::{Dialogue, Rebuff, Standing, Transcript};

/// How many connections of a provider are kept at most.
const MOST: usize = 100;

/// How many connections are kept for the same rebuff.
const FOR_EACH: usize = 2;

/// The connections of a provider that are kept.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    chosen: usize,
    /// The connections that met each rebuff first.
    met: BTreeMap<Rebuff, Vec<u32>>,
    /// Those that have ended, in the order of their ends.
    pub(crate) kept: Vec<Dialogue>,
    /// Transcripts that were not kept, for their room.
    spare: Vec<Transcript>,
}

impl Sample {
    /// An empty transcript for the connection with this number.
    pub(crate) fn begin(&mut self, connection: u32) -> Transcript {
        let mut transcript = self.spare.pop().unwrap_or_default();
        if connection < 4 || connection.is_power_of_two() {
            self.choose(&mut transcript);
        }
        transcript
    }

    /// A connection met a rebuff that its transcript shows. Nothing grows with what a client may invent.
    pub(crate) fn meet(&mut self, rebuff: Rebuff, connection: u32, transcript: &mut Transcript) {
        if self.chosen >= MOST {
            return;
        }
        let met = self.met.entry(rebuff).or_default();
        if met.len() < FOR_EACH && !met.contains(&connection) {
            met.push(connection);
            self.choose(transcript);
        }
    }

    /// The connection with this number has ended.
    pub(crate) fn end(&mut self, provider: u32, connection: u32, mut transcript: Transcript) {
        match transcript.standing {
            Standing::Kept => self.kept.push(transcript.take(provider, connection)),
            Standing::Passing => transcript.clear(),
        }
        self.spare.push(transcript);
    }

    fn choose(&mut self, transcript: &mut Transcript) {
        if transcript.standing == Standing::Passing && self.chosen < MOST {
            self.chosen += 1;
            transcript.standing = Standing::Kept;
        }
    }
}

#[cfg(test)]
mod tests {
    use smtp::server::{Heard, Step, Then};
    use units::Instant;

    use super::*;

    const FULL: Rebuff = Rebuff { rule: Some(1), verb: *b"RCPT", code: *b"452" };

    /// The numbers of those that are kept of so many connections; each meets what `meets` says.
    fn kept(connections: u32, meets: impl Fn(u32) -> Option<Rebuff>) -> Vec<u32> {
        let mut sample = Sample::default();
        for connection in 1..=connections {
            let mut transcript = sample.begin(connection);
            for _ in 0..3 {
                meets(connection)
                    .into_iter()
                    .for_each(|rebuff| sample.meet(rebuff, connection, &mut transcript));
            }
            sample.end(0, connection, transcript);
        }
        sample.kept.iter().map(|dialogue| dialogue.connection).collect()
    }

    #[test]
    fn the_first_and_fewer_and_fewer_later_ones_are_kept() {
        assert_eq!(kept(100, |_| None), [1, 2, 3, 4, 8, 16, 32, 64]);
    }

    #[test]
    fn each_rebuff_has_two() {
        let meets = |connection| (connection > 8 && connection % 5 == 0).then_some(FULL);
        assert_eq!(kept(40, meets), [1, 2, 3, 4, 8, 10, 15, 16, 32]);
    }

    #[test]
    fn there_is_an_end() {
        let meets = |connection| Some(Rebuff { rule: Some(connection), ..FULL });
        assert_eq!(kept(1000, meets).len(), MOST);
    }

    #[test]
    fn invented_commands_take_no_room() {
        let mut sample = Sample::default();
        let mut transcript = sample.begin(1);
        for number in 0..10_000 {
            let line = format!("{number:04} \r\n");
            let said = b"500 5.5.2 What?\r\n";
            let step = Step { kind: Heard::Command, bytes: line.as_bytes(), said, then: Then::Continue };
            let rebuff = transcript.step(Instant::ZERO, step, 0).expect("it is one");
            sample.meet(rebuff, 1, &mut transcript);
            sample.meet(FULL, 1, &mut transcript);
        }
        assert_eq!((sample.met.len(), sample.chosen), (2, 1));
    }

    #[test]
    fn when_enough_are_chosen_nothing_more_is_noted() {
        let mut sample = Sample { chosen: MOST, ..Sample::default() };
        sample.meet(FULL, 5, &mut Transcript::default());
        assert!(sample.met.is_empty());
    }
}
