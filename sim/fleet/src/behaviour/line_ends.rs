//! `line_ends`: the server ends its lines with a bare line feed.

use scenario::{Definition, Node, Problems, value};

use super::habits::{Habits, LineEnds};
use super::{Behaviour, BehaviourKind, Scene};
use crate::Phases;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "line_ends",
    about: "How the server ends the lines of its answers: `lf` is a bare line feed, against the standard (RFC 5321 2.3.8); `crlf` is what \
            the standard says. Concerns connections that are opened while this is in force.",
    kind: "crlf or lf",
    fields: &[],
    example: "line_ends: lf",
};

const WORDS: &[(&str, LineEnds)] = &[("crlf", LineEnds::CrLf), ("lf", LineEnds::Lf)];

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    value::one_of(WORDS)(node, problems).map(|ends| Box::new(Writes(ends)) as Box<dyn Behaviour>)
}

#[derive(Debug)]
struct Writes(LineEnds);

impl Behaviour for Writes {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::NONE
    }

    fn forms_habits(&self) -> bool {
        true
    }

    fn habits(&mut self, habits: &Habits, _: &Scene<'_>) -> Option<Habits> {
        Some(Habits { line_ends: self.0, ..habits.clone() })
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::Dial;
    use crate::testing::{World, refuse};

    #[test]
    fn lines_end_as_they_are_told_to() {
        let said = |yaml| {
            let world = World::new("generic-postfix", 1, yaml);
            let Dial::Connected { mut server, .. } = world.fleet().connect("mx1.bigbox.test", Instant::ZERO)
            else {
                panic!("no connection");
            };
            let mut bytes = server.greeting(Instant::ZERO).bytes;
            bytes.extend(server.receive(Instant::ZERO, b"EHLO a.test\r\nNOOP\r\n").bytes);
            bytes
        };
        let usual = said("line_ends: crlf");
        assert_eq!(said(""), usual);
        assert!(usual.ends_with(b"250 2.0.0 Ok\r\n"), "{usual:?}");
        let bare = said("line_ends: lf");
        assert_eq!(String::from_utf8(usual).unwrap().replace("\r\n", "\n").into_bytes(), bare);
        refuse("line_ends: cr", "expected `crlf` or `lf`, found `cr`");
    }
}
