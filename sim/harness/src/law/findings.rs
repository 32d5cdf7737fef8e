//! What a law found: how much it checked, and what was broken.
//!
//! Counts every check but keeps few findings, so that a law may be asked a million times and a bug that breaks it each
//! time still gives a readable report. Judges nothing.

use record::{Broken, Clock, ContactId, LawVerdict, Nanos, Record};

use super::accounts::Story;

/// So many findings are kept (the bound that [`LawVerdict::broken`] documents).
const KEPT: usize = 100;

/// Collects the findings of one law.
pub(super) struct Findings<'r> {
    record: &'r Record,
    checks: u64,
    broken: Vec<Broken>,
}

impl<'r> Findings<'r> {
    pub(super) const fn new(record: &'r Record) -> Self {
        Self { record, checks: 0, broken: Vec::new() }
    }

    /// Counts a check and, if it did not hold, keeps what was found: at which instant, about whom (`None` for nobody in
    /// particular), and a lower-case sentence without full stop, which is only made when it is needed.
    #[inline]
    pub(super) fn demand(
        &mut self,
        held: bool,
        at: Nanos,
        about: Option<ContactId>,
        found: impl FnOnce() -> String,
    ) {
        self.checks += 1;
        if !held {
            self.keep(at, about, found);
        }
    }

    /// As [`Findings::demand`], about a recipient: the finding begins with the name of the mailing.
    #[inline]
    pub(super) fn demand_of(
        &mut self,
        story: &Story<'_>,
        held: bool,
        at: Nanos,
        found: impl FnOnce() -> String,
    ) {
        self.demand(held, at, Some(story.contact), || format!("in {}: {}", story.mailing.name, found()));
    }

    // Out of the way of the checks that hold, of which there are many millions.
    #[cold]
    #[inline(never)]
    fn keep(&mut self, at: Nanos, about: Option<ContactId>, found: impl FnOnce() -> String) {
        if self.broken.len() < KEPT {
            self.broken.push(Broken { at, contact: self.address(about), what: found() });
        }
    }

    pub(super) fn into_verdict(self, law: &str, about: &str) -> LawVerdict {
        LawVerdict { law: law.to_owned(), about: about.to_owned(), checks: self.checks, broken: self.broken }
    }

    fn address(&self, contact: Option<ContactId>) -> String {
        let contact = contact.and_then(|contact| self.record.contacts.get(contact as usize));
        contact.map_or_else(String::new, |contact| contact.address.clone())
    }
}

/// How an instant is written in a finding (`29:30:00.050`).
pub(super) fn clock(at: Nanos) -> String {
    Clock(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::sample;

    #[test]
    fn every_check_is_counted_and_the_first_hundred_findings_are_kept() {
        let record = sample::lawful();
        let mut findings = Findings::new(&record);
        for at in 0..250 {
            findings.demand(at % 2 == 0, at, Some(0), || format!("finding at {at}"));
        }
        let verdict = findings.into_verdict("law", "About.");
        assert_eq!((verdict.checks, verdict.broken.len()), (250, KEPT));
        assert_eq!(verdict.broken[1].what, "finding at 3");
        assert_eq!(verdict.broken[1].contact, record.contacts[0].address);
    }

    #[test]
    fn a_finding_about_nobody_or_about_an_unknown_contact_names_nobody() {
        let record = sample::empty();
        let mut findings = Findings::new(&record);
        findings.demand(false, 0, None, || "found".to_owned());
        findings.demand(false, 0, Some(7), || "found".to_owned());
        assert!(findings.into_verdict("law", "About.").broken.iter().all(|broken| broken.contact.is_empty()));
    }
}
