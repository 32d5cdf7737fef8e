//! From a subject that changes over time to a finding: whether it held when it had to, and when it did instead.
//!
//! The judge is told the instants at which something changed, in order, and looks at the subject when it has to. It
//! does not know what is measured.

use record::{Held, Nanos};
use units::Instant;

use super::evidence::Evidence;
use super::language::When;
use super::replay::Replay;
use super::watch::Subject;

/// Watches over one expectation.
#[derive(Debug)]
pub(crate) struct Judge {
    when: When,
    deadline: Nanos,
    finding: Option<Finding>,
    history: History,
}

/// What was found when it counted.
#[derive(Debug)]
pub(crate) struct Finding {
    /// Whether the subject held.
    pub(crate) held: Held,
    /// What was measured.
    pub(crate) measured: String,
    /// What explains a failure; empty if there is none.
    pub(crate) evidence: Evidence,
}

/// When a subject held.
#[derive(Debug, Default)]
struct History {
    /// The last stretch that began before the deadline or at it.
    before: Option<Stretch>,
    /// The first one that began after it.
    after: Option<Stretch>,
    /// When the stretch began that lasts just now.
    since: Option<Nanos>,
}

#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: Nanos,
    /// `None` if it lasts to the end.
    until: Option<Nanos>,
}

impl Judge {
    /// Before anything happened.
    pub(crate) fn new(when: When, subject: &(impl Subject + ?Sized), replay: &Replay<'_>) -> Self {
        let deadline = when.deadline().as_nanos();
        let mut history = History::default();
        history.note(0, subject.holds(replay), deadline);
        Self { when, deadline, finding: None, history }
    }

    /// Something is about to change at `at`, and nothing else will before.
    pub(crate) fn before(&mut self, at: Nanos, subject: &(impl Subject + ?Sized), replay: &Replay<'_>) {
        if self.finding.is_none() && self.deadline < at {
            self.finding = Some(Finding::now(subject, replay));
        }
    }

    /// Everything that happens at `at` has happened.
    pub(crate) fn after(&mut self, at: Nanos, subject: &(impl Subject + ?Sized), replay: &Replay<'_>) {
        let holds = subject.holds(replay);
        self.history.note(at, holds, self.deadline);
        let held_so_far = self.finding.as_ref().is_some_and(|finding| finding.held == Held::Yes);
        if matches!(self.when, When::By(_)) && held_so_far && !holds {
            let finding = Finding::now(subject, replay);
            let measured = format!("{} at {}", finding.measured, Instant::from_nanos(at));
            self.finding = Some(Finding { measured, ..finding });
        }
    }

    /// The run is over.
    pub(crate) fn close(self, subject: &(impl Subject + ?Sized), replay: &Replay<'_>) -> Finding {
        if let Some(nobody) = subject.about_nobody() {
            return Finding { held: Held::No, measured: nobody, evidence: Evidence::default() };
        }
        let mut finding = self.finding.unwrap_or_else(|| Finding::now(subject, replay));
        if finding.held == Held::No {
            finding.evidence.notes.insert(0, self.history.in_words());
        }
        finding
    }
}

impl Finding {
    fn now(subject: &(impl Subject + ?Sized), replay: &Replay<'_>) -> Self {
        let (held, evidence) = if subject.holds(replay) {
            (Held::Yes, Evidence::default())
        } else {
            (Held::No, subject.evidence(replay))
        };
        Self { held, measured: subject.measured(replay), evidence }
    }
}

impl History {
    fn note(&mut self, at: Nanos, holds: bool, deadline: Nanos) {
        match (self.since, holds) {
            (None, true) => {
                self.since = Some(at);
                self.keep(Stretch { from: at, until: None }, deadline);
            }
            (Some(from), false) => {
                self.since = None;
                self.keep(Stretch { from, until: Some(at) }, deadline);
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    fn keep(&mut self, stretch: Stretch, deadline: Nanos) {
        if stretch.from <= deadline {
            self.before = Some(stretch);
        } else if self.after.is_none_or(|first| first.from == stretch.from) {
            self.after = Some(stretch);
        }
    }

    /// When it held although not when it had to.
    fn in_words(&self) -> String {
        match self.after.or(self.before) {
            None => "it held at no instant".to_owned(),
            Some(Stretch { from, until: None }) => format!("it held from {} on", Instant::from_nanos(from)),
            Some(Stretch { from, until: Some(until) }) => {
                format!("it held from {} until {}", Instant::from_nanos(from), Instant::from_nanos(until))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expect::language::Piece;
    use crate::expect::sample::{Writer, at};

    /// Something that holds or does not, as it is told.
    #[derive(Debug)]
    struct Switch(bool);

    impl Subject for Switch {
        fn wanted(&self) -> String {
            String::new()
        }

        fn holds(&self, _: &Replay<'_>) -> bool {
            self.0
        }

        fn measured(&self, _: &Replay<'_>) -> String {
            if self.0 { "on" } else { "off" }.to_owned()
        }

        fn evidence(&self, _: &Replay<'_>) -> Evidence {
            Evidence { notes: vec!["evidence".to_owned()], contacts: Vec::new() }
        }

        fn about_nobody(&self) -> Option<String> {
            None
        }
    }

    /// Checks what is found about a switch that is off, and then is turned on and off in turn at these hours.
    #[track_caller]
    fn check(hours: &[u64], when: &str, want: Result<&str, (&str, &str)>) {
        let record = Writer::new().record();
        let replay = Replay::new(&record);
        let mut switch = Switch(false);
        let when = When::read(Piece { text: when, start: 0 }, Instant::MAX).expect("an instant");
        let mut judge = Judge::new(when, &switch, &replay);
        for hour in hours {
            let now = at(&format!("{hour}h"));
            judge.before(now, &switch, &replay);
            switch.0 = !switch.0;
            judge.after(now, &switch, &replay);
        }
        let Finding { held, measured, evidence } = judge.close(&switch, &replay);
        let notes: Vec<&str> = evidence.notes.iter().map(String::as_str).collect();
        match want {
            Ok(want) => assert_eq!((held, measured.as_str(), notes), (Held::Yes, want, vec![])),
            Err((want, note)) => {
                assert_eq!((held, measured.as_str(), notes), (Held::No, want, vec![note, "evidence"]));
            }
        }
    }

    #[test]
    fn at_an_instant() {
        check(&[3, 5], "at 3h", Ok("on"));
        check(&[3, 5], "at 4h", Ok("on"));
        check(&[3, 5], "at 5h", Err(("off", "it held from 3h until 5h")));
        check(&[3, 5], "at 2h", Err(("off", "it held from 3h until 5h")));
        check(&[3, 5, 7, 9, 11], "at 6h", Err(("off", "it held from 7h until 9h")));
        check(&[3, 5, 7], "at 6h", Err(("off", "it held from 7h on")));
        check(&[], "at 6h", Err(("off", "it held at no instant")));
    }

    #[test]
    fn by_an_instant() {
        check(&[3], "by 3h", Ok("on"));
        check(&[3, 5, 7], "by 8h", Ok("on"));
        check(&[3], "by 2h", Err(("off", "it held from 3h on")));
        check(&[3, 5], "by 3h", Err(("off at 5h", "it held from 3h until 5h")));
        check(&[3, 5, 7], "by 3h", Err(("off at 5h", "it held from 7h on")));
    }

    #[test]
    fn at_the_end() {
        check(&[3], "", Ok("on"));
        check(&[3, 5, 7, 9], "at end", Err(("off", "it held from 7h until 9h")));
    }
}
