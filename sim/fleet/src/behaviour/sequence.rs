//! `sequence`: several replies, one after the other or by weight.

use scenario::field::{optional, required, with_default};
use scenario::{Definition, Field, Node, Placed, Problem, Problems, Reader, value};
use smtp::server::Then;
use units::{Draw, Table};

use super::reply::words::Words;
use super::{Act, Behaviour, BehaviourKind, Scene, Setting, Stage};
use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "sequence",
    about: "The server answers at a phase of the dialogue with one reply of a list after the other: the first try gets the first one, \
            and so on. Tries are counted for each recipient and return path, or, before a recipient is named, for the \
            provider as a whole. With `weight`, each try gets one of the list by chance instead.",
    kind: "a map",
    fields: &[
        with_default(
            "at",
            "phase",
            "Instead of which answer: greeting, ehlo, mail, rcpt, data or end_of_data.",
            "rcpt",
        ),
        required(
            "replies",
            "list of replies",
            "Each is `accept`, or a map: `use`, or `code`, `enhanced` and `text`, or `raw`, as in `reply`; and either `times`, how many tries get \
             it (1 if left out), or `weight`, how likely it is beside the others.",
        ),
        with_default(
            "then",
            "accept, stay or cycle",
            "What follows the last reply: every further try is accepted, gets the last reply again, or begins the list anew.",
            "accept",
        ),
    ],
    example: "sequence: { at: rcpt, replies: [{ code: 451, times: 2 }, { code: 452, enhanced: 4.2.2 }], then: accept }",
};

const ENTRY: [Field; 7] = [
    optional("use", "situation, or id of a known reply", ""),
    optional("code", "number", ""),
    optional("enhanced", "enhanced code", ""),
    optional("text", "text", ""),
    optional("raw", "text", ""),
    optional("times", "number", ""),
    optional("weight", "number", ""),
];

const AT: &[(&str, Phase)] = &[
    ("greeting", Phase::Greeting),
    ("ehlo", Phase::Ehlo),
    ("mail", Phase::Mail),
    ("rcpt", Phase::Rcpt),
    ("data", Phase::Data),
    ("end_of_data", Phase::EndOfData),
];

const AFTERWARDS: &[(&str, Afterwards)] =
    &[("accept", Afterwards::Accept), ("stay", Afterwards::Stay), ("cycle", Afterwards::Cycle)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Afterwards {
    Accept,
    Stay,
    Cycle,
}

/// An entry of the list.
#[derive(Debug)]
struct Entry {
    /// `None`: the server accepts.
    words: Option<Words>,
    times: Option<Placed<u64>>,
    weight: Option<Placed<u64>>,
}

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let at = reader.optional("at", value::one_of(AT));
    let phase = at.unwrap_or(Phase::Rcpt);
    let entries = reader.required(
        "replies",
        value::list(|node: &Node, problems: &mut Problems| entry(phase, node, problems)),
    );
    let then = reader.optional("then", value::placed(value::one_of(AFTERWARDS)));
    reader.finish();
    let entries = entries?;
    let choice = choice(&entries, then, problems)?;
    let words = entries.into_iter().map(|entry| entry.words).collect();
    Some(Box::new(Sequence { at: phase, words, choice, draw: Draw::new(0, ""), tries: Table::default() }))
}

fn entry(at: Phase, node: &Node, problems: &mut Problems) -> Option<Entry> {
    if node.text() == Some("accept") {
        return Some(Entry { words: None, times: None, weight: None });
    }
    let mut reader = Reader::new("a reply of `sequence`", &ENTRY, node, problems)?;
    let words = Words::read(&mut reader);
    if let Some(words) = &words {
        words.check(Some(at), &mut reader);
    }
    let times = reader.optional("times", value::placed(value::number(1..=1_000_000_u64)));
    let weight = reader.optional("weight", value::placed(value::number(1..=1_000_000_u64)));
    reader.finish();
    Some(Entry { words: Some(words?), times, weight })
}

/// How one of the entries is chosen.
#[derive(Debug)]
enum Choice {
    /// The number of the try after which each is over, and what comes after the last one.
    InOrder { ends: Vec<u64>, then: Afterwards },
    /// The sum of the weights up to each.
    ByWeight { sums: Vec<u64> },
}

fn choice(entries: &[Entry], then: Option<Placed<Afterwards>>, problems: &mut Problems) -> Option<Choice> {
    let sums = |number: fn(&Entry) -> Option<u64>| {
        entries.iter().scan(0_u64, move |sum, entry| {
            *sum = sum.saturating_add(number(entry).unwrap_or(1));
            Some(*sum)
        })
    };
    let Some(weight) = entries.iter().find_map(|entry| entry.weight) else {
        let ends = sums(|entry| entry.times.map(|times| times.value)).collect();
        return Some(Choice::InOrder { ends, then: then.map_or(Afterwards::Accept, |then| then.value) });
    };
    let excluded = entries
        .iter()
        .find_map(|entry| entry.times.map(|times| ("times", times.place)))
        .or(then.map(|then| ("then", then.place)));
    if let Some((key, place)) = excluded {
        problems.push(
            Problem::at(
                place,
                format!("`weight` and `{key}` exclude each other"),
                "belongs to a list in order",
            )
            .also(weight.place, "chosen by chance")
            .help("either one reply after the other (`times`, `then`), or each by chance (`weight`)"),
        );
        return None;
    }
    Some(Choice::ByWeight { sums: sums(|entry| entry.weight.map(|weight| weight.value)).collect() })
}

