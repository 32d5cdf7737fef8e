//! What kind of message came back.
//!
//! Machines are asked first, by the part that they write for machines; words for people are never taken for a report. So an
//! absence notice is not a bounce, however much it looks like one (RFC 3834 2), and a bounce is one in any language.

use policy::feedback::{Ignored, Notice};

use crate::parts::{Header, Part, parts};
use crate::{complaint, status};

/// Octets of a message that are looked at. A report comes before the message that it returns, which may be cut.
// No RFC sets a bound. A report on the hundred recipients that RFC 5321 4.5.3.1.8 lets a message have at least fits in.
pub const READ_BYTES: usize = 256 * 1024;

/// Characters of a subject that are kept; one that a link for leaving has made is shorter.
const SUBJECT_CHARACTERS: usize = 200;

/// Reads a message that came back. Every message is something; what cannot be read is [`Notice::Letter`].
pub fn read(message: &[u8]) -> Notice {
    let message = &message[..message.len().min(READ_BYTES)];
    let header = Header::read(message);
    let parts = parts(message, &header);
    if let Some(notice) = parts.iter().find_map(report) {
        let is_about_a_report = parts.iter().any(returns_a_report);
        return if is_about_a_report { Notice::Nothing(Ignored::AboutAReport) } else { notice };
    }
    if let Some(part) = parts.iter().find(|part| part.is("message", "feedback-report")) {
        return complaint::read(part, &parts);
    }
    if is_automatic(&header) {
        return Notice::Nothing(Ignored::AutoReply);
    }
    let subject = header.text("Subject").unwrap_or_default();
    Notice::Letter { subject: subject.chars().take(SUBJECT_CHARACTERS).collect() }
}

/// The delivery report in a part, if it is one and says anything.
fn report(part: &Part<'_>) -> Option<Notice> {
    // RFC 3464 2.1, RFC 6533 4
    let is_report = part.is("message", "delivery-status") || part.is("message", "global-delivery-status");
    let entries = if is_report { status::read(&part.contents()) } else { Vec::new() };
    (!entries.is_empty()).then_some(Notice::Status(entries))
}

/// Whether a part returns a message that is a report itself. None of ours is.
fn returns_a_report(part: &Part<'_>) -> bool {
    part.returned().is_some_and(|header| header.is("multipart", "report"))
}

/// Whether a program has written the message, not a person.
fn is_automatic(header: &Header<'_>) -> bool {
    // RFC 3834 5; the others are older than it
    let submitted = header.text("Auto-Submitted").is_some_and(|text| !text.eq_ignore_ascii_case("no"));
    let is_named = ["X-Autoreply", "X-Autorespond", "X-Autoresponse"].iter().any(|name| header.has(name));
    let precedence = header.text("Precedence").unwrap_or_default().to_ascii_lowercase();
    let is_for_many = matches!(precedence.as_str(), "auto_reply" | "auto-reply" | "bulk" | "junk" | "list");
    // RFC 8098 3: that it was read, or was not
    let is_receipt = header.is("multipart", "report")
        && header.parameter("report-type").is_some_and(|kind| kind == "disposition-notification");
    submitted || is_named || is_for_many || is_receipt
}
