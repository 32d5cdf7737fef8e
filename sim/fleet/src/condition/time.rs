//! Matchers about time and chance: `during`, `share`.

use scenario::field::optional;
use scenario::{Problem, suggestion, value};
use units::{Draw, Share};

use super::{Asked, Matcher, Test};
use crate::behaviour::Stage;
use crate::{Phase, Times};

pub(super) const DURING: Matcher = Matcher {
    field: optional("during", "name of a span", "While the span of the timeline with this name is in force."),
    known_from: Phase::FIRST,
    read: |node, spans, problems| {
        let name = value::text(node, problems)?;
        let times = spans.times(&name);
        if times.is_empty() {
            let problem = Problem::at(node.place, format!("no span has the name `{name}`"), "no such span");
            problems.push(problem.help(match spans.names().as_slice() {
                [] => "give a span of the timeline a `name`".to_owned(),
                names => suggestion(&name, names, "the named spans"),
            }));
            return None;
        }
        Some(Box::new(During { times }))
    },
};

pub(super) const SHARE: Matcher = Matcher {
    field: optional(
        "share",
        "share",
        "So many of the occasions, drawn from the seed, the rule, the recipient, the return path and the number of the attempt: \
         neither order nor time matter, and the next attempt is drawn anew. Before a recipient is named, from the connection and \
         the number of the message.",
    ),
    known_from: Phase::FIRST,
    read: |node, _, problems| {
        Some(Box::new(Drawn { share: value::share(node, problems)?, draw: Draw::new(0, "") }))
    },
};

#[derive(Debug)]
struct During {
    times: Vec<Times>,
}

impl Test for During {
    fn holds(&self, Asked { scene, .. }: Asked<'_>) -> Option<bool> {
        Some(self.times.iter().any(|times| times.contain(scene.now)))
    }
}

#[derive(Debug)]
struct Drawn {
    share: Share,
    draw: Draw,
}

impl Test for Drawn {
    fn holds(&self, Asked { stage, scene, .. }: Asked<'_>) -> Option<bool> {
        let visit = scene.visit;
        let recipient = match stage {
            Some(Stage::Rcpt { recipient }) => Some((*recipient, visit.attempt)),
            _ => visit.recipients.first().copied().zip(visit.attempts.first().copied()),
        };
        let draw = match recipient {
            Some((recipient, attempt)) => self
                .draw
                .with_text(scene.roster.name(recipient))
                .with_text(&visit.sender)
                .with(u64::from(attempt)),
            None => [visit.connection, visit.turned_away, visit.transaction]
                .into_iter()
                .fold(self.draw, |draw, number| draw.with(u64::from(number))),
        };
        Some(draw.below(u64::from(Share::ALL.millionths())) < u64::from(self.share.millionths()))
    }

    fn prepare(&mut self, draw: Draw) {
        self.draw = draw;
    }

    fn counts_attempts(&self) -> bool {
        true
    }
}