#[derive(Debug)]
struct Sequence {
    at: Phase,
    /// The replies in order; `None`: the server accepts.
    words: Vec<Option<Words>>,
    choice: Choice,
    draw: Draw,
    /// How many tries each recipient and sender had; of nobody in particular under `None`.
    tries: Table<Option<(u32, u32)>, u64>,
}

impl Behaviour for Sequence {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn remembers(&self) -> bool {
        true
    }

    fn phases(&self) -> Phases {
        Phases::only(self.at)
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.draw = setting.draw.with(setting.rule);
        self.words.iter_mut().flatten().for_each(|words| {
            words.prepare(setting);
        });
    }

    fn on(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> Option<Act> {
        if stage.phase() != self.at {
            return None;
        }
        let recipient = match stage {
            Stage::Rcpt { recipient } => Some(*recipient),
            _ => scene.visit.recipients.first().copied(),
        };
        let whose = recipient.map(|recipient| (scene.visit.sender_number, recipient));
        let tries = self.tries.entry(whose).or_default();
        *tries += 1;
        let number = match &self.choice {
            Choice::InOrder { ends, then } => in_order(*tries, ends, *then),
            Choice::ByWeight { sums } => {
                let name = recipient.map_or("", |recipient| scene.roster.name(recipient));
                by_weight(self.draw.with_text(name).with_text(&scene.visit.sender).with(*tries), sums)
            }
        };
        // To accept is no opinion: others may have one.
        self.words[number?].as_ref()?.say(stage, scene, Then::Continue)
    }
}

/// The entry for a try; `None` if the list is over.
fn in_order(tries: u64, ends: &[u64], then: Afterwards) -> Option<usize> {
    let last = *ends.last()?;
    let tries = match then {
        Afterwards::Accept => tries,
        Afterwards::Stay => tries.min(last),
        Afterwards::Cycle => (tries - 1) % last + 1,
    };
    ends.iter().position(|end| tries <= *end)
}

fn by_weight(draw: Draw, sums: &[u64]) -> Option<usize> {
    let drawn = draw.below(*sums.last()?);
    sums.iter().position(|sum| drawn < *sum)
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::testing::{World, contact, refuse};

    /// The codes that the first tries of one contact get at RCPT.
    fn check(yaml: &str, expected: &[&str]) {
        let mut world = World::new("generic-postfix", 2, yaml);
        let mut codes = |number: u32| -> Vec<String> {
            expected
                .iter()
                .map(|_| {
                    let said = world.send(Instant::ZERO, &[&contact(number)]);
                    said.split(' ').nth(3).expect("a reply to RCPT").to_owned()
                })
                .collect()
        };
        assert_eq!(codes(1), expected, "{yaml}");
        assert_eq!(codes(2), expected, "{yaml}: another recipient begins anew");
    }

    #[test]
    fn replies_come_in_order() {
        let two = "replies: [{ code: 451, times: 2 }, { code: 452 }]";
        check(&format!("sequence: {{ {two} }}"), &["451", "451", "452", "250", "250"]);
        check(&format!("sequence: {{ {two}, then: stay }}"), &["451", "451", "452", "452", "452"]);
        check(&format!("sequence: {{ {two}, then: cycle }}"), &["451", "451", "452", "451", "451"]);
        check("sequence: { replies: [accept, { code: 550 }], then: stay }", &["250", "550", "550"]);
        check("sequence: { replies: [{ use: full_mailbox }] }", &["552", "250"]);
    }

    #[test]
    fn before_a_recipient_is_named_tries_are_the_provider_s() {
        let yaml = "sequence: { at: greeting, replies: [{ code: 421 }, { code: 554 }], then: accept }";
        let mut world = World::new("generic-postfix", 2, yaml);
        let mut greeted = |number: u32| world.send(Instant::ZERO, &[&contact(number)])[..3].to_owned();
        assert_eq!([greeted(1), greeted(2), greeted(1)], ["421", "554", "220"]);
    }

    #[test]
    fn with_weights_each_try_is_drawn() {
        let yaml = "sequence: { replies: [{ code: 451, weight: 3 }, { code: 452, weight: 1 }] }";
        let mut world = World::new("generic-postfix", 200, yaml);
        let codes: Vec<String> = (1..=200)
            .map(|number| {
                let said = world.send(Instant::ZERO, &[&contact(number)]);
                said.split(' ').nth(3).expect("a reply to RCPT").to_owned()
            })
            .collect();
        let often = codes.iter().filter(|code| *code == "451").count();
        assert!((130..=170).contains(&often), "{often}");
        assert!(codes.iter().all(|code| code == "451" || code == "452"));
    }

    #[test]
    fn what_is_wrong_is_told() {
        refuse("sequence: {}", "`sequence` needs `replies`");
        refuse("sequence: { replies: [] }", "the list is empty");
        refuse(
            "sequence: { replies: [{ code: 451, weight: 1 }], then: stay }",
            "`weight` and `then` exclude",
        );
        refuse(
            "sequence: { replies: [{ code: 451, weight: 1 }, { code: 452, times: 2 }] }",
            "`weight` and `times`",
        );
        refuse("sequence: { replies: [{ code: 354 }] }", "354 makes no sense at rcpt");
        refuse("sequence: { at: body, replies: [{ code: 451 }] }", "found `body`");
    }
}
