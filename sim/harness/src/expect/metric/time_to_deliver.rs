//! How long a delivery took.

use record::{Event, EventKind, Nanos, Outcome};

use super::each::{self, Yardstick};
use super::{Argument, Metric, WHO};
use crate::expect::language::Comparables;
use crate::expect::replay::{Recipient, State};

pub(super) const METRICS: &[Metric] = &[Metric {
    name: "time_to_deliver",
    about: "The time from the moment a recipient was selected (for an automated mailing: joined) to its delivery, for each \
            delivered recipient that passes the filter. It must be as wanted for every one of them, and for at least one.",
    unit: "time",
    example: "time_to_deliver(bigbox) <= 10m",
    comparables: Comparables::Times,
    argument: Argument::None,
    filters: WHO,
    needs: None,
    follow: |setup| {
        let recipients = setup.record.mailings.len() * setup.record.contacts.len();
        each::follow(setup, TimeToDeliver { times: vec![0; recipients] }, Comparables::Times)
    },
}];

#[derive(Debug)]
struct TimeToDeliver {
    /// Of each recipient: when it was selected; once it is delivered, how long that took.
    times: Vec<Nanos>,
}

impl Yardstick for TimeToDeliver {
    fn take(&mut self, event: &Event, index: usize) {
        match event.kind {
            EventKind::Selected => self.times[index] = event.at,
            EventKind::Settled { outcome: Outcome::Delivered, .. } => {
                self.times[index] = event.at.saturating_sub(self.times[index]);
            }
            _ => {}
        }
    }

    fn value(&self, index: usize, recipient: &Recipient) -> Option<u64> {
        (recipient.state == State::Delivered).then(|| self.times[index])
    }
}

#[cfg(test)]
mod tests {
    use record::{Outcome, Record};

    use crate::expect::sample::{OK, REFUSED, UNKNOWN, Writer, fails, holds};

    fn run() -> Record {
        let mut run = Writer::new();
        run.select("1h", [0]).attempt("1h", 0, 1, OK).settle("1h2s", 0, Outcome::Delivered, Some(OK));
        run.select("2h", [1]).attempt("2h", 1, 1, REFUSED).attempt("3h", 1, 2, OK);
        run.settle("3h", 1, Outcome::Delivered, Some(OK));
        run.select("2h", [3]).attempt("2h", 3, 1, UNKNOWN).settle(
            "9h",
            3,
            Outcome::HardBounced,
            Some(UNKNOWN),
        );
        run.record()
    }

    #[test]
    fn it_counts_from_the_moment_of_selection() {
        holds(&run(), "time_to_deliver in 2s..60m");
        holds(&run(), "time_to_deliver <= 2s at 2h");
        fails(
            &run(),
            "time_to_deliver(northmail) < 10m",
            &[
                "< 10m for each recipient at the end, but 1h for 1 of 2",
                "it held from 1h2s until 3h",
                "1 delivered at northmail: 250 queued",
                "c000002@northmail.test",
            ],
        );
    }

    #[test]
    fn those_who_are_not_delivered_have_none() {
        fails(
            &run(),
            "time_to_deliver(bigbox) < 10m",
            &[
                "< 10m for each recipient at the end, but nobody: no recipient (bigbox) has it",
                "it held at no instant",
            ],
        );
    }
}
