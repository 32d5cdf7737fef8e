//! How many counted attempts each recipient had.

use record::Event;

use super::each::{self, Yardstick};
use super::{Argument, Metric, WHO_WHY_AND_OUTCOME};
use crate::expect::language::Comparables;
use crate::expect::replay::Recipient;

pub(super) const METRICS: &[Metric] = &[Metric {
    name: "attempts",
    about: "The number of counted attempts of each recipient that passes the filter. It must be as wanted for every one \
            of them, and for at least one. Attempts that a provider's throttling cut short are not counted.",
    unit: "attempts",
    example: "attempts(delivered, northmail) == 4",
    comparables: Comparables::Counts,
    argument: Argument::None,
    filters: WHO_WHY_AND_OUTCOME,
    needs: None,
    follow: |setup| each::follow(setup, Attempts, Comparables::Counts),
}];

/// The play-back counts them already.
#[derive(Debug)]
struct Attempts;

impl Yardstick for Attempts {
    fn take(&mut self, _: &Event, _: usize) {}

    fn value(&self, _: usize, recipient: &Recipient) -> Option<u64> {
        recipient.state.is_selected().then_some(u64::from(recipient.attempts))
    }
}

#[cfg(test)]
mod tests {
    use record::{EventKind, Outcome, Record};

    use crate::expect::sample::{FULL, OK, REFUSED, SLOW_DOWN, Writer, fails, holds};

    /// Two delivered, at the second and the third attempt; one soft bounce after one; one throttled and not counted.
    fn run() -> Record {
        let mut run = Writer::new();
        run.select("0h", 0..4);
        for contact in [0, 1, 2] {
            run.attempt("0h", contact, 1, REFUSED);
        }
        run.event("0h", 3, 0, EventKind::AttemptBegun { attempt: 1, connection: 1 });
        run.event("0h", 3, 0, EventKind::Uncounted { verdict: SLOW_DOWN });
        run.attempt("1h", 0, 2, OK).settle("1h", 0, Outcome::Delivered, Some(OK));
        run.attempt("1h", 1, 2, REFUSED).attempt("6h", 1, 3, OK).settle(
            "6h",
            1,
            Outcome::Delivered,
            Some(OK),
        );
        run.settle("30h", 2, Outcome::SoftBounced, Some(FULL));
        run.record()
    }

    #[test]
    fn every_one_that_passes_must_have_them() {
        holds(&run(), "attempts(delivered) in 2..3");
        holds(&run(), "attempts(delivered) == 2 at 1h");
        holds(&run(), "attempts(c000002@northmail.test) == 3 by 6h");
        holds(&run(), "attempts(soft_bounced, mailbox-full) == 1");
        holds(&run(), "attempts(in_progress) == 0");
        holds(&run(), "attempts(temporary-outage) >= 1 at 1h");
        holds(&run(), "attempts <= 3");
    }

    #[test]
    fn a_failure_names_those_with_other_numbers() {
        fails(
            &run(),
            "attempts(northmail) == 2",
            &[
                "2 for each recipient at the end, but 1..3 for 2 of 3",
                "it held at no instant",
                "c000002@northmail.test: 3, c000003@northmail.test: 1",
                "1 delivered at northmail: 250 queued",
                "1 soft_bounced at northmail: 452 4.2.2 mailbox full",
                "c000002@northmail.test",
                "c000003@northmail.test",
            ],
        );
        fails(
            &run(),
            "attempts(delivered) == 2 by 1h",
            &[
                "2 for each recipient from 1h on, but 3 for 1 of 2 at 6h",
                "it held from 1h until 6h",
                "1 delivered at northmail: 250 queued",
                "c000002@northmail.test",
            ],
        );
    }

    #[test]
    fn nobody_has_no_attempts() {
        fails(
            &run(),
            "attempts(hard_bounced) == 0",
            &[
                "0 for each recipient at the end, but nobody: no recipient (hard_bounced) has it",
                "it held at no instant",
            ],
        );
    }
}
