//! What did not hold, one value a case: the same for every report that lists such things and has no layout of its own
//! for them (JUnit, Markdown, GitHub's annotations).

use std::borrow::Cow;

use record::files::DefectKind;
use record::{ExpectationVerdict, Held, LawVerdict};

use crate::command;
use crate::foreign::{self, clean_lines};
use crate::ran::Ran;
use crate::suite::{Case, Defect, NotReached, Refused, Suite};
use crate::wording;

/// Something that did not hold. Texts are as they were found: whoever shows them cleans them.
pub(crate) struct Finding<'a> {
    /// What kind of thing it is.
    pub(crate) kind: Kind,
    /// The scenario, or its file if it has no name.
    pub(crate) scenario: &'a str,
    /// Its file as the user gave it, or its name if the file is not known.
    pub(crate) file: &'a str,
    /// The line in it, from 1; 1 if no line in particular is meant.
    pub(crate) line: u32,
    /// The column, from 1; `None` if no column in particular is meant.
    pub(crate) column: Option<u32>,
    /// What was looked at: the expectation as written, `law: conservation`.
    pub(crate) name: Cow<'a, str>,
    /// What should be.
    pub(crate) wanted: &'a str,
    /// What is.
    pub(crate) measured: Cow<'a, str>,
    /// All of it in one sentence.
    pub(crate) sentence: String,
    /// More about it, a line each.
    pub(crate) details: Vec<String>,
    /// Addresses concerned; may be empty.
    pub(crate) who: &'a [String],
    /// The command to go on with: the story of somebody concerned. `None` if nobody is, or the file is not known.
    pub(crate) look: Option<String>,
    /// The command that repeats the run; `None` if the file is not known.
    pub(crate) again: Option<String>,
}

/// What kind of thing did not hold. The first two were judged; of the others there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Expectation,
    Law,
    Invalid,
    Defect(DefectKind),
    Interrupted,
}

impl Kind {
    /// One word for it.
    pub(crate) fn word(self) -> String {
        match self {
            Self::Expectation => "expectation".to_owned(),
            Self::Law => "law".to_owned(),
            Self::Invalid => "invalid".to_owned(),
            Self::Defect(kind) => wording::defect(kind).replace(' ', "_"),
            Self::Interrupted => "interrupted".to_owned(),
        }
    }
}

/// What would have been wanted of a scenario without a verdict.
const VERDICT: &str = "the run comes to a verdict";
const VALID: &str = "the scenario is valid";

impl<'a> Finding<'a> {
    /// Everything in the suite that did not hold, in its order.
    pub(crate) fn all(suite: &'a Suite) -> Vec<Self> {
        suite.cases.iter().flat_map(Self::of_case).collect()
    }

    fn of_case(case: &'a Case) -> Vec<Self> {
        match case {
            Case::Ran(ran) => {
                let laws = ran.checked.laws.iter().filter_map(|verdict| Self::of_law(ran, verdict));
                let expectations = ran.checked.expectations.iter();
                laws.chain(expectations.filter_map(|verdict| Self::of_expectation(ran, verdict))).collect()
            }
            Case::Refused(refused) => vec![Self::of_refused(refused)],
            Case::Defect(defect) => vec![Self::of_defect(defect)],
            Case::NotReached(missed) => vec![Self::of_missed(missed)],
        }
    }

    /// `None` if it held.
    pub(crate) fn of_expectation(ran: &'a Ran, verdict: &'a ExpectationVerdict) -> Option<Self> {
        (verdict.held == Held::No).then(|| Self {
            kind: Kind::Expectation,
            scenario: ran.name(),
            file: ran.place(),
            line: verdict.line,
            column: Some(verdict.column),
            name: verdict.text.as_str().into(),
            wanted: &verdict.wanted,
            measured: verdict.measured.as_str().into(),
            sentence: format!("wanted {}, measured {}", verdict.wanted, verdict.measured),
            details: verdict.notes.clone(),
            who: &verdict.contacts,
            look: verdict.contacts.first().and_then(|contact| command::explain(ran, contact)),
            again: command::run_again(ran),
        })
    }

    /// `None` if it held.
    pub(crate) fn of_law(ran: &'a Ran, verdict: &'a LawVerdict) -> Option<Self> {
        let first = verdict.broken.first()?;
        let mut contacts = verdict.broken.iter().map(|broken| broken.contact.as_str());
        let contact = contacts.find(|contact| !contact.is_empty());
        Some(Self {
            kind: Kind::Law,
            scenario: ran.name(),
            file: ran.place(),
            line: 1,
            column: None,
            name: format!("law: {}", verdict.law).into(),
            wanted: &verdict.about,
            measured: first.what.as_str().into(),
            sentence: format!("law {} is broken, a bug in Bouncelab: {}", verdict.law, first.what),
            details: verdict.broken.iter().map(crate::terminal::violation).collect(),
            who: &[],
            look: contact.and_then(|contact| command::explain(ran, contact)),
            again: command::run_again(ran),
        })
    }

    /// Not run at all.
    pub(crate) fn of_refused(refused: &'a Refused) -> Self {
        // Rendered problems may come in colours.
        let problem = clean_lines(&foreign::without_colours(&refused.problem));
        let mut lines =
            problem.trim_end().lines().map(str::to_owned).skip_while(|line| line.trim().is_empty());
        let sentence = lines.next().unwrap_or_else(|| "the scenario is not valid".to_owned());
        Self {
            line: refused.line.unwrap_or(1),
            wanted: "a valid scenario",
            details: lines.collect(),
            ..Self::without_verdict(Kind::Invalid, &refused.file, &refused.file, VALID, sentence)
        }
    }

    /// Run, and no verdict.
    pub(crate) fn of_defect(defect: &'a Defect) -> Self {
        let kind = wording::defect(defect.kind);
        let mut found = defect.found.lines();
        let sentence = format!("{kind}{}: {}", wording::blame(defect.kind), found.next().unwrap_or_default());
        Self {
            details: found.map(str::to_owned).collect(),
            again: command::show_again(defect),
            ..Self::without_verdict(
                Kind::Defect(defect.kind),
                &defect.scenario,
                &defect.file,
                VERDICT,
                sentence,
            )
        }
    }

    /// Interrupted. A suite that was cut short is no success.
    pub(crate) fn of_missed(missed: &'a NotReached) -> Self {
        let sentence = "the suite was interrupted before this scenario was finished".to_owned();
        Self::without_verdict(Kind::Interrupted, &missed.scenario, &missed.file, VERDICT, sentence)
    }

    fn without_verdict(
        kind: Kind,
        scenario: &'a str,
        file: &'a str,
        name: &'static str,
        sentence: String,
    ) -> Self {
        Self {
            kind,
            scenario,
            file,
            line: 1,
            column: None,
            name: name.into(),
            wanted: "a verdict",
            measured: sentence.clone().into(),
            sentence,
            details: Vec::new(),
            who: &[],
            look: None,
            again: None,
        }
    }

    /// `scenarios/outage/heals.yaml:6:5`.
    pub(crate) fn place(&self) -> String {
        let column = self.column.map(|column| format!(":{column}")).unwrap_or_default();
        format!("{}:{}{column}", self.file, self.line)
    }

    /// The command to go on with: the story of somebody concerned, else the run once more.
    pub(crate) fn next(&self) -> Option<&str> {
        self.look.as_deref().or(self.again.as_deref())
    }
}
