//! Complaints: somebody called a message spam, and the provider tells its sender, in the abuse reporting format (RFC 5965).

use std::time::Duration;

use super::occasion::{Occasion, date};
use super::original::{plain, replaced};
use super::paper::Paper;
use super::{Echo, EchoKind};

/// Whether a complaint tells who complains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redaction {
    /// It does.
    Named,
    /// The recipient's address, and the return path, are taken out of it (RFC 6590): only the address that it comes to tells whom
    /// it is about.
    Redacted,
}

/// What stands in the place of an address.
const REDACTED: &str = "redacted";

/// The complaint of a recipient.
pub(crate) fn complaint(occasion: &Occasion<'_>, after: Duration, redaction: Redaction) -> Echo {
    let mut paper = Paper::default();
    let mark = occasion.mark("complaint");
    let boundary = format!("feedback-{mark}");
    header(&mut paper, occasion, after, &mark, &boundary);
    paper
        .part(&boundary, "text/plain; charset=us-ascii")
        .line("")
        .line(&format!("This is an abuse report of {} about a message that was", occasion.identity.name))
        .line(&format!("received from {} on {}.", occasion.identity.client, date(occasion.arrived)))
        .line("");
    feedback(&mut paper, occasion, &boundary, redaction);
    paper.part(&boundary, "text/rfc822-headers").line("").lines(&shown(occasion, redaction)).line("");
    paper.end(&boundary);
    let what = EchoKind::Mail { to: occasion.sender.clone(), message: paper.into_bytes() };
    Echo { due: occasion.later(after), recipient: occasion.recipient.to_owned(), what }
}

fn header(paper: &mut Paper, occasion: &Occasion<'_>, after: Duration, mark: &str, boundary: &str) {
    let subject = occasion.original.field("Subject").unwrap_or_default();
    paper
        .field("From", &format!("Feedback Loop <feedback@{}>", occasion.domain()))
        .field("To", occasion.sender.as_str())
        // RFC 5965 2 (h): as that of a forwarded message
        .field("Subject", &format!("FW: {subject}"))
        .field("Date", &date(occasion.later(after)))
        .field("Message-ID", &format!("<{mark}@{}>", occasion.host))
        .field("MIME-Version", "1.0")
        .field(
            "Content-Type",
            &format!("multipart/report; report-type=feedback-report; boundary=\"{boundary}\""),
        )
        .line("");
}

// RFC 5965 3
fn feedback(paper: &mut Paper, occasion: &Occasion<'_>, boundary: &str, redaction: Redaction) {
    paper
        .part(boundary, "message/feedback-report")
        .line("")
        .field("Feedback-Type", "abuse")
        .field("User-Agent", &format!("{}-feedback/1.0", occasion.identity.name.replace(' ', "-")))
        .field("Version", "1");
    if redaction == Redaction::Named {
        paper
            .field("Original-Mail-From", &format!("<{}>", occasion.sender))
            .field("Original-Rcpt-To", &format!("<{}>", occasion.recipient));
    }
    paper
        .field("Arrival-Date", &date(occasion.arrived))
        .field("Source-IP", &occasion.identity.client.to_string())
        .field("Reported-Domain", occasion.sender.domain())
        .line("");
}

/// The header of the message, possibly without the addresses in it.
fn shown(occasion: &Occasion<'_>, redaction: Redaction) -> Vec<u8> {
    let header = occasion.original.header();
    match redaction {
        Redaction::Named => header.to_vec(),
        Redaction::Redacted => {
            let lines = header.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            let redacted = |line: &[u8]| {
                let without_recipient = replaced(&plain(line), occasion.recipient, REDACTED);
                format!("{}\r\n", replaced(&without_recipient, occasion.sender.as_str(), REDACTED))
            };
            lines.map(redacted).collect::<String>().into_bytes()
        }
    }
}
