//! The report for a page that somebody reads in passing: GitHub's job summary, a comment on a merge request, a wiki.
//!
//! What did not hold comes first, each with what was wanted and measured, and below it the reasons and the commands to go on
//! with. What held is folded away. GitHub's Markdown; foreign text is escaped (`escape`), and there may be a limit (`paper`).

mod escape;
mod paper;

use record::Counters;

use crate::finding::{Finding, Kind};
use crate::ran::Ran;
use crate::suite::{Standing, Suite};
use crate::terminal;
use crate::wording::{self, counted, number};
use escape::{block, code, code_in_cell, plain};
use paper::Paper;

/// Details of a finding that are shown; the rest is in the record.
const DETAILS_SHOWN: usize = 8;
/// Lines of the problem of a scenario that was refused.
const PROBLEM_LINES_SHOWN: usize = 60;

/// The Markdown of a suite, however long.
pub fn render(suite: &Suite) -> String {
    render_within(suite, usize::MAX)
}

/// The Markdown of a suite, in at most so many bytes (a thousand are the least). What there is no room for is left out from
/// the end of each part, and the last line counts it.
pub fn render_within(suite: &Suite, bytes: usize) -> String {
    let findings = Finding::all(suite);
    let mut paper = Paper::of(bytes);
    paper.put(&headline(suite), "headline");
    paper.put(&totals(suite), "table of totals");
    paper.put_all([FINDINGS_HEAD, ""], findings.iter().map(finding_row), "row");
    paper.put_all(["\n", ""], findings.iter().map(finding_section), "explanation");
    paper.put_all([WARNINGS_HEAD, ""], warnings(suite), "warning");
    let held: Vec<_> = suite.ran().filter(|ran| is_held(ran)).map(held_row).collect();
    let head = held_head(held.len());
    paper.put_all([head.as_str(), "\n</details>\n"], held, "scenario that held");
    paper.into_text()
}

fn headline(suite: &Suite) -> String {
    let good = suite.cases.iter().all(|case| matches!(case.standing(), Standing::Held | Standing::Silent));
    let mark = if good { "✅" } else { "❌" };
    format!("## {mark} Bouncelab: {}\n\n", plain(&terminal::total_words(suite)))
}

/// A table with one row. What there is none of has no column.
fn totals(suite: &Suite) -> String {
    let sum = |count: fn(&Ran) -> u64| suite.ran().map(count).sum::<u64>();
    let failed = suite.count(Standing::Failed);
    let columns = [
        ("scenarios", Some(suite.cases.len() as u64)),
        ("held", Some(suite.count(Standing::Held) + suite.count(Standing::Silent))),
        ("failed", Some(failed)),
        ("broken laws in", some(suite.count(Standing::Unlawful))),
        ("no verdict", some(suite.defects())),
        ("not run", some(suite.count(Standing::Refused))),
        ("not reached", some(suite.count(Standing::NotReached))),
        ("expectations", Some(sum(Ran::expectations))),
        ("contacts", Some(sum(|ran| ran.contacts))),
        ("attempts", Some(sum(|ran| ran.attempts))),
    ];
    let shown: Vec<_> = columns.iter().filter_map(|(name, count)| Some((*name, number((*count)?)))).collect();
    let names: String = shown.iter().map(|(name, _)| format!(" {name} |")).collect();
    let rule = " ---: |".repeat(shown.len());
    let counts: String = shown.iter().map(|(_, count)| format!(" {count} |")).collect();
    let wall = wording::wall(suite.timing);
    format!("|{names} real time |\n|{rule} ---: |\n|{counts} {wall} |\n")
}

fn some(count: u64) -> Option<u64> {
    (count > 0).then_some(count)
}

const FINDINGS_HEAD: &str = "\n### What did not hold\n\n| scenario | expected | wanted | measured | place |\n| --- | --- | --- | --- | --- |\n";

