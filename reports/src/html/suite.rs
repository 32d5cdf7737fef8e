//! The page over all scenarios of a run: what did not hold first, then all of them in a table, the slowest, and why none of
//! them is flaky.

use std::cmp::Reverse;

use askama::Template;
use record::Held;
use record::files::DefectKind;

use super::frame::{Frame, Live, RunsHeader, html};
use super::shown;
use crate::command;
use crate::ran::Ran;
use crate::suite::{Case, Defect, Refused, Standing, Suite};
use crate::wording;

/// Failed expectations of a scenario that are shown; its own page has all.
const FINDINGS_MAX: usize = 8;
/// Scenarios that the list of the slowest has.
const SLOWEST: usize = 5;

/// How a scenario stands: in a colour, a symbol, words, and a number to sort by.
struct Mark {
    class: &'static str,
    symbol: &'static str,
    words: String,
    rank: u8,
}

/// A scenario that wants attention.
struct Card {
    name: String,
    page: Option<String>,
    file: String,
    mark: Mark,
    findings: Vec<Finding>,
    lines: Vec<String>,
    problem: String,
    again: String,
}

struct Finding {
    text: String,
    line: u32,
    wanted: String,
    measured: String,
}

struct Row {
    name: String,
    page: Option<String>,
    file: String,
    mark: Mark,
    run: Option<Run>,
}

struct Run {
    held: String,
    contacts: String,
    attempts: String,
    ended: String,
    ended_nanos: u64,
    wall: String,
    wall_nanos: u64,
    seed: u64,
    digest: String,
}

struct Slow {
    name: String,
    page: Option<String>,
    wall: String,
    /// Of the slowest, in per cent.
    share: u64,
}

#[derive(Template)]
#[template(path = "suite.html")]
struct Main {
    trouble: Vec<Card>,
    rows: Vec<Row>,
    slowest: Vec<Slow>,
    flaky: String,
}

/// The page: one HTML document that needs nothing else but links to the pages of the scenarios.
///
/// But for real times, the same suite gives the same bytes.
pub fn suite(suite: &Suite) -> String {
    let title = wording::counted(suite.cases.len() as u64, "scenario");
    let mut ranked: Vec<&Case> = suite.cases.iter().collect();
    ranked.sort_by_key(|case| mark(case).rank);
    let header = html(&RunsHeader { title: title.clone(), badge: badge(suite), facts: facts(suite) });
    let main = html(&Main {
        trouble: ranked.iter().filter_map(|case| card(case)).collect(),
        rows: ranked.iter().map(|case| row(case)).collect(),
        slowest: slowest(suite),
        flaky: flaky(suite),
    });
    let title = format!("{title} – Bouncelab");
    Frame { title: &title, header: &header, main: &main, data: "", live: Live::Finished }.render()
}

fn badge(suite: &Suite) -> (&'static str, &'static str, String) {
    let all = suite.cases.len() as u64;
    let held = suite.count(Standing::Held) + suite.count(Standing::Silent);
    let grave = suite.count(Standing::Unlawful) + suite.defects();
    match () {
        () if held == all && suite.count(Standing::Silent) > 0 => {
            ("caution", "!", "all held, but somewhere nothing was sent".to_owned())
        }
        () if held == all => ("good", "✓", "all held".to_owned()),
        () if grave > 0 => ("bad", "!", format!("{} without a verdict to trust", wording::number(grave))),
        () if suite.count(Standing::NotReached) == all - held => ("caution", "!", "interrupted".to_owned()),
        () => ("bad", "✗", format!("{} of {} held", wording::number(held), wording::number(all))),
    }
}

fn facts(suite: &Suite) -> Vec<(&'static str, String)> {
    let counts = [
        ("held", suite.count(Standing::Held) + suite.count(Standing::Silent)),
        ("failed", suite.count(Standing::Failed)),
        ("laws broken in", suite.count(Standing::Unlawful)),
        ("without a verdict", suite.defects()),
        ("not valid", suite.count(Standing::Refused)),
        ("not reached", suite.count(Standing::NotReached)),
    ];
    let always = |name: &str| ["held", "failed"].contains(&name);
    let shown = counts.into_iter().filter(|(name, count)| *count > 0 || always(name));
    let mut facts: Vec<_> = shown.map(|(name, count)| (name, wording::number(count))).collect();
    let sum = |count: fn(&Ran) -> u64| wording::number(suite.ran().map(count).sum());
    facts.extend([
        ("expectations", sum(Ran::expectations)),
        ("contacts", sum(|ran| ran.contacts)),
        ("attempts", sum(|ran| ran.attempts)),
        ("real time", wording::wall(suite.timing)),
        ("made by", record::files::TOOL.to_owned()),
    ]);
    facts
}

fn mark(case: &Case) -> Mark {
    let mark = |class, symbol, words: &str, rank| Mark { class, symbol, words: words.to_owned(), rank };
    match case.standing() {
        Standing::Unlawful => mark("bad", "!", "law broken", 0),
        Standing::Defective(kind) => mark("bad", "!", wording::defect(kind), 1),
        Standing::Refused => mark("bad", "!", "not valid", 2),
        Standing::Failed => mark("bad", "✗", "failed", 3),
        Standing::Silent => mark("caution", "!", "nothing sent", 4),
        Standing::NotReached => mark("caution", "…", "not reached", 5),
        Standing::Held => mark("good", "✓", "held", 6),
    }
}

