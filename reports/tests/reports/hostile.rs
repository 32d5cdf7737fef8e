//! Foreign text: whatever a server, an address or a file says, no report obeys it.

use proptest::prelude::*;
use quick_junit::Report;
use record::Record;
use reports::figures::Figures;
use reports::terminal::{Columns, Expected};
use reports::{Case, DefectKind, Look, Style, charts, csv, github, json, junit, markdown, story, terminal};

use crate::golden::check;
use crate::sample::{SOURCE, defect, ran, record, suite, unlawful};

pub(crate) const HOSTILE: &str =
    "\x1b[2J\x1b]0;owned\x07 ]]> <b>&\"' \0 \u{202e}evil \u{9b}31m\r\n::error file=x::pwned\tend";

/// The sample with `text` wherever foreign text can be.
pub(crate) fn poisoned(mut record: Record, text: &str) -> Record {
    let fields = [&mut record.scenario, &mut record.about, &mut record.file];
    fields.into_iter().for_each(|field| text.clone_into(field));
    for row in &mut record.verdicts {
        row.text = text.to_owned();
        row.enhanced = Some(text.to_owned());
        row.rule = text.to_owned();
    }
    record.contacts[0].address = text.to_owned();
    record.receipts.recipients[0] = text.to_owned();
    record.providers[1].help_url = Some(text.to_owned());
    record.mailings[0].name = text.to_owned();
    record.timeline[0].what = text.to_owned();
    record.reactivations[0].by = text.to_owned();
    record.reactivations[0].why = text.to_owned();
    for verdict in &mut record.checked.expectations {
        let fields = [&mut verdict.text, &mut verdict.wanted, &mut verdict.measured];
        fields.into_iter().for_each(|field| text.clone_into(field));
        verdict.notes = vec![text.to_owned()];
        verdict.contacts = vec![text.to_owned()];
    }
    for broken in &mut record.checked.laws[0].broken {
        broken.what = text.to_owned();
        broken.contact = text.to_owned();
    }
    record
}

fn texts_for_people(record: &Record, look: Look) -> String {
    let text = &record.scenario;
    let case = Case::from(ran(record).quoting(SOURCE));
    let expected = Expected { name: text, expectations: 4, contacts: 8, seed: 7 };
    let line = Columns::expecting(&[expected], look).line(&case);
    let told = story(record, &record.contacts[0].address, look).unwrap();
    let unknown = story(record, &format!("{text}{}", "x".repeat(60)), look).unwrap_err();
    let suite = suite([case, defect(DefectKind::InternalError, text, "")]);
    format!("{}{told}{unknown}{line}", terminal::report(&suite, look))
}

fn harmless(text: &str) -> bool {
    let acts = |character: char| character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character);
    let commands = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    !text.lines().any(|line| commands(line) || line.chars().any(acts))
}

/// Any text, and often such as is known to do harm.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        any::<String>(),
        Just(HOSTILE.to_owned()),
        Just("\n::error::x ".to_owned()),
        Just(" ##[add-mask]x".to_owned()),
    ];
    prop::collection::vec(parts, 0..4).prop_map(|parts| parts.concat())
}

#[test]
fn a_hostile_reply_is_shown_and_not_obeyed() {
    let record = poisoned(record(), HOSTILE);
    check("hostile-story.txt", &story(&record, HOSTILE, Look::default()).unwrap());
    check("hostile-terminal.txt", &terminal::report(&suite([ran(&record)]), Look::default()));
    check("hostile.xml", &junit::render(&suite([ran(&record)])));
    check("hostile.md", &markdown::render(&suite([ran(&record)])));
    check("hostile-annotations.txt", &github::annotations(&suite([ran(&record)])));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_reaches_a_terminal_uncleaned(text in texts(), width in 0usize..160) {
        let record = poisoned(unlawful(), &text);
        let shown = texts_for_people(&record, Look { style: Style::Plain, width });
        prop_assert!(harmless(&shown), "{shown:?}");
    }

    #[test]
    fn no_text_breaks_a_document(text in texts()) {
        let record = poisoned(unlawful(), &text);
        let suite = suite([ran(&record).into(), defect(DefectKind::InternalError, &text, "")]);
        let xml = junit::render(&suite);
        let report = Report::deserialize_from_str(&xml);
        prop_assert!(report.is_ok(), "{xml}");

        let ours = |line: &str| line.starts_with("::error ") || line.starts_with("::warning ");
        prop_assert!(github::annotations(&suite).lines().all(ours));

        let document: serde_json::Value = serde_json::from_str(&json::render(&suite)).unwrap();
        prop_assert_eq!(document["scenarios"][0]["run"]["name"].as_str(), Some(text.as_str()));
    }
}

/// Whether every line of a drawing is an element, or text that is no markup.
fn drawn(svg: &str) -> bool {
    const ELEMENTS: [&str; 12] = [
        "svg", "title", "desc", "rect", "polyline", "polygon", "line", "circle", "text", "/svg", "/text",
        "/desc",
    ];
    svg.lines().all(|line| match line.strip_prefix('<') {
        Some(element) => ELEMENTS.iter().any(|known| element.starts_with(known)) && !line.contains("<b>"),
        None => !line.contains(['<', '>']),
    })
}

proptest! {
    #[test]
    fn no_text_breaks_a_drawing_or_a_table(text in any::<String>()) {
        for text in [text.as_str(), HOSTILE, "=cmd|' /C calc'!A0, \"x\""] {
            let mut record = poisoned(record(), text);
            record.timeline[0].name = text.to_owned();
            record.providers[0].name = text.to_owned();
            record.verdicts.iter_mut().for_each(|row| row.category = text.to_owned());
            let figures = Figures::of(&record);
            let charts = [
                charts::delivery(&record, &figures, 0),
                charts::providers(&record, &figures, 0),
                charts::reasons(&record, &figures, 0),
                charts::attempts(&record, &figures, 0),
                charts::connections(&record, &figures),
            ];
            for chart in charts {
                prop_assert!(drawn(&chart.svg), "{}", chart.svg);
                prop_assert!(!chart.svg.chars().any(|character| character.is_control() && character != '\n'));
            }
            let csv = csv::render(&record, &figures);
            prop_assert!(csv.lines().all(|line| !line.starts_with(['=', '+', '-', '@'])), "{csv}");
            prop_assert_eq!(csv.lines().count(), 1 + 6 * 3 + 2, "{}", csv);
        }
    }
}
