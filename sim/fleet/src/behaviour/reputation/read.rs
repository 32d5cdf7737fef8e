//! How a reputation is written: where it starts, what counts how much, and what follows from it.

use std::time::Duration;

use scenario::field::{optional, required, with_default};
use scenario::{Field, Node, Placed, Problem, Problems, Reader, value};
use units::Share;

use super::score::{Signal, Thousandths};
use super::{Behaviour, Block, DEFINITION, Of, Rates, Reputation, Terms, Tier};
use crate::behaviour::factor::factor;
use crate::behaviour::wording::{USE, Wording};
use crate::profile::Situation;

const SIGNAL_FIELDS: &[Field] = &[
    weight("unknown_recipient", "Recipients that do not exist.", "2"),
    weight("trap", "Recipients that are spam traps (`mailboxes`).", "50"),
    weight("complaint", "Recipients who call it junk (`fate`).", "100"),
    weight("volume_jump", "Recipients beyond a jump of the volume.", "1"),
    weight(
        "auth_failure",
        "Recipients of messages that are refused because nobody vouches for them (`checks`).",
        "1",
    ),
    weight("engagement", "Recipients who open it or click (`fate`); these points are won.", "1"),
];

const fn weight(name: &'static str, about: &'static str, usual: &'static str) -> Field {
    with_default(name, "number", about, usual)
}

const TIER_FIELDS: &[Field] = &[
    required("below", "number", "The scores that it is about: those below this, 1 to 100."),
    optional("messages", "rate", "How many messages to one recipient each are taken."),
    with_default("spam", "share", "How much of what is taken goes to the spam folder.", "0%"),
    USE,
];

const BLOCK_FIELDS: &[Field] = &[
    required("below", "number", "The scores that lead to a block: those below this, 1 to 100."),
    required("for", "duration", "How long it lasts at least."),
    with_default(
        "delist_after",
        "duration",
        "For how long nothing may have been tried before it ends.",
        "however much is tried",
    ),
    USE,
];

/// Reads what stands after `reputation`.
pub(super) fn reputation(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let of = reader.optional("of", value::list(value::one_of(Of::WORDS))).unwrap_or(Of::ALL.to_vec());
    let start = reader.optional("start", points).unwrap_or(50_000);
    let trust_after = reader.optional("trust_after", value::number(1..=1_000_000_000_u64)).unwrap_or(1_000);
    let half_life = reader.optional("half_life", half_life).unwrap_or(Duration::from_secs(30 * 86_400));
    let usual = Signal::ALL.map(|signal| signal.usual().1);
    let weights = reader.optional("signals", weights).unwrap_or(usual);
    let jump = reader.optional("jump", factor).unwrap_or(3);
    let jump_from = reader.optional("jump_from", value::number(1..=1_000_000_000_u64)).unwrap_or(500);
    let mut tiers = reader.optional("tiers", value::list(value::placed(tier))).unwrap_or_default();
    let block = reader.optional("block", value::placed(block));
    let place = reader.place();
    if reader.node("tiers").is_none() && reader.node("block").is_none() {
        let problem =
            Problem::at(place, "a reputation that nothing follows from", "neither `tiers` nor `block`");
        reader.problems().push(problem.help("add one, as in tiers: [{ below: 60, messages: 100/d }]"));
    }
    check_tiers(&tiers, block.as_ref(), reader.problems());
    check_start(start, block.as_ref(), reader.problems());
    reader.finish();
    tiers.sort_by_key(|tier| tier.value.below);
    let terms = Terms {
        rates: Rates { start, trust_after, half_life, weights, jump, jump_from },
        tiers: tiers.into_iter().map(|tier| tier.value).collect(),
        block: block.map(|block| block.value),
    };
    Some(Box::new(Reputation::new(of, terms)))
}

/// Points from 0 to 100, in thousandths.
fn points(node: &Node, problems: &mut Problems) -> Option<Thousandths> {
    value::number(0..=100_u64)(node, problems).map(|points| points * 1_000)
}

