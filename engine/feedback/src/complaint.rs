//! Complaints about spam, as mailbox providers pass them on.
//!
//! RFC 5965 3 (fields), RFC 6650 (when they are sent), RFC 6591 (reports about failed signatures, which are none).

use policy::feedback::{Complaint, Ignored, Notice};

use crate::fields::{Block, blocks};
use crate::parts::Part;
use crate::status::address;

/// Reads a complaint: the part for machines, and the return paths that it and the message have.
pub(crate) fn read(part: &Part<'_>, parts: &[Part<'_>]) -> Notice {
    let contents = part.contents();
    let block = blocks(&contents, &[]).into_iter().next().unwrap_or_default();
    if !is_complaint(&block) {
        return Notice::Nothing(Ignored::NoComplaint);
    }
    let stated = block.get("Original-Mail-From").and_then(address);
    let returned = parts.iter().find_map(Part::returned);
    let path = returned.and_then(|header| header.text("Return-Path")).and_then(|text| address(&text));
    Notice::Complaint(Complaint { return_paths: stated.into_iter().chain(path).collect() })
}

/// Whether a person wants no more of this. `not-spam` says the opposite, `auth-failure`, `virus` and `dmarc` are said by machines.
// RFC 5965 7.3 registers the types; `opt-out` and `opt-out-list` are those of its drafts, still sent
fn is_complaint(block: &Block) -> bool {
    let kind = block.get("Feedback-Type").unwrap_or_default().to_ascii_lowercase();
    matches!(kind.as_str(), "abuse" | "fraud" | "opt-out" | "opt-out-list")
}
