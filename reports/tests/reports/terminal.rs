//! The report in the terminal.

use record::{Cause, Counters, EventKind, Outcome, Timing};
use reports::terminal::{self, Columns, Expected};
use reports::{Case, Look, Ran, Style, Suite};

use crate::golden::check;
use crate::sample::{
    HOUR, MINUTE, SOURCE, defects, held, not_reached, ran, record, refused, silent, suite, unlawful,
};

fn look(width: usize) -> Look {
    Look { style: Style::Plain, width }
}

#[test]
fn a_suite_that_holds_is_a_list_and_a_total() {
    let records = [
        held("gmail on a normal day", 1),
        held("A mixed fleet", 18_750),
        held("orange, blocked, then released", 2_500),
    ];
    let suite = suite(records.iter().map(ran));
    check("terminal-held.txt", &terminal::report(&suite, look(120)));
}

#[test]
fn a_failure_explains_itself() {
    let (failed, good) = (record(), held("gmail on a normal day", 1));
    let suite = suite([ran(&good), ran(&failed).quoting(SOURCE)]);
    check("terminal-failed.txt", &terminal::report(&suite, look(120)));
    check("terminal-failed-narrow.txt", &terminal::report(&suite, look(60)));
    check("terminal-failed-colours.txt", &terminal::report(&suite, Look { style: Style::Ansi, width: 120 }));
}

#[test]
fn the_story_is_read_from_the_record_that_was_written() {
    let ran = ran(&record()).kept_in("out/monday morning".into());
    let details = terminal::details(&suite([ran]), look(100));
    assert!(
        details.contains("bouncelab explain 'out/monday morning' --contact bob@northmail.test\n"),
        "{details}"
    );
}

#[test]
fn whatever_else_is_not_as_it_should_be_is_reported() {
    let ran = [ran(&unlawful()), ran(&silent())].map(Case::from);
    let suite = suite(ran.into_iter().chain([refused()]).chain(defects()).chain([not_reached()]));
    check("terminal-other.txt", &terminal::report(&suite, look(100)));
}

#[test]
fn silence_is_explained_by_what_caused_it() {
    let check = |cause: Option<Cause>, seen: &str, probably: &str| {
        let mut record = silent();
        record.mailings[0].counters = Counters { selected: 2, dropped: 2, ..Counters::default() };
        let settled = |cause| EventKind::Settled { outcome: Outcome::Dropped, cause, verdict: None };
        record.events.truncate(2);
        for event in &mut record.events {
            event.kind = cause.map_or(EventKind::Selected, settled);
        }
        let text = terminal::details(&suite([ran(&record)]), look(160));
        assert!(text.contains(seen) && text.contains(probably), "{text}");
    };
    let seen = "2 recipients selected, none attempted";
    check(None, seen, "the run ended before anybody was due");
    check(
        Some(Cause::MailingCancelled),
        &format!("{seen}: 2 because an operator cancelled the mailing"),
        "a `cancel` in the timeline",
    );
    check(Some(Cause::ContactLeftActive), seen, "an `opt_out` or `complaint` in the timeline");
    check(Some(Cause::HeldBack), seen, "our own limits, or throttling by the providers");

    let mut record = silent();
    record.events.clear();
    record.mailings[0].counters = Counters::default();
    let text = terminal::details(&suite([ran(&record)]), look(160));
    assert!(text.contains("no contact was selected and none was left out"), "{text}");
}

#[test]
fn the_total_agrees_with_its_numbers() {
    let check = |cases: &[&Case], text: &str| {
        let cases = cases.iter().copied().cloned().collect();
        let suite = Suite { cases, timing: Timing { wall: 4_249_000_000 } };
        assert_eq!(terminal::total(&suite, look(200)), format!("{text}\n"));
    };
    let [good, silent, failed] = [held("x", 1), silent(), record()].map(|record| Case::from(ran(&record)));
    let ([defect, ..], refused, missed) = (defects(), refused(), not_reached());
    check(&[&good], "1 scenario held, 4 expectations, 8 contacts in 4.2s");
    check(&[&good, &good], "2 scenarios held, 8 expectations, 16 contacts in 4.2s");
    check(
        &[&good, &silent],
        "2 scenarios held, 8 expectations, 16 contacts in 4.2s; nothing was sent in 1 scenario",
    );
    check(&[&good, &failed], "failed: 1 of 8 expectations, in 1 of 2 scenarios");
    check(&[&refused], "not run: 1 of 1 scenario");
    check(
        &[&good, &failed, &defect],
        "no verdict: 1 of 3 scenarios, a bug in Bouncelab; failed: 1 of 8 expectations, in 1 of 3 scenarios",
    );
    check(
        &[&good, &missed, &missed],
        "1 scenario held, 4 expectations, 8 contacts in 4.2s; interrupted: 1 of 3 scenarios were finished",
    );
    check(
        &[&failed, &missed],
        "failed: 1 of 4 expectations, in 1 of 1 scenario; interrupted: 1 of 2 scenarios were finished",
    );
    check(&[&missed], "interrupted: 0 of 1 scenario was finished");
    check(&[], "0 scenarios held, 0 expectations, 0 contacts in 4.2s");
}

#[test]
fn a_line_shown_at_once_has_the_columns_of_its_suite() {
    let records = [held("short", 1), held("a rather long name of a scenario", 18_750)];
    let expected = |record| Expected { name: record, expectations: 4, contacts: 150_000, seed: 7 };
    let columns = Columns::expecting(&["short", "a rather long name of a scenario"].map(expected), look(120));
    let lines: Vec<_> = records.iter().map(|record| columns.line(&ran(record).into())).collect();
    let place = |line: &str| line.find("seed").unwrap();
    assert_eq!(place(&lines[0]), place(&lines[1]), "{lines:?}");
}

#[test]
fn no_line_is_wider_than_asked_but_for_commands() {
    let ran = [ran(&record()).quoting(SOURCE), ran(&unlawful()), ran(&silent())].map(Case::from);
    let suite = suite(ran.into_iter().chain(defects()).chain([not_reached()]));
    for width in [40, 50, 60, 80, 100, 120] {
        let report = terminal::report(&suite, look(width));
        let too_wide: Vec<_> = report.lines().filter(|line| line.chars().count() > width).collect();
        assert!(too_wide.iter().all(|line| line.contains("bouncelab ")), "{width}: {too_wide:#?}");
    }
}

#[test]
fn where_reports_are_is_said_a_line_each() {
    let long = format!("out/{}/junit.xml", "long".repeat(20));
    let files = [("page", "out/\u{1b}[2J/report.html"), ("junit", long.as_str())];
    let text = terminal::written(&files, look(40));
    assert_eq!(text, format!("  page   out/␛[2J/report.html\n  junit  {long}\n"));
    assert_eq!(terminal::written(&[], look(40)), "");
}

#[test]
fn a_run_that_takes_longer_than_expected_does_not_break_its_line() {
    let name = "a rather long name of a scenario that takes long";
    let mut record = held(name, 1);
    record.horizon = 3_661 * HOUR + 59 * MINUTE;
    let ran = Ran::of(&record, Timing { wall: 3_661_000_000_000 });
    for width in 40..160 {
        let expected = Expected { name, expectations: 4, contacts: 8, seed: 7 };
        let line = Columns::expecting(&[expected], look(width)).line(&ran.clone().into());
        assert!(line.trim_end().chars().count() <= width, "{width}: {line}");
    }
}
