//! What stands at the top of a run's page: the verdict, and which run it was.

use askama::Template;
use record::{Held, Record};

use super::frame::html;
use super::{About, Live, shown};
use crate::silence::Silence;
use crate::wording;

/// The verdict in a symbol, in words, and in a colour.
#[derive(Debug, Clone)]
struct Badge {
    class: &'static str,
    symbol: &'static str,
    words: String,
}

#[derive(Template)]
#[template(path = "header.html")]
struct Header {
    badge: Badge,
    name: String,
    about: String,
    facts: Vec<(&'static str, String)>,
    again: String,
    suite_page: String,
}

/// The header of the page.
pub(super) fn header(record: &Record, about: &About<'_>) -> String {
    html(&Header {
        badge: badge(record, about.live),
        name: shown::line(name(record)),
        about: shown::text(&record.about),
        facts: facts(record, about),
        again: about.again.as_deref().map(shown::text).unwrap_or_default(),
        suite_page: about.suite_page.map(str::to_owned).unwrap_or_default(),
    })
}

/// The name of the scenario, or its file if it has none.
pub(super) fn name(record: &Record) -> &str {
    if record.scenario.is_empty() { &record.file } else { &record.scenario }
}

fn badge(record: &Record, live: Live) -> Badge {
    let checked = &record.checked;
    let all = checked.expectations.len() as u64;
    let failed = checked.expectations.iter().filter(|verdict| verdict.held == Held::No).count() as u64;
    let broken = checked.laws.iter().filter(|law| !law.broken.is_empty()).count() as u64;
    let badge = |class, symbol, words: String| Badge { class, symbol, words };
    match () {
        () if live.is_unjudged(record) && live == Live::Stopped => {
            badge("caution", "!", "stopped; nothing was judged".to_owned())
        }
        () if live.is_unjudged(record) => badge("running", "…", "running; nothing is judged yet".to_owned()),
        () if broken > 0 => {
            let laws = if broken == 1 { "a law was" } else { "laws were" };
            badge("bad", "✗", format!("{laws} broken: a bug in Bouncelab"))
        }
        () if failed > 0 => {
            let expectations = wording::counted(all, "expectation");
            badge("bad", "✗", format!("{} of {expectations} failed", wording::number(failed)))
        }
        () if Silence::of(record).is_some() => badge("caution", "!", "nothing was sent".to_owned()),
        () if all == 0 => badge("good", "✓", "it expects nothing, and no law was broken".to_owned()),
        () if all == 1 => badge("good", "✓", "the expectation held".to_owned()),
        () => badge("good", "✓", format!("all {} expectations held", wording::number(all))),
    }
}

fn facts(record: &Record, about: &About<'_>) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if !record.file.is_empty() {
        facts.push(("file", shown::line(&record.file)));
    }
    facts.push(("seed", record.seed.to_string()));
    match about.live {
        Live::Running | Live::Stopped if record.digest == 0 => {
            facts.push(("time so far", wording::span(record.ended)))
        }
        Live::Running | Live::Stopped | Live::Finished => {
            facts.push(("digest", wording::digest(record.digest)));
            facts.push(("ended after", wording::span(record.ended)));
            facts.push(("watched until", wording::span(record.horizon)));
        }
    }
    if let Some(timing) = about.timing {
        facts.push(("real time", wording::wall(timing)));
    }
    facts.push(("made by", record::files::TOOL.to_owned()));
    facts
}
