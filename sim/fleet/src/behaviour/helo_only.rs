//! `helo_only`: the server has never heard of EHLO.

use scenario::field::with_default;
use scenario::{Definition, Node, Problems, Reader, value};
use smtp::{EnhancedStatusCode, Reply};

use super::chance::{Chance, SHARE, TIMES};
use super::habits::Habits;
use super::{Behaviour, BehaviourKind, Scene, Setting, Stage};
use crate::Phases;

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "helo_only",
    about: "The server knows no EHLO, and so no extensions: EHLO is answered with an error, and HELO is welcome (RFC 5321 3.2).",
    kind: "a map",
    fields: &[
        with_default("code", "500, 502, 504 or 550", "What EHLO is answered with.", "502"),
        with_default(
            SHARE.name,
            SHARE.kind,
            "How many of the connections it concerns, each drawn on its own.",
            "100%",
        ),
        TIMES,
    ],
    example: "helo_only: { code: 500 }",
};

/// The codes after which a client tries HELO.
// RFC 5321 3.2, 4.3.2
const CODES: &[(&str, u16)] = &[("500", 500), ("502", 502), ("504", 504), ("550", 550)];

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let code = reader.optional("code", value::one_of(CODES)).unwrap_or(502);
    let chance = Chance::read(&mut reader);
    reader.finish();
    let refusal = Reply::new(code, EnhancedStatusCode::new(5, 5, 1), "Error: command not implemented");
    Some(Box::new(HeloOnly { refusal, chance }))
}

#[derive(Debug)]
struct HeloOnly {
    refusal: Reply,
    chance: Chance,
}

impl Behaviour for HeloOnly {
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
        let strikes = self.chance.strikes(&Stage::Connect, scene);
        strikes.then(|| Habits { without_ehlo: Some(self.refusal.clone()), ..habits.clone() })
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use crate::testing::{World, refuse};

    #[test]
    fn only_helo_is_welcome() {
        let lines = ["EHLO a.test\r\n", "RSET\r\n"].map(str::to_owned);
        let mut world = World::new("generic-postfix", 1, "helo_only: {}");
        assert_eq!(world.talk("mx1.bigbox.test", Instant::ZERO, &lines), "220 502 250");
        assert_eq!(world.talk("mx1.bigbox.test", Instant::ZERO, &["HELO a.test\r\n".to_owned()]), "220 250");
        assert_eq!(world.said, "250 mx1.bigbox.test");
        refuse("helo_only: { code: 451 }", "found `451`");
    }
}
