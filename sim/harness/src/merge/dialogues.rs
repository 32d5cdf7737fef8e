//! The dialogues of all shards.

use record::{Dialogue, DialogueLine, Extent, Voice};

/// The dialogues of all shards in the record's order; taken out of the receipts.
pub(super) fn merged(shards: &mut [fleet::Receipts]) -> Vec<Dialogue> {
    let of_shard = |shard: &mut fleet::Receipts| std::mem::take(&mut shard.dialogues);
    let mut merged: Vec<Dialogue> = shards.iter_mut().flat_map(of_shard).map(dialogue).collect();
    merged.sort_by_key(|dialogue| (dialogue.provider, dialogue.connection));
    merged
}

fn dialogue(kept: fleet::Dialogue) -> Dialogue {
    Dialogue {
        provider: kept.provider,
        connection: kept.connection,
        lines: kept.lines.into_iter().map(line).collect(),
        extent: match kept.extent {
            fleet::Extent::Whole => Extent::Whole,
            fleet::Extent::Cut => Extent::Cut,
        },
    }
}

fn line(spoken: fleet::Spoken) -> DialogueLine {
    DialogueLine {
        at: spoken.at.as_nanos(),
        from: match spoken.voice {
            fleet::Voice::Client => Voice::Client,
            fleet::Voice::Server => Voice::Server,
            fleet::Voice::Note => Voice::Note,
        },
        text: spoken.text,
    }
}
