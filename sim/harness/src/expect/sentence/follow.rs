//! Following a sentence about a contact through a run.

use record::{Record, Status};

use super::{Polarity, Predicate, Sentence, counted, path_of, written};
use crate::expect::evidence::{Evidence, reply};
use crate::expect::replay::{Recipient, Replay, Standing, State, Step};
use crate::expect::scope::{contact_named, mailing_named};
use crate::expect::watch::{Effect, Measure, Subject, Watch};

/// How to follow `sentence` over a record; an error says what the record does not have.
pub(super) fn follow(sentence: &Sentence, record: &Record) -> Result<Measure, String> {
    let contact = contact_named(&sentence.address, record)?;
    let mailings = match sentence.mailing() {
        Some(name) => vec![mailing_named(name, record)?],
        None => (0..record.mailings.len()).collect(),
    };
    let path = vec![Standing::at_first(&record.contacts[contact]).status];
    let sentence = sentence.clone();
    Ok(Measure::Ledger(Box::new(Story { sentence, contact, mailings, path, considered: 0 })))
}

/// The story of a contact being followed.
#[derive(Debug)]
struct Story {
    sentence: Sentence,
    /// Index of the record.
    contact: usize,
    /// The mailings that the sentence speaks of, as indices of the record.
    mailings: Vec<usize>,
    /// The statuses so far.
    path: Vec<Status>,
    /// How many of those mailings looked at the contact.
    considered: u64,
}

impl Watch for Story {
    fn take(&mut self, step: &Step<'_>, replay: &Replay<'_>) -> Effect {
        let (Step::Recipient { event, .. } | Step::Contact { event, .. }) = step;
        if event.contact as usize != self.contact {
            return Effect::None;
        }
        match step {
            Step::Contact { change, .. } if change.before.status != change.after.status => {
                self.path.push(change.after.status);
            }
            Step::Recipient { index, change, .. } => {
                let (mailing, _) = replay.mailing_and_contact(*index);
                if self.mailings.contains(&mailing) {
                    change.map(|it| it.state.is_considered()).count_in(&mut self.considered);
                }
            }
            Step::Contact { .. } => {}
        }
        Effect::Moved
    }
}

impl Subject for Story {
    fn wanted(&self) -> String {
        match &self.sentence.predicate {
            Predicate::Was { polarity, fate, mailing } => {
                let mailing = mailing.as_ref().map_or(String::new(), |mailing| format!(" in {mailing}"));
                format!("{polarity}{}{mailing}", fate.word)
            }
            Predicate::Is { polarity, status } => format!("{polarity}{}", written(*status)),
            Predicate::Went(path) => path_of(path),
            Predicate::Stayed(status) => format!("{} all along", written(*status)),
            Predicate::Has(strikes) => counted(*strikes, "strike"),
        }
    }

    fn holds(&self, replay: &Replay<'_>) -> bool {
        let standing = &replay.standings()[self.contact];
        match &self.sentence.predicate {
            Predicate::Was { polarity, fate, .. } => polarity
                .agrees(self.recipients(replay).any(|(_, recipient)| (fate.includes)(recipient.state))),
            Predicate::Is { polarity, status } => polarity.agrees(standing.status == *status),
            Predicate::Went(path) => self.path == *path,
            Predicate::Stayed(status) => self.path == [*status],
            Predicate::Has(strikes) => standing.strikes == *strikes,
        }
    }

    fn measured(&self, replay: &Replay<'_>) -> String {
        let standing = &replay.standings()[self.contact];
        match &self.sentence.predicate {
            Predicate::Was { .. } => self.fates(replay),
            Predicate::Is { .. } => written(standing.status).to_owned(),
            Predicate::Went(_) | Predicate::Stayed(_) => path_of(&self.path),
            Predicate::Has(_) => counted(standing.strikes, "strike"),
        }
    }

    fn evidence(&self, replay: &Replay<'_>) -> Evidence {
        let record = replay.record();
        let last = |(mailing, recipient): (usize, &Recipient)| {
            let verdict = &record.verdicts[recipient.verdict? as usize];
            Some(format!("last answer in {}: {}", record.mailings[mailing].name, reply(verdict)))
        };
        Evidence {
            notes: self.recipients(replay).filter_map(last).collect(),
            contacts: vec![self.sentence.address.clone()],
        }
    }

    fn about_nobody(&self) -> Option<String> {
        let about_mailings = matches!(self.sentence.predicate, Predicate::Was { .. });
        let excused = self.sentence.predicate.may_be_about_nobody();
        (about_mailings && !excused && self.considered == 0).then(|| {
            let whose = self.sentence.mailing().map_or("any mailing".to_owned(), |name| format!("`{name}`"));
            format!("nobody: the contact was neither selected for nor excluded from {whose}")
        })
    }
}

