//! `/receipts`: what has become of each recipient, and of the messages afterwards, one JSON object a line, in order of time.
//!
//! The fields are those of arrivals and sequels in a record (`docs/record-format.md`), without the clock. A fetch gives a bounded number
//! of lines; `since` with the last line's `at` gives those that came later. What was decided at one moment is never torn
//! apart.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use fleet::{Answered, Told, ToldSequel};
use serde::Serialize;
use units::Instant;

use super::{Fault, Room};
use crate::hall::Hall;

/// How many lines are given at a time, or a few more.
const LINES: usize = 10_000;

/// An arrival, as a line.
#[derive(Serialize)]
struct Line<'a> {
    at: u64,
    provider: &'a str,
    host: &'a str,
    connection: u32,
    sender: &'a str,
    recipient: &'a str,
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
}

/// A sequel, as a line.
#[derive(Serialize)]
struct SequelLine<'a> {
    at: u64,
    provider: &'a str,
    connection: u32,
    sender: &'a str,
    recipient: &'a str,
    body_hash: String,
    happened: &'static str,
}

pub(super) async fn receipts(State(room): State<Room>, uri: Uri) -> Result<impl IntoResponse, Fault> {
    let since = since(uri.query().unwrap_or_default())?;
    let lines = room.desk.ask(move |hall| lines(hall, since)).await?;
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], lines))
}

/// The moment that a query names.
fn since(query: &str) -> Result<Option<Instant>, Fault> {
    let wrong = |message: String| {
        Fault::bad_request("bad_query", message, "write since=N, with `at` of the last line that you have")
    };
    if query.is_empty() {
        return Ok(None);
    }
    let number = query.strip_prefix("since=").ok_or_else(|| wrong(format!("`{query}` is not understood")))?;
    let nanos = number.parse().map_err(|_| wrong(format!("`{number}` is no number of nanoseconds")))?;
    Ok(Some(Instant::from_nanos(nanos)))
}

/// The first lines after `since`.
fn lines(hall: &Hall, since: Option<Instant>) -> String {
    let (mut first, now) = (First::default(), hall.clock.now());
    hall.fleet(|fleet| {
        fleet.tell(since, &mut |told| first.offer(told.at, || line(&told)));
        fleet.tell_sequels(since, now, &mut |told| first.offer(told.at, || sequel_line(&told)));
    });
    first.groups.into_values().flatten().collect()
}

/// The first lines of many that are offered in any order, by moment, so that the latest can be thrown away as a whole when
/// there are too many.
#[derive(Default)]
struct First {
    groups: BTreeMap<Instant, Vec<String>>,
    count: usize,
}

impl First {
    fn offer(&mut self, at: Instant, line: impl FnOnce() -> String) {
        let is_late = self.count >= LINES && self.groups.last_key_value().is_some_and(|(last, _)| at > *last);
        if !is_late {
            self.groups.entry(at).or_default().push(line());
            self.count += 1;
        }
        while let Some(last) = self.groups.last_entry()
            && self.count - last.get().len() >= LINES
        {
            self.count -= last.remove().len();
        }
    }
}

fn sequel_line(told: &ToldSequel<'_>) -> String {
    let line = SequelLine {
        at: told.at.as_nanos(),
        provider: told.provider,
        connection: told.connection,
        sender: told.sender,
        recipient: told.recipient,
        body_hash: format!("{:016x}", told.body_hash),
        happened: told.what.word(),
    };
    let json = serde_json::to_string(&line).expect("a line is plain data");
    json + "\n"
}

fn line(told: &Told<'_>) -> String {
    let bare = Line {
        at: told.at.as_nanos(),
        provider: told.provider,
        host: told.host,
        connection: told.connection,
        sender: told.sender,
        recipient: told.recipient,
        answer: "",
        body_bytes: None,
        body_hash: None,
        phase: None,
        code: None,
    };
    let body = |answer, hash: u64, bytes| Line {
        answer,
        body_bytes: Some(bytes),
        body_hash: Some(format!("{hash:016x}")),
        ..bare
    };
    let line = match told.answer {
        Answered::Accepted { body_hash, body_bytes } => body("accepted", body_hash, body_bytes),
        Answered::AcceptedReplyLost { body_hash, body_bytes } => {
            body("accepted_reply_lost", body_hash, body_bytes)
        }
        Answered::Refused { phase, code } => {
            Line { answer: "refused", phase: Some(phase.word()), code: Some(code), ..bare }
        }
        Answered::Unfinished => Line { answer: "unfinished", ..bare },
    };
    let json = serde_json::to_string(&line).expect("a line is plain data");
    json + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_a_moment_or_is_refused() {
        assert_eq!(since(""), Ok(None));
        assert_eq!(since("since=12"), Ok(Some(Instant::from_nanos(12))));
        for query in ["since=", "since=-1", "since=1h", "until=3", "since=1&since=2"] {
            assert_eq!(since(query).expect_err(query).error, "bad_query", "{query}");
        }
    }
}
