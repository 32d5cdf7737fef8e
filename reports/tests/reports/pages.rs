//! The Response page: complete without a script, harmless whatever stands in the record, readable in both themes.

use proptest::prelude::*;
use record::{Dialogue, DialogueLine, Extent, Record, Rule, RulePlace, Timing, Voice};
use reports::html::{About, Live, live_update, response};

use crate::golden::check;
use crate::hostile::{HOSTILE, poisoned, texts};
use crate::sample::{self, MILLI, SOURCE};

fn about() -> About<'static> {
    About {
        source: Some(SOURCE),
        timing: Some(Timing { wall: 412 * MILLI }),
        again: Some("bouncelab run scenarios/outage/heals.yaml --seed 7".into()),
        suite_page: Some("../report.html"),
        ..About::default()
    }
}

/// What a page shows, without the style and the script that all pages share.
pub(crate) fn shown(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (rest, _) = rest.rsplit_once("<script>").unwrap();
    // The policy names the hash of the script.
    let policy = before.find("sha256-").unwrap();
    let hash = before[policy..].find(';').unwrap();
    format!("{}{}{rest}", &before[..policy], &before[policy + hash..])
}

/// The data of a page.
fn data(page: &str) -> serde_json::Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let (data, _) = rest.split_once("</script>").unwrap();
    assert!(!data.contains(['<', '>', '\u{2028}', '\u{2029}']), "{data}");
    serde_json::from_str(data).unwrap()
}

/// The markup of a page: elements and the names of their attributes, without any text.
pub(crate) fn markup(page: &str) -> Vec<String> {
    let page = shown(page);
    let page = page.split_once("<script type=").map_or(page.as_str(), |(before, _)| before);
    let mut found = Vec::new();
    for piece in page.split('<').skip(1) {
        let tag = piece.split_once('>').unwrap().0;
        let names = tag.split('"').step_by(2).flat_map(str::split_whitespace);
        found.push(names.map(|name| name.trim_end_matches('=')).collect::<Vec<_>>().join(" "));
        assert!(!tag.contains("javascript:"), "{tag}");
    }
    found
}

/// The sample with `text` wherever a page shows foreign text; never empty, and no address of a page.
fn hostile(text: &str) -> Record {
    let text = &format!("x{text}");
    let mut record = poisoned(sample::unlawful(), text);
    for provider in &mut record.providers {
        provider.help_url = Some(text.clone());
        let fields = [&mut provider.name, &mut provider.profile, &mut provider.domains[0]];
        fields.into_iter().for_each(|field| text.clone_into(field));
        let place = RulePlace::Rule;
        provider.rules = vec![Rule { id: text.clone(), name: Some(text.clone()), place, line: 3, fired: 0 }];
    }
    for mailing in &mut record.mailings {
        let fields = [&mut mailing.name, &mut mailing.contact_policy, &mut mailing.uncertain_policy];
        fields.into_iter().for_each(|field| text.clone_into(field));
    }
    for row in &mut record.verdicts {
        row.help_url = Some(text.clone());
        let fields = [&mut row.reason, &mut row.action, &mut row.scope];
        fields.into_iter().for_each(|field| text.clone_into(field));
    }
    record.checked.laws[0].law.clone_from(text);
    record.checked.laws[0].about.clone_from(text);
    record.timeline[0].name.clone_from(text);
    record.receipts.senders[0].push_str(text);
    let line = DialogueLine { at: 0, from: Voice::Server, text: text.clone() };
    record.dialogues = vec![Dialogue { provider: 1, connection: 3, lines: vec![line], extent: Extent::Cut }];
    record
}

#[test]
fn a_run_is_one_page() {
    check("response.html", &shown(&response(&sample::record(), &about())));
}

#[test]
fn a_run_that_sent_nothing_says_so() {
    let page = response(&sample::silent(), &about());
    assert!(page.contains("nothing was sent") && page.contains("Probably "), "{page}");
}

#[test]
fn a_hostile_run_is_shown_and_not_obeyed() {
    check("hostile.html", &shown(&response(&hostile(HOSTILE), &about())));
}

#[test]
fn a_broken_law_is_our_bug() {
    let page = response(&sample::unlawful(), &about());
    assert!(page.contains("a law was broken: a bug in Bouncelab"), "{page}");
}

#[test]
fn the_next_state_is_one_line_with_the_same_parts() {
    let about = About { live: Live::Running, ..about() };
    let (page, update) = (response(&sample::record(), &about), live_update(&sample::record(), &about));
    assert!(!update.contains(['\n', '\r']));
    let update: serde_json::Value = serde_json::from_str(&update).unwrap();
    let part = |name: &str| update[name].as_str().unwrap().to_owned();
    assert!(page.contains(&part("header")) && page.contains(&part("main")) && page.contains(&part("data")));
    assert!(page.contains("data-live=\"/events\"") && page.contains("connect-src &#39;self&#39;"));
}

#[test]
fn not_everybody_has_to_fit() {
    let mut record = sample::record();
    let long = "<".repeat(380);
    let person = |number: u32| record::Contact {
        address: format!("{long}{number}@northmail.test"),
        ..record.contacts[1].clone()
    };
    let crowd: Vec<_> = (0..40_000).map(person).collect();
    record.contacts.extend(crowd);
    let page = response(&record, &about());
    assert!(page.len() < 15 * 1024 * 1024, "{}", page.len());
    let data = data(&page);
    let ids: Vec<u64> =
        data["contacts"]["ids"].as_array().unwrap().iter().flat_map(|id| id.as_u64()).collect();
    assert!(ids.is_sorted() && ids.len() > 4_000, "{}", ids.len());
    // Bob and Eve are named by an expectation; the others met with trouble.
    assert_eq!(ids[..8], [0, 1, 2, 3, 4, 5, 6, 7]);
    let kept = data["contacts"]["kept"].as_str().unwrap();
    assert!(kept.ends_with("the rest is in the record") && page.contains(kept), "{kept}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_becomes_markup(text in texts()) {
        let about = |text: &str| About { again: Some(format!("x{text}")), ..about() };
        let page = response(&hostile(&text), &about(&text));
        prop_assert_eq!(markup(&page), markup(&response(&hostile(""), &about(""))));
        data(&page);
        let turns = |character: char| ('\u{202a}'..='\u{202e}').contains(&character);
        prop_assert!(!shown(&page).chars().any(|character| turns(character) || character == '\0'));
    }
}