impl Story {
    /// The contact in each mailing that the sentence speaks of.
    fn recipients<'a>(&'a self, replay: &'a Replay<'_>) -> impl Iterator<Item = (usize, &'a Recipient)> {
        let recipient = |mailing: usize| &replay.recipients()[replay.index(mailing, self.contact)];
        self.mailings.iter().map(move |mailing| (*mailing, recipient(*mailing)))
    }

    /// `delivered in spring-sale after 2 attempts, pending in summer-sale`
    fn fates(&self, replay: &Replay<'_>) -> String {
        let fate = |(mailing, recipient): (usize, &Recipient)| {
            let name = &replay.record().mailings[mailing].name;
            let fate = format!("{} in {name}", recipient.state.name());
            match recipient.attempts {
                0 => fate,
                attempts => format!("{fate} after {}", counted(attempts, "attempt")),
            }
        };
        let known = self.recipients(replay).filter(|(_, recipient)| recipient.state != State::Absent);
        let fates: Vec<String> = known.map(fate).collect();
        if fates.is_empty() { "in no mailing".to_owned() } else { fates.join(", ") }
    }
}

impl Polarity {
    const fn agrees(self, fact: bool) -> bool {
        match self {
            Self::Affirmed => fact,
            Self::Denied => !fact,
        }
    }
}

#[cfg(test)]
mod tests {
    use record::{EventKind, ExcludeReason, Outcome, Record, Status};

    use crate::expect::sample::{FULL, OK, REFUSED, Writer, fails, holds};

    /// Ann: delivered in spring at the second attempt, then a soft bounce in summer and an error from which she
    /// returns. The first of northmail: pending. Gone: left out.
    fn run() -> Record {
        let mut run = Writer::new();
        run.select("0h", [0, 3]).event("0h", 5, 0, EventKind::Excluded(ExcludeReason::Error));
        run.attempt("0h", 3, 1, REFUSED).attempt("1h", 3, 2, OK).settle(
            "1h",
            3,
            Outcome::Delivered,
            Some(OK),
        );
        run.event("2h", 3, 1, EventKind::Selected);
        run.event("2h", 3, 1, EventKind::AttemptBegun { attempt: 1, connection: 1 });
        run.event("2h", 3, 1, EventKind::AttemptEnded { attempt: 1, verdict: FULL, retry_at: None });
        run.status("3h", 3, [Status::Active, Status::Active], 2);
        run.status("4h", 3, [Status::Active, Status::Error], 3);
        run.status("9h", 3, [Status::Error, Status::Active], 0);
        run.record()
    }

    #[test]
    fn what_became_of_a_contact() {
        holds(&run(), "contact ann@bigbox.test was attempted by 0h");
        holds(&run(), "contact ann@bigbox.test was delivered by 1h");
        holds(&run(), "contact ann@bigbox.test was not delivered at 59m");
        holds(&run(), "contact ann@bigbox.test was not delivered in \"summer sale, part 2\"");
        holds(&run(), "contact gone@bigbox.test was not attempted");
        holds(&run(), "contact gone@bigbox.test was excluded in spring-sale");
        holds(&run(), "contact c000001@northmail.test was not attempted");
        holds(&run(), "contact bob@bigbox.test was not selected");
        holds(&run(), "contact c000001@northmail.test was not selected in bigbox-only");
        fails(
            &run(),
            "contact ann@bigbox.test was soft_bounced",
            &[
                "soft_bounced at the end, but delivered in spring-sale after 2 attempts, in_progress in summer sale, \
                 part 2 after 1 attempt",
                "it held at no instant",
                "last answer in spring-sale: 250 queued",
                "last answer in summer sale, part 2: 452 4.2.2 mailbox full",
                "ann@bigbox.test",
            ],
        );
        fails(
            &run(),
            "contact ann@bigbox.test was not attempted in bigbox-only",
            &[
                "not attempted in bigbox-only at the end, but nobody: the contact was neither selected for nor excluded \
               from `bigbox-only`",
            ],
        );
        fails(
            &run(),
            "contact bob@bigbox.test was not attempted",
            &[
                "not attempted at the end, but nobody: the contact was neither selected for nor excluded from any mailing",
            ],
        );
    }

    #[test]
    fn the_status_of_a_contact_and_its_path() {
        holds(&run(), "contact ann@bigbox.test is error at 4h");
        holds(&run(), "contact ann@bigbox.test is not error by 9h");
        holds(&run(), "contact ann@bigbox.test went active -> error -> active");
        holds(&run(), "contact ann@bigbox.test went active->error at 8h");
        holds(&run(), "contact gone@bigbox.test stayed error");
        holds(&run(), "contact ann@bigbox.test has 2 strikes at 3h");
        holds(&run(), "contact ann@bigbox.test has 0 strikes");
        fails(
            &run(),
            "contact ann@bigbox.test is active at 4h",
            &[
                "active at 4h, but error",
                "it held from 9h on",
                "last answer in spring-sale: 250 queued",
                "last answer in summer sale, part 2: 452 4.2.2 mailbox full",
                "ann@bigbox.test",
            ],
        );
        fails(
            &run(),
            "contact gone@bigbox.test went error -> active",
            &["error -> active at the end, but error", "it held at no instant", "gone@bigbox.test"],
        );
        fails(
            &run(),
            "contact gone@bigbox.test stayed active",
            &["active all along at the end, but error", "it held at no instant", "gone@bigbox.test"],
        );
        fails(
            &run(),
            "contact bob@bigbox.test has 1 strike",
            &["1 strike at the end, but 0 strikes", "it held at no instant", "bob@bigbox.test"],
        );
    }
}
