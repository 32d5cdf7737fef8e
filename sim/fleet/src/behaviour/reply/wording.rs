//! Which codes make sense at which phase, and replies that are spelled byte by byte.

use scenario::{Node, Problem, Problems, Reader, value};
use smtp::{Reply, ReplyParser};

use super::Words;
use crate::Phase;

/// Reads `raw`: a reply, and whatever follows it, byte by byte.
pub(super) fn spelled(node: &Node, problems: &mut Problems) -> Option<Words> {
    let text = value::text(node, problems)?;
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let Some(bytes) = bytes else {
        let message = "a character of `raw` is more than one byte";
        problems.push(
            Problem::at(node.place, message, "not from U+0000 to U+00FF")
                .help("write the bytes of its UTF-8 form instead, as in \"\\xE2\\x82\\xAC\""),
        );
        return None;
    };
    let mut parser = ReplyParser::new();
    parser.feed(&bytes);
    if let Ok(Some(reply)) = parser.next() {
        return Some(Words::Spelled { reply, bytes });
    }
    problems.push(
        Problem::at(node.place, "`raw` does not begin with a reply", "no code, or no end of a line")
            .help("write code, text and line end in double quotes, as in \"250 Ok\\r\\n\"; what is no reply is `nonsense`"),
    );
    None
}

/// Reports a code that makes no sense at a phase.
pub(super) fn check(words: &Words, at: Option<Phase>, reader: &mut Reader<'_>) {
    let (code, key) = match words {
        Words::Situation(_) | Words::Known(_) => return,
        Words::Written { code, .. } => (*code, "code"),
        Words::Spelled { reply, .. } => (code_of(reply), "raw"),
    };
    let (Some(at), Some(node)) = (at, reader.node(key)) else { return };
    let (fits, remedy) = fitting(at, code);
    if !fits {
        let message = format!("{code} makes no sense at {}", at.word());
        reader.problems().push(Problem::at(node.place, message, "not an answer at this phase").help(remedy));
    }
}

/// Whether a code makes sense at a phase, and which do.
fn fitting(at: Phase, code: u16) -> (bool, &'static str) {
    match at {
        Phase::Data => (matches!(code, 300..=599), "write 354, or a code from 400 to 599"),
        Phase::Body => {
            (matches!(code, 400..=599), "write a code from 400 to 599; the connection is closed after it")
        }
        Phase::Idle => (code == 421, "write 421, the one reply that may come unasked"),
        Phase::Connect
        | Phase::Greeting
        | Phase::Ehlo
        | Phase::StartTls
        | Phase::TlsHandshake
        | Phase::Auth
        | Phase::Mail
        | Phase::Rcpt
        | Phase::EndOfData
        | Phase::Bdat
        | Phase::Rset
        | Phase::Noop
        | Phase::Vrfy
        | Phase::Quit => (
            matches!(code, 200..=299 | 400..=599),
            "write a code from 200 to 299, which accepts, or from 400 to 599, which refuses",
        ),
    }
}

fn code_of(reply: &Reply) -> u16 {
    reply.code().get()
}
