//! What a provider finds out about a sender and a message, for real: from the DNS of the simulated world, and with the
//! cryptography that real servers use.
//!
//! - [`zone`]: what the DNS knows about the sender
//! - [`findings`]: what was looked at, and what came of it
//! - `authentication`: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489, RFC 9989), by mail-auth
//! - `origin`: reverse DNS and the name in EHLO
//! - `header`: the form of a message (RFC 5322), and how its recipient can leave (RFC 8058)
//! - `content`: what it says, links and carries
//!
//! What is done about it is for the behaviour `checks` to say.

pub(crate) mod authentication;
pub(crate) mod content;
pub(crate) mod findings;
pub(crate) mod header;
pub(crate) mod origin;
pub(crate) mod zone;

pub use findings::{Check, Finding, Findings};
pub use zone::SenderZone;
