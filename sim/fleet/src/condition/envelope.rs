//! Matchers about the envelope: `recipient`, `domain`, `sender`, `sender_domain`.

use scenario::field::optional;
use scenario::{Node, Problems};

use super::pattern::{Pattern, patterns};
use super::{Asked, Matcher, Only, Spans, Test};
use crate::Phase;
use crate::behaviour::Stage;

pub(super) const RECIPIENT: Matcher = Matcher {
    field: optional(
        "recipient",
        "text or list of texts",
        "The address of the recipient; once the recipients are named (data, end_of_data), of any that was accepted.",
    ),
    known_from: Phase::Rcpt,
    read: |node, _, problems| recipient(Part::Address, node, problems),
};

pub(super) const DOMAIN: Matcher = Matcher {
    field: optional("domain", "text or list of texts", "The domain of the recipient, in the same way."),
    known_from: Phase::Rcpt,
    read: |node, _, problems| recipient(Part::Domain, node, problems),
};

pub(super) const SENDER: Matcher = Matcher {
    field: optional(
        "sender",
        "text or list of texts",
        "The return path; `<>` is the null one, which has no address.",
    ),
    known_from: Phase::Mail,
    read: |node, _, problems| sender(Part::Address, node, problems),
};

pub(super) const SENDER_DOMAIN: Matcher = Matcher {
    field: optional("sender_domain", "text or list of texts", "The domain of the return path."),
    known_from: Phase::Mail,
    read: |node, _: &Spans, problems| sender(Part::Domain, node, problems),
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Address,
    Domain,
}

impl Part {
    fn of(self, address: &str) -> &str {
        match self {
            Self::Address => address,
            Self::Domain => address.rsplit_once('@').map_or("", |(_, domain)| domain),
        }
    }
}

fn recipient(part: Part, node: &Node, problems: &mut Problems) -> Option<Box<dyn Test>> {
    let patterns = patterns(node, problems)?;
    let only = match part {
        Part::Address => patterns.iter().map(|pattern| pattern.only().map(str::to_owned)).collect(),
        Part::Domain => None,
    };
    Some(Box::new(Recipient { part, patterns, only }))
}

#[derive(Debug)]
struct Recipient {
    part: Part,
    patterns: Vec<Pattern>,
    /// All addresses that match, if they are few enough to be written.
    only: Option<Vec<String>>,
}

impl Recipient {
    fn matches(&self, address: &str) -> bool {
        let text = self.part.of(address).as_bytes();
        self.patterns.iter().any(|pattern| pattern.matches(text))
    }
}

impl Test for Recipient {
    fn holds(&self, Asked { stage, scene, .. }: Asked<'_>) -> Option<bool> {
        if let Some(Stage::Rcpt { recipient }) = stage {
            return Some(self.matches(scene.roster.name(*recipient)));
        }
        let named = &scene.visit.recipients;
        (!named.is_empty()).then(|| named.iter().any(|number| self.matches(scene.roster.name(*number))))
    }

    fn only(&self) -> Option<Only<'_>> {
        match (&self.only, self.patterns.as_slice()) {
            (Some(names), _) => Some(Only::Recipients(names)),
            (None, [pattern]) if self.part == Part::Address => {
                Some(pattern.beginning()).filter(|text| !text.is_empty()).map(Only::Beginning)
            }
            (None, _) => None,
        }
    }
}

fn sender(part: Part, node: &Node, problems: &mut Problems) -> Option<Box<dyn Test>> {
    let patterns = patterns(node, problems)?;
    let only = match part {
        Part::Address => None,
        Part::Domain => patterns.iter().map(|pattern| pattern.only().map(str::to_owned)).collect(),
    };
    Some(Box::new(Sender { part, patterns, only }))
}

#[derive(Debug)]
struct Sender {
    part: Part,
    patterns: Vec<Pattern>,
    /// All domains that match, if they are few enough to be written.
    only: Option<Vec<String>>,
}

impl Test for Sender {
    fn holds(&self, Asked { scene, .. }: Asked<'_>) -> Option<bool> {
        if scene.visit.transaction == 0 {
            return None;
        }
        let address = if scene.visit.sender.is_empty() { "<>" } else { &scene.visit.sender };
        let text = self.part.of(address).as_bytes();
        Some(self.patterns.iter().any(|pattern| pattern.matches(text)))
    }

    fn only(&self) -> Option<Only<'_>> {
        self.only.as_deref().map(Only::SenderDomains)
    }
}
