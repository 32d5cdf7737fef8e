//! Pages that nobody has written into the folder: made from the records when they are asked for, as `--report html` would have
//! made them.

use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use reports::Suite;

use super::shelf::Shelf;
use crate::args::Report;
use crate::kept::{self, Kept, KeptCase, KeptRecord};
use crate::outputs::Subject;
use crate::{Exit, Streams};

pub(super) use crate::outputs::PAGE;

/// The page at `inside`, if one can be there: in the folder of a record, or over all of them in the folder itself.
pub(super) fn page(shelf: &Shelf, inside: &Path) -> Option<Response> {
    let folder = inside.parent().filter(|_| inside.ends_with(PAGE))?;
    let mut words = Vec::new();
    let made = made(shelf, folder, &mut Streams::plain(std::io::sink(), &mut words));
    Some(match made {
        Ok(page) => Html(page?).into_response(),
        Err(_) => {
            let words = String::from_utf8_lossy(&words).into_owned();
            (StatusCode::INTERNAL_SERVER_ERROR, words).into_response()
        }
    })
}

/// # Errors
/// A record cannot be read; it has been said why.
fn made(shelf: &Shelf, folder: &Path, streams: &mut Streams<'_>) -> Result<Option<String>, Exit> {
    let suites = kept::find(shelf.root(), streams)?;
    let own = suites.iter().find_map(|kept| {
        let is_here = |record: &&KeptRecord| fs::canonicalize(&record.folder).is_ok_and(|own| own == folder);
        Some((kept, records(kept).find(is_here)?))
    });
    if let Some((kept, own)) = own {
        let (record, ran) = own.read(streams)?;
        // The page over all of them, if there is one, is at the top of what is shown or of the suite.
        let depth = folder.strip_prefix(&kept.folder).map_or(0, |inside| inside.components().count());
        let suite_page = (depth > 0).then(|| "../".repeat(depth) + PAGE);
        let subject = Subject { record: &record, ran: &ran, suite_page: suite_page.as_deref() };
        let page = Report::Html.of_record().map(|kind| (kind.render)(&subject));
        return Ok(page.and_then(Result::ok).and_then(|bytes| String::from_utf8(bytes).ok()));
    }
    let here = suites.iter().filter(|kept| folder == shelf.root() || kept.folder == folder);
    let here: Vec<&Kept> = here.collect();
    if here.is_empty() {
        return Ok(None);
    }
    let mut suite = Suite::default();
    for kept in here {
        for case in &kept.cases {
            suite.cases.push(match case {
                KeptCase::Without(case) => case.clone(),
                KeptCase::Record(own) => {
                    let (_, ran) = own.read(streams)?;
                    let inside = own.folder.strip_prefix(folder).unwrap_or(&own.folder);
                    ran.linked_by(inside.join(PAGE).display().to_string()).into()
                }
            });
        }
        suite.timing.wall += kept.timing().wall;
    }
    Ok(Report::Html.of_suite().map(|kind| (kind.render)(&suite)))
}

fn records(kept: &Kept) -> impl Iterator<Item = &KeptRecord> {
    kept.cases.iter().filter_map(|case| match case {
        KeptCase::Record(own) => Some(own),
        KeptCase::Without(_) => None,
    })
}
