//! How long after one counted attempt the next one was begun.

use record::{Event, EventKind, Nanos};

use super::each::{self, Yardstick};
use super::{Argument, Metric, WHO_WHY_AND_OUTCOME};
use crate::expect::language::Comparables;
use crate::expect::replay::Recipient;

pub(super) const METRICS: &[Metric] = &[Metric {
    name: "gap",
    about: "The time from the beginning of the attempt whose number stands first in the parentheses to the beginning of the \
            next one, for each recipient that passes the filter and has both. It must be as wanted for every one of them, and \
            for at least one. Only counted attempts have a number.",
    unit: "time",
    example: "gap(1, northmail) in 59m..61m",
    comparables: Comparables::Times,
    argument: Argument::Attempt,
    filters: WHO_WHY_AND_OUTCOME,
    needs: None,
    follow: |setup| {
        let recipients = setup.record.mailings.len() * setup.record.contacts.len();
        let gap = Gap { first: setup.argument, begun: vec![[0; 2]; recipients] };
        each::follow(setup, gap, Comparables::Times)
    },
}];

#[derive(Debug)]
struct Gap {
    /// The number of the first of the two attempts.
    first: u8,
    /// When each recipient's first and second of the two were begun. An attempt that was cut short and begun again
    /// keeps its number, so the last beginning counts.
    begun: Vec<[Nanos; 2]>,
}

impl Yardstick for Gap {
    fn take(&mut self, event: &Event, index: usize) {
        let EventKind::AttemptBegun { attempt, .. } = event.kind else { return };
        if let Some(which @ 0..=1) = attempt.checked_sub(self.first) {
            self.begun[index][usize::from(which)] = event.at;
        }
    }

    fn value(&self, index: usize, recipient: &Recipient) -> Option<u64> {
        let [first, second] = self.begun[index];
        (recipient.attempts > self.first).then(|| second.saturating_sub(first))
    }
}

#[cfg(test)]
mod tests {
    use record::{EventKind, Record};

    use crate::expect::sample::{REFUSED, SLOW_DOWN, Writer, fails, holds};

    /// The first is tried again after an hour and after five more; the second is slowed down when it is tried again.
    fn run() -> Record {
        let mut run = Writer::new();
        run.select("0h", 0..3);
        run.attempt("1m", 0, 1, REFUSED).attempt("1h1m", 0, 2, REFUSED).attempt("6h1m", 0, 3, REFUSED);
        run.attempt("1m", 1, 1, REFUSED);
        run.event("1h1m", 1, 0, EventKind::AttemptBegun { attempt: 2, connection: 1 });
        run.event("1h1m", 1, 0, EventKind::Uncounted { verdict: SLOW_DOWN });
        run.attempt("1h6m", 1, 2, REFUSED);
        run.attempt("1m", 2, 1, REFUSED);
        run.record()
    }

    #[test]
    fn only_those_who_have_both_attempts_are_measured() {
        holds(&run(), "gap(1, northmail) in 60m..65m");
        holds(&run(), "gap(1) == 60m at 1h5m");
        holds(&run(), "gap(2) == 5h");
        fails(
            &run(),
            "gap(3) == 5h",
            &["5h for each recipient at the end, but nobody: no recipient has it", "it held at no instant"],
        );
    }

    #[test]
    fn a_failure_names_those_who_waited_otherwise() {
        fails(
            &run(),
            "gap(1) in 59m..61m",
            &[
                "59m..1h1m for each recipient at the end, but 1h5m for 1 of 2",
                "it held from 1h1m until 1h6m",
                "1 in_progress at northmail: connection refused",
                "c000002@northmail.test",
            ],
        );
    }
}
