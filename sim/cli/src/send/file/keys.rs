//! The keys of a mailing file: tables that the reader reads by and that suggestions are made from.

use scenario::Field;
use scenario::field::{optional, required, with_default};

/// The keys of the file itself.
pub(super) const MAILING: &[Field] = &[
    required("name", "text", "What the mailing is called in records."),
    with_default("number", "whole number", "Its number, in return paths and Message-IDs.", "1"),
    required("from", "`Name <address>`", "Whom it is from."),
    optional("reply_to", "address", "Where answers go, if not there."),
    optional("to_name", "text", "The name shown beside the recipient's address."),
    required("subject", "text", "The subject."),
    required("text", "text", "The message as plain text."),
    optional("html", "text", "The same as HTML."),
    optional("headers", "map of texts", "More header fields."),
    required("recipients", "list, or a CSV file", "Whom it goes to, with their fields."),
    with_default("return_path", "address", "Where bounces go.", "the sender's address"),
    optional("secret", "text", "Makes the tokens in return paths and links; of at least 16 characters."),
    optional("unsubscribe", "link, address, or both", "How a recipient leaves: https://..., mailto:..."),
    optional("dkim", "map, or list of maps", "What it is signed with."),
    with_default("plan", "list of durations", "When a recipient is tried.", "[0h, 1h, 6h, 29h30m]"),
    with_default("policy", "classic or careful", "When a contact counts as lost.", "classic"),
    with_default(
        "uncertain",
        "resend, hold or assume_delivered",
        "What is done if nobody knows whether a message arrived.",
        "resend",
    ),
];

/// The keys of a signature.
pub(super) const DKIM: &[Field] = &[
    required("domain", "domain", "Whom it is signed for."),
    required("selector", "name", "Below which name the public key stands."),
    required("key", "file", "The private key in PEM, relative to the mailing file."),
];
