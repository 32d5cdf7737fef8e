//! Messages that the fleet accepted more than once.

use record::{Answer, Arrival};
use units::Table;

use super::series::Series;
use super::{Argument, Metric, Setup, WHO};
use crate::expect::language::Comparables;
use crate::expect::watch::Measure;

pub(super) const METRICS: &[Metric] = &[Metric {
    name: "duplicates",
    about: "Recipients whose server accepted the message of one mailing more than once, up to the instant asked for. Acceptances \
            whose reply was lost are counted. From the receipts.",
    unit: "recipients",
    example: "duplicates(northmail) == 0",
    comparables: Comparables::Counts,
    argument: Argument::None,
    filters: WHO,
    needs: None,
    follow,
}];

fn follow(setup: Setup<'_>) -> Measure {
    let Setup { record, scope, condition, .. } = setup;
    // How often a server accepted a message from this sender for this recipient.
    let mut acceptances: Table<(u32, u32), u32> = Table::default();
    let mut second: Vec<&Arrival> = Vec::new();
    let accepted = record.receipts.arrivals.iter().filter(|arrival| was_accepted(arrival.answer));
    for arrival in accepted.filter(|arrival| scope.covers_receipt(arrival, record)) {
        let times = acceptances.entry((arrival.sender, arrival.recipient)).or_insert(0);
        *times += 1;
        if *times == 2 {
            second.push(arrival);
        }
    }
    let address = |arrival: &&Arrival| record.receipts.recipients[arrival.recipient as usize].clone();
    let whom = second.iter().map(address).collect();
    let series = Series::counting(second.into_iter().map(|arrival| arrival.at), condition).about(whom);
    let nobody = || format!("nobody: no message{} was accepted by the fleet", scope.suffix());
    Measure::Receipts(Box::new(if acceptances.is_empty() { series.about_nobody(nobody()) } else { series }))
}

const fn was_accepted(answer: Answer) -> bool {
    match answer {
        Answer::Accepted { .. } | Answer::AcceptedReplyLost { .. } => true,
        Answer::Refused { .. } | Answer::Unfinished => false,
    }
}

#[cfg(test)]
mod tests {
    use record::Record;

    use crate::expect::sample::{ACCEPTED, ACCEPTED_REPLY_LOST, REFUSED_RCPT, Writer, fails, holds};

    /// Ann accepts the first mailing thrice and the second once. The other refuses twice, and accepts each once.
    fn run() -> Record {
        let mut run = Writer::new();
        run.arrival("1h", 3, 0, ACCEPTED_REPLY_LOST)
            .arrival("2h", 3, 0, ACCEPTED)
            .arrival("3h", 3, 0, ACCEPTED);
        run.arrival("3h", 3, 1, ACCEPTED);
        run.arrival("1h", 0, 0, REFUSED_RCPT).arrival("2h", 0, 0, REFUSED_RCPT).arrival("3h", 0, 0, ACCEPTED);
        run.arrival("4h", 0, 1, ACCEPTED);
        run.record()
    }

    #[test]
    fn a_recipient_counts_once_for_each_mailing() {
        holds(&run(), "duplicates == 1 by 2h");
        holds(&run(), "duplicates == 0 at 1h");
        holds(&run(), "duplicates(northmail) == 0");
        holds(&run(), "duplicates(spring-sale, bigbox.test, ann@bigbox.test) == 1");
        holds(&run(), "duplicates(\"summer sale, part 2\") == 0");
    }

    #[test]
    fn a_failure_names_them() {
        fails(
            &run(),
            "duplicates == 0",
            &["0 at the end, but 1", "it held from 0h until 2h", "ann@bigbox.test"],
        );
        fails(
            &run(),
            "duplicates(bigbox-only) == 0",
            &["0 at the end, but nobody: no message (bigbox-only) was accepted by the fleet"],
        );
    }
}