/// Points from 1 to 100, in thousandths: below 0 is nobody.
fn threshold(node: &Node, problems: &mut Problems) -> Option<Thousandths> {
    value::number(1..=100_u64)(node, problems).map(|points| points * 1_000)
}

fn half_life(node: &Node, problems: &mut Problems) -> Option<Duration> {
    let half_life = value::duration(node, problems)?;
    if half_life.is_zero() {
        problems.push(
            Problem::at(node.place, "everything would be forgotten at once", "")
                .help("write after how long half of it is, as in 30d"),
        );
        return None;
    }
    Some(half_life)
}

fn weights(node: &Node, problems: &mut Problems) -> Option<[u64; Signal::ALL.len()]> {
    let mut reader = Reader::new("`signals`", SIGNAL_FIELDS, node, problems)?;
    let weights = Signal::ALL.map(|signal| {
        let (key, usual) = signal.usual();
        reader.optional(key, value::number(0..=10_000_u64)).unwrap_or(usual)
    });
    reader.finish();
    Some(weights)
}

fn tier(node: &Node, problems: &mut Problems) -> Option<Tier> {
    let mut reader = Reader::new("a tier", TIER_FIELDS, node, problems)?;
    let below = reader.required("below", threshold);
    let messages = reader.optional("messages", value::rate);
    let spam = reader.optional("spam", value::share);
    let words = reader.optional("use", Wording::read);
    if reader.node("messages").is_none() {
        if let Some(node) = reader.node("use") {
            let problem =
                Problem::at(node.place, "a tier without `messages` refuses nothing", "no words are said");
            reader
                .problems()
                .push(problem.help("leave `use` out, or add how much is taken, as in messages: 100/d"));
        } else if reader.node("spam").is_none() {
            let place = reader.place();
            let problem = Problem::at(place, "a tier that changes nothing", "neither `messages` nor `spam`");
            reader
                .problems()
                .push(problem.help("write how much is taken, as in messages: 100/d, or spam: 50%"));
        }
    }
    reader.finish();
    let words = words.unwrap_or(Wording::Situation(Situation::RateLimited));
    Some(Tier { below: below?, messages, spam: spam.unwrap_or(Share::NONE), words })
}

fn block(node: &Node, problems: &mut Problems) -> Option<Block> {
    let mut reader = Reader::new("`block`", BLOCK_FIELDS, node, problems)?;
    let below = reader.required("below", threshold);
    let length = reader.required("for", value::duration);
    let delist_after = reader.optional("delist_after", value::duration).unwrap_or(Duration::ZERO);
    let words = reader.optional("use", Wording::read).unwrap_or(Wording::Situation(Situation::SpamSource));
    reader.finish();
    Some(Block { below: below?, length: length?, delist_after, words })
}

fn check_tiers(tiers: &[Placed<Tier>], block: Option<&Placed<Block>>, problems: &mut Problems) {
    for (position, tier) in tiers.iter().enumerate() {
        let below = tier.value.below;
        if let Some(first) = tiers[..position].iter().find(|other| other.value.below == below) {
            let message = format!("two tiers for the scores below {}", below / 1_000);
            problems.push(
                Problem::at(tier.place, message, "")
                    .also(first.place, "the first")
                    .help("a sender is in one tier, the one with the lowest `below` that is above its score"),
            );
        }
        if let Some(block) = block.filter(|block| below <= block.value.below) {
            let message =
                format!("nobody is in this tier: scores below {} are blocked", block.value.below / 1_000);
            problems.push(
                Problem::at(tier.place, message, "")
                    .also(block.place, "the block")
                    .help("give the tier a higher `below`, or the block a lower one"),
            );
        }
    }
}

/// A stranger is not judged before it sends, but would be blocked for its first message, whatever it is.
fn check_start(start: Thousandths, block: Option<&Placed<Block>>, problems: &mut Problems) {
    if let Some(block) = block.filter(|block| start < block.value.below) {
        let message = format!("strangers start with {} points, and are blocked at once", start / 1_000);
        problems.push(
            Problem::at(block.place, message, "")
                .help("give the block a lower `below`, or strangers a higher `start`"),
        );
    }
}
