//! `extensions`: what EHLO offers, in some sessions or in all.

use scenario::field::{optional, with_default};
use scenario::{Definition, Node, Problem, Problems, Reader, value};
use smtp::{Extensions, Mechanisms, SizeLimit};

use super::chance::{Chance, SHARE, TIMES};
use super::habits::Habits;
use super::{Behaviour, BehaviourKind, Scene, Setting, Stage};
use crate::Phases;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "extensions",
    about: "What EHLO offers in connections that are opened while this is in force: what the provider's profile says, with some \
            extensions more or less. With `share`, sessions of one server differ, as behind a load balancer. The names: pipelining, \
            8bitmime, enhancedstatuscodes, size, smtputf8, chunking, dsn and auth. STARTTLS is `tls`.",
    kind: "a map",
    fields: &[
        optional("without", "list of extensions", "What is not offered although the profile has it."),
        optional("with", "list of extensions", "What is offered although the profile does not have it."),
        optional("max_size", "size", "The largest message, as SIZE says it and the server holds to it."),
        with_default(
            SHARE.name,
            SHARE.kind,
            "How many of the connections it concerns, each drawn on its own.",
            "100%",
        ),
        TIMES,
    ],
    example: "extensions: { without: [pipelining, 8bitmime], share: 30% }",
};

/// An extension that can be offered or withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extension {
    Pipelining,
    EightBitMime,
    EnhancedStatusCodes,
    Size,
    SmtpUtf8,
    Chunking,
    Dsn,
    Auth,
}

const NAMES: &[(&str, Extension)] = &[
    ("pipelining", Extension::Pipelining),
    ("8bitmime", Extension::EightBitMime),
    ("enhancedstatuscodes", Extension::EnhancedStatusCodes),
    ("size", Extension::Size),
    ("smtputf8", Extension::SmtpUtf8),
    ("chunking", Extension::Chunking),
    ("dsn", Extension::Dsn),
    ("auth", Extension::Auth),
];

fn name(node: &Node, problems: &mut Problems) -> Option<Extension> {
    if node.text() == Some("starttls") {
        problems.push(
            Problem::at(node.place, "STARTTLS is offered by another behaviour", "not here")
                .help("write `tls: offered`, or leave `tls` out"),
        );
        return None;
    }
    value::one_of(NAMES)(node, problems)
}

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let without = reader.optional("without", value::list(name)).unwrap_or_default();
    let with = reader.optional("with", value::list(value::placed(name))).unwrap_or_default();
    let max_size = reader.optional("max_size", value::byte_size);
    for offered in with.iter().filter(|offered| without.contains(&offered.value)) {
        let problem =
            Problem::at(offered.place, "this extension is offered and withheld", "stands in both lists");
        reader.problems().push(problem.help("remove it from `with` or from `without`"));
    }
    if let Some(node) = reader.node("max_size")
        && (without.contains(&Extension::Size) || max_size.is_some_and(|size| size.0 == 0))
    {
        let problem = Problem::at(
            node.place,
            "there is no largest size without SIZE, and none of nothing",
            "cannot be told",
        );
        reader.problems().push(problem.help("write more than 0 B, and remove `size` from `without`"));
    }
    if without.is_empty() && with.is_empty() && max_size.is_none() {
        let place = reader.place();
        let problem =
            Problem::at(place, "these extensions are those of the profile", "nothing is added or withheld");
        reader.problems().push(problem.help("write `without`, `with` or `max_size`"));
    }
    let chance = Chance::read(&mut reader);
    reader.finish();
    let with = with.into_iter().map(|offered| offered.value).collect();
    Some(Box::new(Offers { without, with, max_size: max_size.map(|size| size.0), chance }))
}

#[derive(Debug)]
struct Offers {
    without: Vec<Extension>,
    with: Vec<Extension>,
    max_size: Option<u64>,
    chance: Chance,
}

