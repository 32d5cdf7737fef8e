//! `fate`: what becomes of messages after they were accepted: what no sender can see.
//!
//! Here is what can be written; `fate/settings` reads it, `fate/check` finds what cannot be, and `fate/tree` decides. What is
//! sent back is written in [`crate::post`].

mod check;
mod settings;
mod tree;

use scenario::field::{optional, with_default};
use scenario::{Definition, Field, Node, Placed, Problems, Reader};
use smtp::Address;

use self::settings::Settings;
use self::tree::Tree;
use super::{Accepted, Behaviour, BehaviourKind, Destiny, Scene, Setting};
use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "fate",
    about: "What becomes of a message after it was accepted, for each of its recipients. First it is decided where it goes, to \
            exactly one place: `lost`, `spam_folder`, `forwarded`, `bounced_later`, and what is left over goes into the inbox. \
            Only what is in the inbox is answered (`auto_replied`), opened, called spam (`complained`) or makes somebody leave \
            (`unsubscribed`), each drawn on its own; only what is opened is clicked. Each is written as a share (`20%`, \
            drawn from the seed for each message), as an address or a list of addresses (always), or as a map with `share` or \
            `addresses` and more. All of it is in the receipts and can be expected (`inbox`, `opened`, ...). Reports, \
            complaints, answers and unsubscribes come back to the sender while the run goes on, \
            which does not end before; nothing comes back to the null return path.",
    kind: "a map",
    fields: &[
        field("lost", "Thrown away, and nobody is told."),
        field("spam_folder", "Put into the spam folder, where nobody looks."),
        field("forwarded", "Sent on to another address. What happens there is not followed."),
        field(
            "bounced_later",
            "Not delivered after all: a report (RFC 3464) is sent to the return path. In a map also: `after`, a duration or \
             a range (1m..1h); `use`, the refusal that it passes on: a situation of the provider's profile or the id of a known \
             reply (unknown_mailbox), or else `status` (as in 5.1.1) and `diagnostic` (a text); `return`: headers, \
             full or none (headers); `forwarded_to`, an address at which it failed; `quirks`, any of \
             no_original_recipient, hidden_recipient (only the return path tells whom it is about), foreign_language, \
             malformed, forged (the return path is invented), looping (it comes three times, each with the one before in it).",
        ),
        field(
            "auto_replied",
            "Answered by a program, because the recipient is away (RFC 3834). In a map also `after` (10s..1m).",
        ),
        field("opened", "Opened by the recipient. In a map also `after` (1m..1d)."),
        field(
            "clicked",
            "A link in it is followed by a recipient who has opened it. In a map also `after`, counted from the opening (5s..5m).",
        ),
        field(
            "complained",
            "Called spam by the recipient; the provider tells the return path (RFC 5965). In a map also `after` (1m..1d), \
             and `redacted`: true if the complaint does not say who complains (false).",
        ),
        field(
            "unsubscribed",
            "The recipient leaves, by what List-Unsubscribe in the message offers; if it offers nothing, nothing happens. In a \
             map also `after` (1m..1d), and `by`: one_click or mailto (one_click).",
        ),
    ],
    example: "fate: { spam_folder: 20%, bounced_later: { share: 1%, after: 1m..6h }, opened: 30%, complained: [ann@bigbox.test] }",
};

const fn field(name: &'static str, about: &'static str) -> Field {
    with_default(name, "share, list of addresses, or a map", about, "none")
}

const SHARE: Field = optional("share", "share", "This share of the messages, each drawn on its own.");
const ADDRESSES: Field = optional("addresses", "address or list of addresses", "These recipients, always.");
const AFTER: Field = optional("after", "duration or range of durations", "How long after, 30d at most.");

const PLAIN_FIELDS: &[Field] = &[SHARE, ADDRESSES];
const TIMED_FIELDS: &[Field] = &[SHARE, ADDRESSES, AFTER];
const COMPLAINT_FIELDS: &[Field] =
    &[SHARE, ADDRESSES, AFTER, optional("redacted", "true or false", "Whether it leaves out who complains.")];
const UNSUBSCRIBE_FIELDS: &[Field] =
    &[SHARE, ADDRESSES, AFTER, optional("by", "one_click or mailto", "How the recipient leaves.")];
const BOUNCE_FIELDS: &[Field] = &[
    SHARE,
    ADDRESSES,
    AFTER,
    optional("use", "situation, or id of a known reply", "The refusal that the report passes on."),
    optional("status", "enhanced code", "The status of the report."),
    optional("diagnostic", "text", "The words of the report."),
    optional("return", "headers, full or none", "How much of the message is given back."),
    optional("forwarded_to", "address", "Where it failed."),
    optional("quirks", "word or list of words", "What is odd about the report."),
];

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let place = reader.place();
    let settings = Settings::read(&mut reader);
    reader.finish();
    check::all(&settings, place, problems);
    Some(Box::new(Fate { tree: Tree::new(settings) }))
}

#[derive(Debug)]
struct Fate {
    tree: Tree,
}

impl Behaviour for Fate {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn named_contacts(&self) -> Vec<&Placed<Address>> {
        self.tree.named_contacts()
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.tree.prepare(setting);
    }

    /// It says nothing in the dialogue; what it decides follows from the end of data.
    fn phases(&self) -> Phases {
        Phases::only(Phase::EndOfData)
    }

    fn decides_fate(&self) -> bool {
        true
    }

    fn reads_content(&self) -> bool {
        self.tree.writes_echoes()
    }

    fn fate(&mut self, accepted: &Accepted<'_>, scene: &Scene<'_>) -> Option<Destiny> {
        Some(self.tree.decide(accepted, scene))
    }
}

#[cfg(test)]
mod tests;
