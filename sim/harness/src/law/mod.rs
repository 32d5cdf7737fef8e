//! Laws: what must hold in every run, whatever the scenario. A broken law is a bug of ours, never of the scenario.
//!
//! One file is one law: its name, its sentence, its logic and its tests; `LAWS` lists them. Laws judge from outside: they
//! see the finished record only, share no decision with the engine, and count everything again for themselves. Deadlock
//! is not among them, because no record comes out of it: the virtual clock reports it.
//!
//! Beside the laws stand what they look at (`accounts`, with `names`, `grouping`, `connections`, `sites`, `held_back` and
//! `class`), the table of `two-accounts` (`correspondence`), what they write into (`findings`), and, for tests, a record in
//! which all of them hold (`sample`), mistakes that engines make (`planted_bugs`), and damage that none does (`nonsense`).

mod accounts;
mod active_contacts;
mod class;
mod connections;
mod conservation;
mod contact_table;
mod correspondence;
mod findings;
mod four_attempts;
mod grouping;
mod held_back;
mod justified_outcome;
mod late_reports;
mod names;
mod nothing_open;
mod one_final_outcome;
mod retry;
mod server_limits;
mod sites;
mod two_accounts;
mod well_formed;

#[cfg(test)]
mod nonsense;
#[cfg(test)]
mod planted_bugs;
#[cfg(test)]
mod sample;

use record::{LawVerdict, Record};

use accounts::{Accounts, Life, Sight, Story};
use findings::Findings;

/// All laws, in the order of reports.
const LAWS: [&Law; 12] = [
    &well_formed::LAW,
    &conservation::LAW,
    &one_final_outcome::LAW,
    &justified_outcome::LAW,
    &late_reports::LAW,
    &active_contacts::LAW,
    &contact_table::LAW,
    &retry::LAW,
    &four_attempts::LAW,
    &two_accounts::LAW,
    &server_limits::LAW,
    &nothing_open::LAW,
];

/// A law.
struct Law {
    /// Its name in reports, in kebab case.
    name: &'static str,
    /// What it demands, in one sentence.
    about: &'static str,
    checks: &'static [Check],
}

/// How a law looks at a record.
enum Check {
    /// At the whole of it, once.
    Record(fn(&Accounts<'_>, &mut Findings<'_>)),
    /// At each contact, in all mailings and outside.
    Contact(fn(&Life<'_>, &mut Findings<'_>)),
    /// At each contact in each of its mailings.
    Recipient(fn(&Story<'_>, &mut Findings<'_>)),
}

/// Checks every law against `record`. The verdicts come in a fixed order, one for each law.
///
/// No record makes this panic: indices that point nowhere are a finding (`well-formed`), and the other laws leave out
/// the lines that carry them.
pub fn check(record: &Record) -> Vec<LawVerdict> {
    judge(&LAWS, record)
}

/// Judges by all `laws` in one pass over the record.
fn judge(laws: &[&Law], record: &Record) -> Vec<LawVerdict> {
    let accounts = Accounts::new(record);
    let mut findings: Vec<_> = laws.iter().map(|_| Findings::new(record)).collect();
    accounts.show(|sight| {
        for (law, findings) in laws.iter().zip(&mut findings) {
            law.look(&sight, findings);
        }
    });
    laws.iter().zip(findings).map(|(law, findings)| findings.into_verdict(law.name, law.about)).collect()
}

/// The reference page of all laws, as Markdown.
pub fn reference() -> String {
    let mut page = String::from(
        "# Laws\n\n\
         Every run is checked against these laws; they cannot be switched off. A scenario cannot break them: a broken law \
         is a bug of Bouncelab, and has its own exit code (8).\n\n\
         | Law | What it demands |\n|---|---|\n",
    );
    for law in LAWS {
        page.push_str(&format!("| `{}` | {} |\n", law.name, law.about));
    }
    page
}

impl Law {
    fn look(&self, sight: &Sight<'_>, findings: &mut Findings<'_>) {
        for check in self.checks {
            match (check, sight) {
                (Check::Record(check), Sight::Record(accounts)) => check(accounts, findings),
                (Check::Contact(check), Sight::Contact(life)) => check(life, findings),
                (Check::Recipient(check), Sight::Recipient(story)) => check(story, findings),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_lawful_record_keeps_every_law_and_every_law_looks_at_it() {
        for verdict in check(&sample::lawful()) {
            assert_eq!(verdict.broken, [], "{}", verdict.law);
            assert!(verdict.checks > 0, "{} checked nothing", verdict.law);
        }
    }

    #[test]
    fn a_record_without_mailings_keeps_every_law() {
        assert!(check(&sample::empty()).iter().all(|verdict| verdict.broken.is_empty()));
    }

    #[test]
    fn names_are_unique_and_sentences_are_sentences() {
        let names: BTreeSet<_> = LAWS.iter().map(|law| law.name).collect();
        assert_eq!(names.len(), LAWS.len());
        for law in LAWS {
            assert!(law.about.ends_with('.') && !law.about.contains('|'), "{}", law.name);
            assert!(reference().contains(&format!("| `{}` | {} |", law.name, law.about)), "{}", law.name);
        }
    }
}