impl Behaviour for Offers {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::NONE
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.chance.prepare(setting);
    }

    fn forms_habits(&self) -> bool {
        true
    }

    fn habits(&mut self, habits: &Habits, scene: &Scene<'_>) -> Option<Habits> {
        if !self.chance.strikes(&Stage::Connect, scene) {
            return None;
        }
        let mut habits = habits.clone();
        self.without.iter().for_each(|extension| withhold(&mut habits.extensions, *extension));
        self.with.iter().for_each(|extension| offer(&mut habits.extensions, *extension));
        if let Some(octets) = self.max_size {
            habits.extensions.size = SizeLimit::Max(octets);
        }
        Some(habits)
    }
}

fn withhold(extensions: &mut Extensions, extension: Extension) {
    match extension {
        Extension::Pipelining => extensions.pipelining = false,
        Extension::EightBitMime => extensions.eight_bit_mime = false,
        Extension::EnhancedStatusCodes => extensions.enhanced_status_codes = false,
        Extension::Size => extensions.size = SizeLimit::NotOffered,
        Extension::SmtpUtf8 => extensions.smtputf8 = false,
        Extension::Chunking => extensions.chunking = false,
        Extension::Dsn => extensions.dsn = false,
        Extension::Auth => extensions.auth = Mechanisms::default(),
    }
}

fn offer(extensions: &mut Extensions, extension: Extension) {
    match extension {
        Extension::Pipelining => extensions.pipelining = true,
        Extension::EightBitMime => extensions.eight_bit_mime = true,
        Extension::EnhancedStatusCodes => extensions.enhanced_status_codes = true,
        Extension::Size if extensions.size == SizeLimit::NotOffered => extensions.size = SizeLimit::Unlimited,
        Extension::Size => {}
        Extension::SmtpUtf8 => extensions.smtputf8 = true,
        Extension::Chunking => extensions.chunking = true,
        Extension::Dsn => extensions.dsn = true,
        Extension::Auth => extensions.auth = Mechanisms { plain: true, login: true },
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::testing::{World, refuse};

    /// What EHLO offers in each of so many connections, sorted.
    fn offers(yaml: &str, connections: usize) -> Vec<String> {
        let mut world = World::new("generic-postfix", 1, yaml);
        let mut hello = || {
            world.talk("mx1.bigbox.test", Instant::ZERO, &["EHLO a.test\r\n".to_owned()]);
            world.said.replace("250-", "").replace("250 ", "").replace('\n', " ")
        };
        (0..connections).map(|_| hello()).collect()
    }

    #[test]
    fn extensions_are_offered_and_withheld() {
        let usual = offers("", 1).remove(0);
        assert!(usual.contains("PIPELINING") && !usual.contains("CHUNKING"), "{usual}");
        let check = |yaml: &str, has: &str, lacks: &str| {
            let offered = offers(yaml, 1).remove(0);
            assert!(offered.contains(has) && !offered.contains(lacks), "{yaml}: {offered}");
        };
        check("extensions: { without: pipelining }", "SIZE", "PIPELINING");
        check(
            "extensions: { with: [chunking, auth] }",
            "CHUNKING AUTH PLAIN LOGIN".split(' ').next().unwrap(),
            "DSNX",
        );
        check("extensions: { max_size: 1 MB, without: [pipelining] }", "SIZE 1000000", "PIPELINING");
    }

    #[test]
    fn sessions_of_one_server_differ() {
        let offered = offers("extensions: { without: pipelining, share: 50% }", 60);
        let with = offered.iter().filter(|line| line.contains("PIPELINING")).count();
        assert!((15..=45).contains(&with), "{with}");
    }

    #[test]
    fn what_is_impossible_is_refused() {
        refuse("extensions: { with: starttls }", "STARTTLS is offered by another behaviour");
        refuse("extensions: { with: [dsn], without: [dsn] }", "this extension is offered and withheld");
        refuse("extensions: { without: size, max_size: 1 MB }", "there is no largest size without SIZE");
        refuse("extensions: { share: 5% }", "these extensions are those of the profile");
        refuse("extensions: { with: [binarymime] }", "found `binarymime`");
    }
}
