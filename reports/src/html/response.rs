//! The Response page of one run, put together from its parts.

use askama::Template;
use record::{Record, Timing};

use super::data::{self, Object};
use super::frame::{Frame, Live, html};
use super::mailing::{self, Cells};
use super::{checks, contacts, groups, header, made};
use crate::figures::Figures;
use crate::wording;

/// What a page says about a run beside its record.
#[derive(Debug, Clone, Default)]
pub struct About<'a> {
    /// The text of the scenario file; `None` for the one that the record has.
    pub source: Option<&'a str>,
    /// How long the run took; `None` if it is not known.
    pub timing: Option<Timing>,
    /// The command that runs it again, ready for a shell.
    pub again: Option<String>,
    /// The page of the suite that the run belongs to: a link relative to this page, in the form of a URL.
    pub suite_page: Option<&'a str>,
    /// Whether the page changes while it is looked at.
    pub live: Live,
}

/// The page: one HTML document that needs nothing else.
///
/// The same record and the same `about` give the same bytes. A hundred thousand contacts are a page of about ten
/// megabytes; it never has more than 15 MiB, and says what it left out.
pub fn response(record: &Record, about: &About<'_>) -> String {
    let Parts { header, main, data } = Parts::of(record, about);
    let title = format!("{} – Bouncelab", header::name(record));
    Frame { title: &title, header: &header, main: &main, data: &data, live: about.live }.render()
}

/// The next state of a page that is [`Live::Running`]: JSON with the new inner HTML of its header and its main part, and its new
/// data as text. The page's script takes it as the data of a server-sent event; there is no line break in it.
pub fn live_update(record: &Record, about: &About<'_>) -> String {
    let Parts { header, main, data } = Parts::of(record, about);
    let mut out = String::with_capacity(header.len() + main.len() + data.len() + 256);
    let mut object = Object::new(&mut out);
    object.string("header", &header);
    object.string("main", &main);
    object.string("data", &data);
    object.end();
    out
}

/// The changing parts of a page.
struct Parts {
    header: String,
    main: String,
    data: String,
}

#[derive(Template)]
#[template(path = "main.html")]
struct Main<'a> {
    groups: String,
    mailings: &'a [String],
    checks: String,
    rows: Vec<contacts::Row>,
    contacts: usize,
    all: String,
    kept: String,
    made: String,
}

impl Parts {
    fn of(record: &Record, about: &About<'_>) -> Self {
        let figures = Figures::of(record);
        let source = about.source.unwrap_or(&record.source);
        let (views, cells): (Vec<String>, Vec<Cells>) =
            (0..record.mailings.len()).map(|index| mailing::view(record, &figures, index)).unzip();
        let ledger = contacts::Ledger::of(record);
        let mut data = String::new();
        let mut object = Object::new(&mut data);
        frames(&mut object, &figures, &cells);
        let kept = contacts::write(&ledger, &mut object);
        object.end();
        let main = html(&Main {
            groups: groups::groups(record, &figures, &cells, about.live),
            mailings: &views,
            checks: checks::checks(record, about, source),
            rows: contacts::rows(&ledger),
            contacts: record.contacts.len(),
            all: wording::number(record.contacts.len() as u64),
            kept: kept.words(),
            made: made::made(record, &figures, source),
        });
        Self { header: header::header(record, about), main, data }
    }
}

/// What the sliders move: moments in milliseconds after their start, and the tracks of each mailing.
fn frames(object: &mut Object<'_>, figures: &Figures, cells: &[Cells]) {
    const MILLI: u64 = 1_000_000;
    object.numbers("moments", figures.moments.offsets.iter().map(|offset| offset / MILLI));
    let mailings = figures.mailings.iter().zip(cells);
    data::list(object.entry("frames"), mailings, |out, (mailing, cells)| {
        let mut object = Object::new(out);
        object.number("start", mailing.moments.start / MILLI);
        object.numbers("moments", mailing.moments.offsets.iter().map(|offset| offset / MILLI));
        cells.tracks.write(object.entry("tracks"));
        object.end();
    });
}
