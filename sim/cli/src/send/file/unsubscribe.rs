//! The key `unsubscribe`: a link, an address, or both.

use compose::{Unsubscribe, UnsubscribeError, Way};
use scenario::{Node, Placed, Problem, Problems, Source, value};

use super::{place, texts};

/// Reads it.
pub(super) fn read(source: &Source, node: &Node, problems: &mut Problems) -> Option<Placed<Unsubscribe>> {
    let ways = value::list(value::placed(value::text))(node, problems)?;
    let (mut link, mut mailto) = (None, None);
    for way in &ways {
        let slot = if way.value.starts_with("mailto:") { &mut mailto } else { &mut link };
        if slot.replace(way).is_some() {
            problems.push(
                Problem::at(way.place, "there is one of this kind already", "the second one")
                    .help("name one link and one address at most"),
            );
        }
    }
    let text = |way: Option<&Placed<String>>| way.map(|way| way.value.clone());
    match Unsubscribe::new(text(link).as_deref(), text(mailto).as_deref()) {
        Ok(unsubscribe) => Some(Placed { value: unsubscribe, place: node.place }),
        Err((way, error)) => {
            let text = match way {
                Way::Link => link,
                Way::Mailto => mailto,
            };
            match text {
                Some(text) => problems.extend(wrong(source, text, &error)),
                None => problems.push(Problem::at(node.place, error.to_string(), "nothing here")),
            }
            None
        }
    }
}

fn wrong(source: &Source, text: &Placed<String>, error: &UnsubscribeError) -> Vec<Problem> {
    if let UnsubscribeError::Mistakes(mistakes) = error {
        let problem = |mistake: &compose::Mistake| {
            let place = place::of(source, text, mistake.place.clone());
            texts::fault(place, mistake.fault.to_string(), &mistake.fault)
        };
        return mistakes.iter().map(problem).collect();
    }
    let help = "write a link, as in https://news.example/leave?{{token}}, or an address, as in mailto:leave@news.example";
    vec![Problem::at(text.place, format!("`{}`: {error}", text.value), "not a way to leave").help(help)]
}
