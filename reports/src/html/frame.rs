//! The outer document of every page: head, style, script, data, and what keeps foreign text from ever running.
//!
//! A page is one file that works from disk. Its policy lets nothing in but its own style and the one script whose hash it
//! names: whatever got into the text of a page, it could neither run nor call anybody.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use record::Record;

use super::{chart, shown};

/// Whether a page changes while it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Live {
    /// It shows what has ended.
    #[default]
    Finished,
    /// It is served while the run goes on, and listens at [`EVENTS`] for its next state.
    Running,
    /// It is the last state of a page that was [`Live::Running`], of what was not finished: it was interrupted, or had no more
    /// time.
    Stopped,
}

impl Live {
    /// Whether `record` is one that nobody has judged, because it is not finished: it has no digest yet, or never.
    pub(super) fn is_unjudged(self, record: &Record) -> bool {
        match self {
            Self::Finished => false,
            Self::Running | Self::Stopped => record.digest == 0,
        }
    }
}

/// Where a page that is [`Live::Running`] listens for server-sent events; each is the text that
/// [`live_update`](super::live_update) made.
pub const EVENTS: &str = "/events";

/// The style of all pages.
const STYLE: &str = concat!(
    include_str!("../../templates/style/base.css"),
    include_str!("../../templates/style/parts.css"),
    include_str!("../../templates/style/charts.css"),
    include_str!("../../templates/style/contacts.css"),
    include_str!("../../templates/style/suite.css"),
    include_str!("../../templates/style/print.css"),
);

/// The script of all pages; a part that finds nothing to do on a page does nothing.
const SCRIPT: &str = concat!(
    "(() => {\n'use strict';\n",
    include_str!("../../templates/script/base.js"),
    include_str!("../../templates/script/views.js"),
    include_str!("../../templates/script/slider.js"),
    include_str!("../../templates/script/tables.js"),
    include_str!("../../templates/script/stories.js"),
    include_str!("../../templates/script/story.js"),
    include_str!("../../templates/script/contacts.js"),
    include_str!("../../templates/script/live.js"),
    "})();\n",
);

/// The header of a page that is about several runs.
#[derive(Template)]
#[template(path = "suite-header.html")]
pub(super) struct RunsHeader {
    pub(super) title: String,
    /// Its kind, its symbol, and what it says.
    pub(super) badge: (&'static str, &'static str, String),
    /// Names and values.
    pub(super) facts: Vec<(&'static str, String)>,
}

/// A whole document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// What the tab of the browser says; foreign text is made harmless here.
    pub(crate) title: &'a str,
    /// The `<header>`'s inner HTML.
    pub(crate) header: &'a str,
    /// The inner HTML of `<main>`.
    pub(crate) main: &'a str,
    /// JSON for the script, made with [`super::data`]; empty for a page without.
    pub(crate) data: &'a str,
    /// Whether it changes while it is looked at.
    pub(crate) live: Live,
}

#[derive(Template)]
#[template(path = "frame.html")]
struct Document<'a> {
    title: String,
    policy: String,
    style: String,
    script: &'static str,
    events: &'static str,
    frame: Frame<'a>,
}

impl Frame<'_> {
    /// The document.
    pub(crate) fn render(self) -> String {
        let events = match self.live {
            Live::Finished | Live::Stopped => "",
            Live::Running => EVENTS,
        };
        let document = Document {
            title: shown::line(self.title),
            policy: policy(self.live),
            style: format!("{STYLE}{}", chart::style()),
            script: SCRIPT,
            events,
            frame: self,
        };
        html(&document)
    }
}

/// The text of a template.
pub(crate) fn html(template: &impl Template) -> String {
    template.render().expect("a template writes into memory, and its values can be written")
}

/// What a browser may do on behalf of a page, whether it is live or not: for the head of an answer, where it holds even for a
/// page that says otherwise.
pub fn policy_of_pages() -> String {
    format!("{}; frame-ancestors 'none'", policy(Live::Running))
}

/// What a browser may do on behalf of a page.
fn policy(live: Live) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, SCRIPT.as_bytes());
    let hash = STANDARD.encode(hash);
    let connect = match live {
        Live::Finished | Live::Stopped => "'none'",
        Live::Running => "'self'",
    };
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; img-src data:; \
         connect-src {connect}; base-uri 'none'; form-action 'none'"
    )
}
