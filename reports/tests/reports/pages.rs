//! The Response page: complete without a script, harmless whatever stands in the record.

use record::Timing;
use reports::html::{About, response};

use crate::golden::check;
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
fn shown(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (rest, _) = rest.rsplit_once("<script>").unwrap();
    // The policy names the hash of the script.
    let policy = before.find("sha256-").unwrap();
    let hash = before[policy..].find(';').unwrap();
    format!("{}{}{rest}", &before[..policy], &before[policy + hash..])
}

#[test]
fn a_run_is_one_page() {
    check("response.html", &shown(&response(&sample::record(), &about())));
}
