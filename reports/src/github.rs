//! Annotations for GitHub Actions: commands on standard output that show what did not hold beside the line of the scenario.
//!
//! GitHub shows ten errors and ten warnings of a step and drops the rest without a word, so the tenth says how many there are.
//! Paths are written as the user gave them: GitHub wants them relative to the root of the repository, which is where jobs
//! usually run.

use crate::finding::{Finding, Kind};
use crate::foreign::clean;
use crate::layout::shorten;
use crate::ran::Ran;
use crate::suite::{Standing, Suite};
use crate::wording::counted;

/// What GitHub shows of a step: so many of each level.
const SHOWN: usize = 10;
/// Columns of a title and of a line of a message.
const LONGEST: usize = 300;
/// Lines of a message.
const LINES: usize = 12;

/// The annotations of a suite, a line each; empty if all is well. To be printed as they are.
pub fn annotations(suite: &Suite) -> String {
    let reached = Finding::all(suite).into_iter().filter(|finding| finding.kind != Kind::Interrupted);
    let errors: Vec<_> = reached.map(|finding| Annotation::of(&finding)).chain(interrupted(suite)).collect();
    let warnings: Vec<_> = suite.ran().flat_map(warnings).collect();
    commands("error", errors) + &commands("warning", warnings)
}

/// What stands beside a line, or over all if no line is meant.
struct Annotation {
    place: Option<Place>,
    title: String,
    lines: Vec<String>,
}

struct Place {
    file: String,
    line: u32,
    column: Option<u32>,
}

impl Annotation {
    fn of(finding: &Finding<'_>) -> Self {
        let why = finding.details.iter().cloned();
        let who = (!finding.who.is_empty()).then(|| format!("who: {}", finding.who.join(", ")));
        let next = finding.next().map(|command| format!("next: {command}"));
        let sentence = std::iter::once(finding.sentence.clone());
        let room = LINES - 1 - usize::from(who.is_some()) - usize::from(next.is_some());
        Self {
            place: Some(Place { file: finding.file.to_owned(), line: finding.line, column: finding.column }),
            title: match finding.kind {
                Kind::Invalid => format!("{}: not valid", finding.scenario),
                Kind::Expectation | Kind::Law | Kind::Defect(_) | Kind::Interrupted => {
                    format!("{}: {}", finding.scenario, finding.name)
                }
            },
            lines: sentence.chain(why.take(room)).chain(who).chain(next).collect(),
        }
    }

    fn command(&self, level: &str) -> String {
        let place = self.place.iter().map(|place| {
            let column = place.column.map(|column| format!(",col={column}")).unwrap_or_default();
            format!("file={},line={}{column},", property(&place.file), place.line)
        });
        let place: String = place.collect();
        let lines: Vec<_> = self.lines.iter().map(|line| message(line)).collect();
        format!("::{level} {place}title={}::{}\n", title(&self.title), lines.join("%0A"))
    }
}

/// One for all scenarios that were not reached: they can be many.
fn interrupted(suite: &Suite) -> Option<Annotation> {
    let missed = suite.count(Standing::NotReached);
    (missed > 0).then(|| Annotation {
        place: None,
        title: "interrupted".to_owned(),
        lines: vec![format!("{} not finished", counted(missed, "scenario"))],
    })
}

/// What held, perhaps by accident.
fn warnings(ran: &Ran) -> impl Iterator<Item = Annotation> {
    let place = |line| Some(Place { file: ran.place().to_owned(), line, column: None });
    let silence = ran.silence.iter().map(move |silence| Annotation {
        place: place(1),
        title: format!("{}: nothing was sent", ran.name()),
        lines: vec![
            silence.seen.clone(),
            format!("probably: {}", silence.probably),
            format!("try: {}", silence.try_this),
        ],
    });
    let idle = ran.idle.iter().map(move |rule| Annotation {
        place: place(rule.line),
        title: format!("{}: a rule never had anything to say", ran.name()),
        lines: vec![rule.name.clone()],
    });
    silence.chain(idle)
}

fn commands(level: &str, mut all: Vec<Annotation>) -> String {
    let more = all.len().saturating_sub(SHOWN);
    if more > 0 {
        let more = all.split_off(SHOWN - 1).len();
        let lines = vec!["GitHub shows ten; the log and the job summary have them all".to_owned()];
        all.push(Annotation { place: None, title: format!("and {more} more"), lines });
    }
    all.iter().map(|annotation| annotation.command(level)).collect()
}

/// A line of a message, as GitHub takes it.
fn message(text: &str) -> String {
    shorten(&clean(text), LONGEST).replace('%', "%25")
}

/// A title, as GitHub takes it.
fn title(text: &str) -> String {
    property(&shorten(&clean(text), LONGEST))
}

/// The value of a property, as GitHub takes it.
fn property(text: &str) -> String {
    clean(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_command_or_a_property() {
        assert_eq!(message("100%\r\n::error::x"), "100%25␍␊::error::x");
        assert_eq!(property("a,title=b::c"), "a%2Ctitle=b%3A%3Ac");
    }
}
