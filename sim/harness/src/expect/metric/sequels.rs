//! What happened to messages after they were accepted: the fleet's truth, which the engine cannot see.

use record::{Answer, Arrival, Happening, Sequel};

use super::series::Series;
use super::{Argument, Metric, Setup, WHO};
use crate::expect::language::Comparables;
use crate::expect::watch::Measure;

pub(super) const METRICS: &[Metric] = &[
    metric(
        "inbox",
        "Messages that were put into the inbox, one for each recipient, up to the instant asked for. From the receipts of \
         providers with a `fate`, like all that follow here.",
        "inbox(northmail) == 80",
        |setup| follow(setup, Happening::Inbox),
    ),
    metric(
        "spam_folder",
        "Messages that were put into the spam folder.",
        "spam_folder(bigbox, spring-sale) <= 30",
        |setup| follow(setup, Happening::SpamFolder),
    ),
    metric(
        "lost",
        "Messages that were accepted and thrown away, and nobody was told.",
        "lost == 0",
        |setup| follow(setup, Happening::Lost),
    ),
    metric(
        "forwarded",
        "Messages that were sent on to another address.",
        "forwarded(northmail) == 2",
        |setup| follow(setup, Happening::Forwarded),
    ),
    metric(
        "bounced_later",
        "Messages that were accepted and could not be delivered after all, up to the instant at which the report about it \
         left the provider.",
        "bounced_later(bigbox) == 3 by 6h",
        |setup| follow(setup, Happening::BouncedLater),
    ),
    metric(
        "auto_replied",
        "Messages that a program answered in the recipient's absence.",
        "auto_replied == 1",
        |setup| follow(setup, Happening::AutoReplied),
    ),
    metric("opened", "Messages that were opened.", "opened(spring-sale) >= 100 by 24h", |setup| {
        follow(setup, Happening::Opened)
    }),
    metric("clicked", "Messages in which a link was followed.", "clicked(spring-sale) >= 10", |setup| {
        follow(setup, Happening::Clicked)
    }),
    metric(
        "complaints_sent",
        "Messages that the recipient called spam, up to the instant at which the provider told the sender.",
        "complaints_sent(northmail) == 1",
        |setup| follow(setup, Happening::Complained),
    ),
    metric(
        "unsubscribes_sent",
        "Messages whose recipient unsubscribed because of it.",
        "unsubscribes_sent == 2",
        |setup| follow(setup, Happening::Unsubscribed),
    ),
];

const fn metric(
    name: &'static str,
    about: &'static str,
    example: &'static str,
    follow: fn(Setup<'_>) -> Measure,
) -> Metric {
    Metric {
        name,
        about,
        unit: "messages",
        example,
        comparables: Comparables::Counts,
        argument: Argument::None,
        filters: WHO,
        needs: None,
        follow,
    }
}

fn follow(setup: Setup<'_>, wanted: Happening) -> Measure {
    let Setup { record, scope, condition, .. } = setup;
    let in_scope = |sequel: &&Sequel| scope.covers_receipt(&arrival(sequel), record);
    let sequels: Vec<&Sequel> = record.receipts.sequels.iter().filter(in_scope).collect();
    let fitting = || sequels.iter().filter(|sequel| sequel.what == wanted);
    let whom = fitting().map(|one| record.receipts.recipients[one.recipient as usize].clone()).collect();
    let series = Series::counting(fitting().map(|sequel| sequel.at), condition).about(whom);
    let nobody = || format!("nothing: no provider with a `fate` accepted a message{}", scope.suffix());
    Measure::Receipts(Box::new(if sequels.is_empty() { series.about_nobody(nobody()) } else { series }))
}

/// The arrival that a sequel is of, as far as filters look at it.
const fn arrival(sequel: &Sequel) -> Arrival {
    let Sequel { at, provider, connection, sender, recipient, .. } = *sequel;
    Arrival {
        at,
        provider,
        connection,
        sender,
        recipient,
        answer: Answer::Unfinished,
        rule: None,
        checks: record::Checks::NONE,
    }
}

#[cfg(test)]
mod tests {
    use record::{Happening, Record};

    use crate::expect::sample::{Writer, fails, holds};

    /// Two messages of the first mailing in inboxes of northmail, of which one is opened, clicked and complained about; one
    /// of bigbox in the spam folder, and one of the second mailing that bounces.
    fn run() -> Record {
        let mut run = Writer::new();
        run.sequel("1h", 0, 0, Happening::Inbox).sequel("1h", 1, 0, Happening::Inbox);
        run.sequel("2h", 3, 0, Happening::SpamFolder).sequel("3h", 0, 0, Happening::Opened);
        run.sequel("4h", 0, 0, Happening::Clicked).sequel("5h", 0, 0, Happening::Complained);
        run.sequel("6h", 3, 1, Happening::BouncedLater);
        run.record()
    }

    #[test]
    fn each_happening_is_counted_on_its_own() {
        holds(&run(), "inbox == 2");
        holds(&run(), "inbox(bigbox) == 0");
        holds(&run(), "spam_folder(bigbox, spring-sale) == 1");
        holds(&run(), "opened(northmail) == 1 by 3h");
        holds(&run(), "opened(northmail) == 0 at 2h");
        holds(&run(), "clicked == 1");
        holds(&run(), "complaints_sent(c000001@northmail.test) == 1");
        holds(&run(), "bounced_later(\"summer sale, part 2\") == 1");
        holds(&run(), "bounced_later(spring-sale) == 0");
        for nothing in ["lost", "forwarded", "auto_replied", "unsubscribes_sent"] {
            holds(&run(), &format!("{nothing} == 0"));
        }
    }

    #[test]
    fn a_failure_names_them() {
        let since = "it held from 0h until 2h";
        fails(&run(), "spam_folder == 0", &["0 at the end, but 1", since, "ann@bigbox.test"]);
    }

    #[test]
    fn without_a_fate_nothing_is_known() {
        let nothing = "nothing: no provider with a `fate` accepted a message (bigbox-only)";
        fails(&run(), "lost(bigbox-only) == 0", &[&format!("0 at the end, but {nothing}")]);
    }
}
