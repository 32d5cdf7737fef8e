//! Metrics over time as CSV: for a spreadsheet, a notebook, a plotting program. Its columns are described in
//! `docs/record-format.md`.
//!
//! Quoted by RFC 4180, with `\n` at the end of each line. What a spreadsheet would take for a formula is made a text.

use std::borrow::Cow;

use record::{Clock, Counters, Nanos, Record};

use crate::figures::{COUNTER_NAMES, Figures, MailingFigures, Moments, values};
use crate::foreign;

/// What stands in the column of the provider in rows about all of them: nothing, which is no provider's name.
const ALL: &str = "";

const SECOND: Nanos = 1_000_000_000;

/// The counters of each mailing over time: all providers together first, then each. A row for each moment at which a counter of the
/// mailing changed, and for its last moment; the same moments for all providers.
pub fn render(record: &Record, figures: &Figures) -> String {
    let mut text = format!("mailing,provider,seconds,clock,{}\n", COUNTER_NAMES.join(","));
    for mailing in &figures.mailings {
        let name = cell(&mailing.name);
        let moments = changing(mailing);
        let mut block = |provider: &str, at: &dyn Fn(u16) -> Counters| {
            for moment in &moments {
                text.push_str(&format!(
                    "{name},{provider},{}\n",
                    numbers(&mailing.moments, *moment, &at(*moment))
                ));
            }
        };
        block(ALL, &|moment| mailing.total.at(moment));
        for provider in &mailing.providers {
            let name = cell(&record.providers[provider.provider as usize].name);
            block(&name, &|moment| provider.series.at(moment));
        }
    }
    text
}

/// The moments at which a counter of the mailing changed, and the first and last one.
fn changing(mailing: &MailingFigures) -> Vec<u16> {
    let last = mailing.moments.len() as u16 - 1;
    let changed = mailing.total.changes().iter().map(|(moment, _)| *moment);
    let mut moments: Vec<u16> = [0, last].into_iter().chain(changed).collect();
    moments.sort_unstable();
    moments.dedup();
    moments
}

/// Everything of a row that is a number.
fn numbers(moments: &Moments, moment: u16, counters: &Counters) -> String {
    let offset = moments.offsets[usize::from(moment)];
    let counters: Vec<String> = values(counters).iter().map(u64::to_string).collect();
    format!("{},{},{}", seconds(offset), Clock(moments.start + offset), counters.join(","))
}

/// Seconds, exact: `1800`, `0.5`.
fn seconds(nanos: Nanos) -> String {
    match nanos % SECOND {
        0 => (nanos / SECOND).to_string(),
        rest => format!("{}.{rest:09}", nanos / SECOND).trim_end_matches('0').to_owned(),
    }
}

/// A text as a cell: harmless, no formula, and quoted if need be.
fn cell(text: &str) -> String {
    let text: Cow<'_, str> = foreign::clean(text);
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}").into() } else { text };
    if text.contains([',', '"', ';']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_text_and_stays_one_cell() {
        let check = |text, wanted: &str| assert_eq!(cell(text), wanted);
        check("spring-sale", "spring-sale");
        check("spring, late", "\"spring, late\"");
        check("the \"big\" one", "\"the \"\"big\"\" one\"");
        check("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
        check("-1+1", "'-1+1");
        check("@x", "'@x");
        check("two\nlines\t", "\"two␊lines \"");
    }

    #[test]
    fn seconds_are_exact() {
        assert_eq!(seconds(0), "0");
        assert_eq!(seconds(1_800 * SECOND), "1800");
        assert_eq!(seconds(SECOND + 30_000_000), "1.03");
    }
}
