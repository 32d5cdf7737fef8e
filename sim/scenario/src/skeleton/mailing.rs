//! The keys of `mailings`: what is sent, to whom and when.

use crate::Definition;
use crate::field::{optional, required, with_default};

pub(crate) const MAILING: Definition = Definition {
    key: "mailings",
    about: "What is sent: at least one mailing, and at most 1_000.",
    kind: "list of maps",
    fields: &[
        required(
            "name",
            "text",
            "What it is called in expectations: letters, digits, `-` and `_`; unique in the file.",
        ),
        with_default("start", "time since the start", "When it begins.", "0h"),
        with_default(
            "kind",
            "regular, automated or test",
            "`regular`: everybody at once. `automated`: recipients join over time. `test`: one to ten addresses, never \
             changes a contact.",
            "regular",
        ),
        optional(
            "joins",
            "rate",
            "How many recipients join per time; an automated mailing needs it, others cannot have it.",
        ),
        with_default(
            "size",
            "size",
            "The size of its message, up to 100 MiB, and up to 512 KiB where each recipient gets one of its own.",
            "4 KiB",
        ),
        with_default(
            "subject",
            "text",
            "Stands in the subject line, where a spam block may find it.",
            "the mailing's name",
        ),
        with_default(
            "from",
            "address",
            "Whom it is from, in the message itself.",
            "`news@` and the sender's domain",
        ),
        optional(
            "text",
            "text",
            "What the message says, before the text that fills it up to its size; ASCII, at most 64 KiB.",
        ),
        with_default(
            "dkim",
            "sign or none",
            "Whether it is signed, with the sender's key. Each recipient then gets a message of its own, alone in its \
             transaction; `unsubscribe` and `return_path: per_recipient` have the same effect.",
            "none",
        ),
        with_default(
            "unsubscribe",
            "one_click, mailto or none",
            "How recipients leave: `one_click`: a link that needs one click, and an address (RFC 8058); `mailto`: an \
             address only (RFC 2369).",
            "none",
        ),
        with_default(
            "return_path",
            "shared or per_recipient",
            "Where bounces go: to one address for the whole mailing, or to one for each recipient, so that a bounce says \
             whom it is about.",
            "shared",
        ),
        with_default(
            "to",
            "list of addresses, domains and providers",
            "Who receives it. A test mailing needs one to ten addresses.",
            "the whole audience",
        ),
        with_default(
            "attempts",
            "list of durations",
            "When a recipient is attempted, counted from its own start.",
            "[0h, 1h, 6h, 29h30m]",
        ),
        with_default(
            "policy",
            "classic or careful",
            "When a contact moves to Error. `classic`: on a hard bounce, and on the third consecutive soft one. `careful`: \
             only if the reply says something about the address.",
            "classic",
        ),
        with_default(
            "uncertain",
            "resend, hold or assume_delivered",
            "What is done with a recipient whose connection died between the final dot and the reply. `resend`: tries \
             again when the next attempt is due. `hold`: waits until the window closes. `assume_delivered`: counts it as \
             delivered.",
            "resend",
        ),
    ],
    example: "\
mailings:
  - { name: spring-sale, size: 20 KiB }
  - { name: welcome, kind: automated, joins: 100/min, start: 2h }
  - { name: preview, kind: test, to: ann@northmail.test }
",
};
