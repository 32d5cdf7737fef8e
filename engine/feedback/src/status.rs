//! What a delivery report says of each recipient.
//!
//! RFC 3464 2.3 (fields of a recipient), RFC 3463 (status).

use policy::feedback::{RecipientStatus, Reported};
use smtp::{Address, Domain, EnhancedStatusCode};

use crate::fields::{Block, blocks};

/// The most recipients of a report that are kept.
// RFC 5321 4.5.3.1.8: a message can have at least a hundred.
const RECIPIENTS_MAX: usize = 100;

/// Reads the part that is for machines. Empty if it speaks of no recipient.
pub(crate) fn read(part: &[u8]) -> Vec<RecipientStatus> {
    let blocks = blocks(part, &["Final-Recipient", "Original-Recipient"]);
    blocks.iter().filter_map(recipient).take(RECIPIENTS_MAX).collect()
}

/// What a block says of a recipient; nothing, if it is about the message.
fn recipient(block: &Block) -> Option<RecipientStatus> {
    let diagnostic = block.typed("Diagnostic-Code").unwrap_or_default();
    let status = block.get("Status").and_then(status);
    let action = action(block.get("Action"), status, diagnostic)?;
    let names = ["Original-Recipient", "Final-Recipient"];
    let recipients = names.iter().filter_map(|name| block.typed(name).and_then(address)).collect();
    let remote = block.typed("Remote-MTA").and_then(|host| Domain::parse(host.split(' ').next()?).ok());
    Some(RecipientStatus { recipients, action, status, diagnostic: diagnostic.to_owned(), remote })
}

/// What was done. If it is not said, the status or the reply tells; a temporary failure may not have been the last.
fn action(said: Option<&str>, status: Option<EnhancedStatusCode>, diagnostic: &str) -> Option<Reported> {
    let word = said.map(|text| text.split([' ', '(', ';']).next().unwrap_or_default().to_ascii_lowercase());
    match word.as_deref() {
        Some("failed") => Some(Reported::Failed),
        Some("delayed") => Some(Reported::Delayed),
        // RFC 3464 2.3.3: a list has taken it (`expanded`), or somebody who sends no reports (`relayed`)
        Some("delivered" | "relayed" | "expanded") => Some(Reported::Delivered),
        Some(_) | None => match (status.map(EnhancedStatusCode::class), diagnostic.as_bytes().first()) {
            (Some(2), _) => Some(Reported::Delivered),
            (Some(4), _) => Some(Reported::Delayed),
            (Some(5), _) | (None, Some(b'5')) => Some(Reported::Failed),
            (Some(_) | None, _) => None,
        },
    }
}

/// A status, whatever is written after it (`5.1.1 (bad destination mailbox address)`).
fn status(text: &str) -> Option<EnhancedStatusCode> {
    let code = text.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    EnhancedStatusCode::parse(code)
}

/// An address, with or without angle brackets.
pub(crate) fn address(text: &str) -> Option<Address> {
    let text = text.trim();
    let bare = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    Address::parse_utf8(bare).ok()
}