/// The card of a scenario that wants attention. Those that were not reached are only in the table: they can be many.
fn card(case: &Case) -> Option<Card> {
    let mut card = Card {
        name: shown::line(case.name()),
        page: page(case),
        file: shown::line(case.file()),
        mark: mark(case),
        findings: Vec::new(),
        lines: Vec::new(),
        problem: String::new(),
        again: String::new(),
    };
    match case {
        Case::NotReached(_) => return None,
        Case::Ran(_) if case.standing() == Standing::Held => return None,
        Case::Ran(ran) => ran_into(&mut card, ran),
        Case::Refused(Refused { problem, .. }) => card.problem = shown::text(problem.trim_end()),
        Case::Defect(defect) => defect_into(&mut card, defect),
    }
    Some(card)
}

fn ran_into(card: &mut Card, ran: &Ran) {
    let failed = || ran.checked.expectations.iter().filter(|verdict| verdict.held == Held::No);
    card.findings = failed()
        .take(FINDINGS_MAX)
        .map(|verdict| Finding {
            text: shown::line(&verdict.text),
            line: verdict.line,
            wanted: shown::line(&verdict.wanted),
            measured: shown::line(&verdict.measured),
        })
        .collect();
    let more = ran.expectations_failed().saturating_sub(FINDINGS_MAX as u64);
    card.lines.extend((more > 0).then(|| format!("… and {} more failed", wording::number(more))));
    for law in ran.broken_laws() {
        let first = law.broken.first().map_or("", |broken| broken.what.as_str());
        card.lines.push(shown::line(&format!("The law {} was broken: {first}", law.law)));
    }
    if let Some(silence) = &ran.silence {
        card.lines.push(shown::line(&format!("Nothing was sent: {}", silence.seen)));
        card.lines.push(format!("Probably {}; try this: {}", silence.probably, silence.try_this));
    }
    card.again = shown::text(&command::run_again(ran).unwrap_or_default());
}

fn defect_into(card: &mut Card, defect: &Defect) {
    card.problem = shown::text(&defect.found);
    card.lines.push(wording::defect_note(defect.kind).to_owned());
    card.again = shown::text(&command::show_again(defect).unwrap_or_default());
}

fn row(case: &Case) -> Row {
    let run = match case {
        Case::Ran(ran) => Some(Run {
            held: format!("{}/{}", ran.expectations_held(), ran.expectations()),
            contacts: wording::number(ran.contacts),
            attempts: wording::number(ran.attempts),
            ended: wording::span(ran.ended),
            ended_nanos: ran.ended,
            wall: wording::wall(ran.timing),
            wall_nanos: ran.timing.wall,
            seed: ran.seed,
            digest: wording::digest(ran.digest),
        }),
        Case::Refused(_) | Case::Defect(_) | Case::NotReached(_) => None,
    };
    Row {
        name: shown::line(case.name()),
        page: page(case),
        file: shown::line(case.file()),
        mark: mark(case),
        run,
    }
}

fn slowest(suite: &Suite) -> Vec<Slow> {
    let mut all: Vec<&Ran> = suite.ran().filter(|ran| ran.timing.wall > 0).collect();
    all.sort_by_key(|ran| Reverse(ran.timing.wall));
    let longest = all.first().map_or(1, |ran| ran.timing.wall.max(1));
    let slow = |ran: &&Ran| Slow {
        name: shown::line(ran.name()),
        page: ran.link.as_deref().map(link),
        wall: wording::wall(ran.timing),
        share: ran.timing.wall.saturating_mul(100) / longest,
    };
    all.iter().take(SLOWEST).map(slow).collect()
}

fn flaky(suite: &Suite) -> String {
    let wobbly = suite.count(Standing::Defective(DefectKind::NotReproducible));
    match wobbly {
        0 if suite.ran().next().is_none() => "Nothing was finished, so nothing can be said.".to_owned(),
        0 => "None. On virtual time none can be: a scenario and its seed give the same record byte for byte, on any machine, with \
              any number of threads. The digest in the table is that of the record; a run anywhere else has to come to the same. \
              In real time (--wire live) no two runs are alike."
            .to_owned(),
        _ => format!(
            "{} gave different digests with the same seed. That is a bug in Bouncelab, not in the scenario.",
            wording::counted(wobbly, "scenario")
        ),
    }
}

/// The way to the page of a scenario, in the form of a URL.
fn page(case: &Case) -> Option<String> {
    match case {
        Case::Ran(ran) => ran.link.as_deref().map(link),
        Case::Refused(_) | Case::Defect(_) | Case::NotReached(_) => None,
    }
}

/// A path as a relative URL: whatever could mean something in one is escaped.
fn link(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_relative_address() {
        let check = |path, url| assert_eq!(link(path), url);
        check("scenarios/dns/null-mx/report.html", "scenarios/dns/null-mx/report.html");
        check("a b/50%?#x/report.html", "a%20b/50%25%3F%23x/report.html");
        check("javascript:alert(1)/report.html", "javascript%3Aalert%281%29/report.html");
        check("ü\"<>&'/x", "%C3%BC%22%3C%3E%26%27/x");
    }
}