fn finding_row(finding: &Finding<'_>) -> String {
    format!(
        "| {} | {} | {} | {} | {} |\n",
        plain(finding.scenario),
        code_in_cell(&finding.name),
        plain(finding.wanted),
        strong(&finding.measured),
        code_in_cell(&finding.place())
    )
}

fn strong(text: &str) -> String {
    let text = plain(text);
    if text.is_empty() { text } else { format!("**{text}**") }
}

/// Why, who, and what to do next.
fn finding_section(finding: &Finding<'_>) -> String {
    let mut text = format!("#### {}: {}\n\n", plain(finding.scenario), code(&finding.name));
    if finding.kind == Kind::Invalid {
        let lines =
            std::iter::once(finding.sentence.as_str()).chain(finding.details.iter().map(String::as_str));
        let problem: Vec<_> = lines.take(PROBLEM_LINES_SHOWN).collect();
        text.push_str(&block("text", &problem.join("\n")));
        text.push('\n');
        return text;
    }
    text.push_str(&format!("{}\n", plain(&finding.sentence)));
    for part in [reasons(finding), commands(finding)] {
        if !part.is_empty() {
            text.push('\n');
            text.push_str(&part);
        }
    }
    text.push('\n');
    text
}

/// A list: what led to it, and who is concerned.
fn reasons(finding: &Finding<'_>) -> String {
    let shown = finding.details.iter().take(DETAILS_SHOWN).map(|detail| format!("- {}\n", plain(detail)));
    let more = finding.details.len().saturating_sub(DETAILS_SHOWN);
    let more = (more > 0).then(|| format!("- … and {more} more\n"));
    let who: Vec<_> = finding.who.iter().map(|contact| code(contact)).collect();
    let who = (!who.is_empty()).then(|| format!("- who: {}\n", who.join(", ")));
    shown.chain(more).chain(who).collect()
}

/// What to go on with, ready to be copied.
fn commands(finding: &Finding<'_>) -> String {
    let commands: Vec<_> =
        [&finding.look, &finding.again].into_iter().flatten().map(String::as_str).collect();
    if commands.is_empty() { String::new() } else { block("sh", &commands.join("\n")) }
}

const WARNINGS_HEAD: &str = "### Worth a look\n\n";

/// What held, perhaps by accident.
fn warnings(suite: &Suite) -> impl Iterator<Item = String> {
    suite.ran().flat_map(|ran| {
        let silence = ran.silence.iter().map(|silence| {
            let (seen, probably, try_this) = (plain(&silence.seen), silence.probably, silence.try_this);
            format!(
                "- {}: nothing was sent ({seen}). Probably {probably}. Try: {try_this}.\n",
                plain(ran.name())
            )
        });
        let idle = ran.idle.iter().map(|rule| {
            let place = code(&format!("{}:{}", ran.place(), rule.line));
            format!("- {}: {} never had anything to say ({place})\n", plain(ran.name()), code(&rule.name))
        });
        silence.chain(idle)
    })
}

fn is_held(ran: &Ran) -> bool {
    ran.checked.all_held() && ran.checked.lawful()
}

fn held_head(count: usize) -> String {
    let title = counted(count as u64, "scenario");
    format!(
        "\n<details><summary>✅ {title} held</summary>\n\n\
         | scenario | expectations | contacts | attempts | sent | delivered | soft bounced | hard bounced | seed | time |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n"
    )
}

fn held_row(ran: &Ran) -> String {
    let sum = |counter: fn(&Counters) -> u64| {
        number(ran.mailings.iter().map(|mailing| counter(&mailing.counters)).sum())
    };
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} in {} |\n",
        plain(ran.name()),
        ran.expectations(),
        number(ran.contacts),
        number(ran.attempts),
        sum(|counters| counters.sent),
        sum(|counters| counters.delivered),
        sum(|counters| counters.soft_bounced),
        sum(|counters| counters.hard_bounced),
        ran.seed,
        wording::span(ran.horizon),
        wording::wall(ran.timing)
    )
}
