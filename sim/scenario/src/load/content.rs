//! How the message of a mailing is made: the keys of a mailing that its content depends on.

use super::names;
use crate::{Content, Node, Problem, Problems, Reader, ReturnPath, Signing, Unsubscribe, value};

/// Octets of a text; what is longer is no text for a simulation.
const LONGEST_TEXT: usize = 64 * 1024;

const SIGNING: [(&str, Signing); 2] = [("sign", Signing::Sign), ("none", Signing::None)];
const UNSUBSCRIBE: [(&str, Unsubscribe); 3] =
    [("one_click", Unsubscribe::OneClick), ("mailto", Unsubscribe::Mailto), ("none", Unsubscribe::None)];
const RETURN_PATHS: [(&str, ReturnPath); 2] =
    [("shared", ReturnPath::Shared), ("per_recipient", ReturnPath::PerRecipient)];

/// Reads what the reader's mailing says about its content.
pub(super) fn read(reader: &mut Reader<'_>) -> Content {
    Content {
        from: reader.optional("from", names::address),
        text: reader.optional("text", text).unwrap_or_default(),
        dkim: reader.optional("dkim", value::one_of(&SIGNING)).unwrap_or_default(),
        unsubscribe: reader.optional("unsubscribe", value::one_of(&UNSUBSCRIBE)).unwrap_or_default(),
        return_path: reader.optional("return_path", value::one_of(&RETURN_PATHS)).unwrap_or_default(),
    }
}

/// A text that stands in a message as it is.
fn text(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = value::text(node, problems)?;
    // RFC 5322 2.1.1: lines of at most 998 characters; RFC 5321 4.5.2 sees to the dots
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'));
    let fits = text.len() <= LONGEST_TEXT && text.lines().all(|line| line.len() <= 998);
    if !is_plain || !fits {
        let message =
            "the text of a message is ASCII, in lines of at most 998 characters, and at most 64 KiB";
        problems.push(
            Problem::at(node.place, message, "not such a text")
                .help("leave other characters out; the size of a message is set with `size`"),
        );
    }
    Some(text)
}
