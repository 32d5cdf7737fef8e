//! What came back after messages were accepted, as the engine heard it. Beside the counters of outcomes, none of which it changes.

use record::{EventKind, Feedback};

use super::series::Series;
use super::{Argument, Metric, Setup, WHO, WHO_AND_WHY, events};
use crate::expect::language::Comparables;
use crate::expect::watch::Measure;

pub(super) const METRICS: &[Metric] = &[
    Metric {
        name: "late_bounced",
        about: "Recipients whose message was delivered and reported as bounced afterwards: `late_soft_bounced` + \
                `late_hard_bounced`. They stay `delivered`.",
        example: "late_bounced(bigbox, unknown-user) == 8",
        filters: WHO_AND_WHY,
        follow: |setup| events::follow(setup, |event, _| is(event, Feedback::is_late_bounce)),
        ..HEARD
    },
    Metric {
        name: "late_soft_bounced",
        about: "Recipients whose message was delivered and given up afterwards for a temporary reason.",
        example: "late_soft_bounced(mailbox-full) == 3 by 48h",
        filters: WHO_AND_WHY,
        follow: |setup| events::follow(setup, |event, _| is(event, |what| what == Feedback::LateSoftBounce)),
        ..HEARD
    },
    Metric {
        name: "late_hard_bounced",
        about: "Recipients whose message was delivered and refused for good afterwards.",
        example: "late_hard_bounced(northmail) <= 1%",
        filters: WHO_AND_WHY,
        follow: |setup| events::follow(setup, |event, _| is(event, |what| what == Feedback::LateHardBounce)),
        ..HEARD
    },
    Metric {
        name: "complained",
        about: "Recipients that complained about spam, each once in a mailing.",
        example: "complained(northmail) <= 0.1% by 48h",
        follow: |setup| events::follow(setup, |event, _| is(event, |what| what == Feedback::Complaint)),
        ..HEARD
    },
    Metric {
        name: "unsubscribed",
        about: "Recipients that left by the link of the message or by writing to its address for that, each once in a mailing.",
        example: "unsubscribed(spring-sale) == 2",
        follow: |setup| events::follow(setup, |event, _| is(event, |what| what == Feedback::Unsubscribe)),
        ..HEARD
    },
    Metric {
        name: "reports_ignored",
        about: "What came back to a return path of the mailing's and had no consequence: delays, arrivals, automatic answers, \
                what was said before, what is about somebody who was not delivered, what cannot be read.",
        unit: "reports",
        example: "reports_ignored(bigbox) == 0",
        comparables: Comparables::Counts,
        follow: |setup| events::follow(setup, |event, _| is(event, Feedback::is_ignored)),
        ..HEARD
    },
    Metric {
        name: "strays",
        about: "What came back to an address, or by a link, that the engine did not make for anybody, or whose token is damaged or \
                forged. It is about nobody, and nothing follows from it.",
        unit: "reports",
        example: "strays == 0",
        comparables: Comparables::Counts,
        filters: &[],
        follow: |Setup { record, condition, .. }| {
            let instants = record.strays.iter().map(|stray| stray.at);
            Measure::Receipts(Box::new(Series::counting(instants, condition)))
        },
        ..HEARD
    },
];

/// What they have in common.
const HEARD: Metric = Metric {
    name: "",
    about: "",
    unit: "recipients",
    example: "",
    comparables: Comparables::CountsAndShares,
    argument: Argument::None,
    filters: WHO,
    needs: None,
    follow: |setup| events::follow(setup, |event, _| is(event, |_| true)),
};

fn is(event: &EventKind, wanted: impl Fn(Feedback) -> bool) -> bool {
    match event {
        EventKind::Feedback { what, .. } => wanted(*what),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use record::{EventKind, Feedback, Outcome, Record, Stray, StrayReason};

    use crate::expect::sample::{FULL, OK, UNKNOWN, Writer, fails, holds};

    /// Five delivered at once; then two late bounces, a complaint, somebody who leaves, and two delays.
    fn run() -> Record {
        let mut run = Writer::new();
        run.select("0h", 0..5);
        for contact in 0..5 {
            run.attempt("1s", contact, 1, OK).settle("1s", contact, Outcome::Delivered, Some(OK));
        }
        for (when, contact, what, verdict) in [
            ("1h", 3, Feedback::LateHardBounce, Some(UNKNOWN)),
            ("2h", 4, Feedback::Delayed, None),
            ("3h", 4, Feedback::Delayed, None),
            ("40h", 4, Feedback::LateSoftBounce, Some(FULL)),
            ("41h", 0, Feedback::Complaint, None),
            ("42h", 1, Feedback::Unsubscribe, None),
        ] {
            run.event(when, contact, 0, EventKind::Feedback { what, verdict });
        }
        run.record()
    }

    #[test]
    fn what_comes_back_is_counted_beside_what_was_delivered() {
        for text in [
            "delivered == 5",
            "late_bounced == 1 at 39h",
            "late_bounced == 2",
            "late_bounced(bigbox, unknown-user) == 1",
            "late_soft_bounced(mailbox-full) == 1 by 40h",
            "late_hard_bounced == 1 by 1h",
            "late_hard_bounced(northmail) == 0",
            "complained == 1",
            "complained(northmail) == 0 at 40h",
            "complained <= 20%",
            "unsubscribed(spring-sale) == 1",
            "reports_ignored == 2",
            "reports_ignored(northmail) == 0",
        ] {
            holds(&run(), text);
        }
    }

    #[test]
    fn strays_are_counted_over_time() {
        let mut run = run();
        holds(&run, "strays == 0");
        run.strays =
            [1, 2].map(|at| Stray { at, to: "b@sender.example".into(), why: StrayReason::Forged }).to_vec();
        holds(&run, "strays == 2");
        holds(&run, "strays == 0 at 0h");
    }

    #[test]
    fn a_failure_names_reasons_and_addresses() {
        fails(
            &run(),
            "late_bounced(unknown-user) == 0",
            &[
                "0 at the end, but 1",
                "it held from 0h until 1h",
                "1 delivered at bigbox: 550 5.1.1 no such user here",
                "ann@bigbox.test",
            ],
        );
        fails(
            &run(),
            "complained < 20% by 41h",
            &[
                "< 20% from 41h on, but 20% (1 of 5)",
                "it held from 0h until 41h",
                "1 delivered at northmail",
                "c000001@northmail.test",
            ],
        );
    }
}
