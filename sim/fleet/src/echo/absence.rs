//! Answers of people who are away: no bounces, however much some of them look like one (RFC 3834).

use std::time::Duration;

use super::occasion::{Occasion, date};
use super::paper::Paper;
use super::{Echo, EchoKind};

/// The answer of a recipient who is away.
pub(crate) fn absence(occasion: &Occasion<'_>, after: Duration) -> Echo {
    let mut paper = Paper::default();
    let mark = occasion.mark("absence");
    let subject = occasion.original.field("Subject").unwrap_or_default();
    paper
        .field("From", &format!("<{}>", occasion.recipient))
        // RFC 3834 4: to the return path, never to the author
        .field("To", occasion.sender.as_str())
        .field("Subject", &format!("Auto: {subject}"))
        .field("Date", &date(occasion.later(after)))
        .field("Message-ID", &format!("<{mark}@{}>", occasion.domain()));
    if let Some(id) = occasion.original.field("Message-ID") {
        paper.field("In-Reply-To", &id).field("References", &id);
    }
    paper
        // RFC 3834 3.1.7
        .field("Auto-Submitted", "auto-replied")
        .field("MIME-Version", "1.0")
        .field("Content-Type", "text/plain; charset=us-ascii")
        .line("")
        .line("I am out of the office and cannot read your message before I am back.")
        .line("Your message was delivered; it is not returned to you.");
    let what = EchoKind::Mail { to: occasion.sender.clone(), message: paper.into_bytes() };
    Echo { due: occasion.later(after), recipient: occasion.recipient.to_owned(), what }
}
