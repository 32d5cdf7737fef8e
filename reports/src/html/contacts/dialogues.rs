//! The dialogues that a record has kept, for the attempts that stories tell of: by provider and connection.

use std::collections::BTreeMap;

use record::{Dialogue, DialogueLine, Extent, Record, Voice};

use crate::html::data::{self, Object};
use crate::html::shown;

/// Bytes that dialogues may take in a page.
const BYTES_MAX: usize = 1536 * 1024;

/// Writes as many as fit, and how many do not.
pub(super) fn write(record: &Record, object: &mut Object<'_>) {
    let mut dialogues = Object::new(object.entry("dialogues"));
    let mut left = BYTES_MAX;
    let mut left_out = 0_u64;
    for dialogue in in_turn(&record.dialogues) {
        let mut text = String::new();
        one(&mut text, dialogue);
        match left.checked_sub(text.len()) {
            Some(rest) => left = rest,
            None => {
                left_out += 1;
                continue;
            }
        }
        let key = format!("{}.{}", dialogue.provider, dialogue.connection);
        dialogues.entry(&key).push_str(&text);
    }
    dialogues.end();
    object.number("dialogues_left_out", left_out);
}

/// The first of each provider, then the second of each: a talkative provider takes no room from another.
fn in_turn(dialogues: &[Dialogue]) -> Vec<&Dialogue> {
    let mut turns = BTreeMap::new();
    let mut in_turn: Vec<(u32, &Dialogue)> = Vec::with_capacity(dialogues.len());
    for dialogue in dialogues {
        let turn: &mut u32 = turns.entry(dialogue.provider).or_default();
        in_turn.push((*turn, dialogue));
        *turn += 1;
    }
    in_turn.sort_by_key(|(turn, _)| *turn);
    in_turn.into_iter().map(|(_, dialogue)| dialogue).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_take_turns() {
        let dialogue = |(provider, connection)| Dialogue {
            provider,
            connection,
            lines: Vec::new(),
            extent: Extent::Whole,
        };
        let all = [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2)].map(dialogue);
        let order: Vec<_> = in_turn(&all).iter().map(|one| (one.provider, one.connection)).collect();
        assert_eq!(order, [(0, 1), (1, 1), (0, 2), (1, 2), (0, 3)]);
    }
}
