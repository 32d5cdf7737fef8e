//! The dialogues that a record has kept, for the attempts that stories tell of: by provider and connection.

use record::{Dialogue, DialogueLine, Extent, Record, Voice};

use crate::html::data::{self, Object};
use crate::html::shown;

/// Bytes that dialogues may take in a page.
const BYTES_MAX: usize = 1536 * 1024;

/// Writes as many as fit, in the order of the record.
pub(super) fn write(record: &Record, object: &mut Object<'_>) {
    let mut dialogues = Object::new(object.entry("dialogues"));
    let mut bytes = 0;
    for dialogue in &record.dialogues {
        let mut text = String::new();
        one(&mut text, dialogue);
        bytes += text.len();
        if bytes > BYTES_MAX {
            break;
        }
        let key = format!("{}.{}", dialogue.provider, dialogue.connection);
        dialogues.entry(&key).push_str(&text);
    }
    dialogues.end();
}

fn one(out: &mut String, dialogue: &Dialogue) {
    let mut object = Object::new(out);
    data::list(object.entry("lines"), &dialogue.lines, line);
    match dialogue.extent {
        Extent::Whole => {}
        Extent::Cut => object.number("cut", 1_u64),
    }
    object.end();
}

/// `[milliseconds, "C", "text"]`.
fn line(out: &mut String, line: &DialogueLine) {
    let from = match line.from {
        Voice::Client => "C",
        Voice::Server => "S",
        Voice::Note => "N",
    };
    out.push('[');
    data::number(out, line.at / 1_000_000);
    out.push(',');
    data::string(out, from);
    out.push(',');
    data::string(out, &shown::line(&line.text));
    out.push(']');
}
