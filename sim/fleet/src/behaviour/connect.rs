//! `connect`: nobody gets a connection, or not at each of several addresses.

use scenario::field::{required, with_default};
use scenario::{Definition, Kind, Node, Problem, Problems, Reader, value};
use units::Draw;

use super::{Act, Behaviour, BehaviourKind, Refusal, Scene, Setting, Stage, Way};

use crate::{Phase, Phases};

pub(super) const KIND: BehaviourKind = BehaviourKind { definition: &DEFINITION, read };

const DEFINITION: Definition = Definition {
    key: "connect",
    about: "Nobody gets a connection: `refuse` refuses it at once, `time_out` never answers, `reset` opens it and \
            resets it before the greeting. Connections that are open already go on. In a map, hosts have several addresses, of which only some \
            are like that: clients try them in an order that is drawn for each connection (RFC 5321 5.1), a dead one after the other, and come \
            through at one that is alive. A refusal takes as long as an answer; an address that does not answer costs a quarter of a second before \
            the next is tried beside it (RFC 8305). Receipts say at which address a connection was opened. A host that is served on sockets listens at one address \
            all the same.",
    kind: "refuse, time_out or reset, or a map",
    fields: &[
        required("how", "refuse or time_out", "What the dead addresses do."),
        required("addresses", "number", "How many addresses each host has, 2 to 16."),
        with_default("dead", "number", "How many of them are dead: the first ones, but not all.", "1"),
    ],
    example: "connect: { how: time_out, addresses: 4, dead: 1 }",
};

/// More addresses than this no client tries.
const MOST_ADDRESSES: u32 = 16;

fn read(node: &Node, problems: &mut Problems) -> Option<Box<dyn Behaviour>> {
    const WORDS: &[(&str, Connect)] =
        &[("refuse", Connect::Refuse), ("time_out", Connect::TimeOut), ("reset", Connect::Reset)];
    match &node.kind {
        Kind::Map(_) => read_addresses(node, problems).map(|some| Box::new(some) as Box<dyn Behaviour>),
        Kind::Scalar { .. } | Kind::List(_) => {
            value::one_of(WORDS)(node, problems).map(|connect| Box::new(connect) as Box<dyn Behaviour>)
        }
    }
}

fn read_addresses(node: &Node, problems: &mut Problems) -> Option<SomeAddresses> {
    const WORDS: &[(&str, Refusal)] = &[("refuse", Refusal::Refuse), ("time_out", Refusal::TimeOut)];
    let mut reader = Reader::of(&DEFINITION, node, problems)?;
    let how = reader.required("how", value::one_of(WORDS));
    let addresses = reader.required("addresses", value::number(2..=MOST_ADDRESSES));
    let dead = reader.optional("dead", value::number(1..=MOST_ADDRESSES)).unwrap_or(1);
    if let (Some(addresses), Some(node)) = (addresses.filter(|all| *all <= dead), reader.node("dead")) {
        let message = format!("{dead} of {addresses} addresses are all of them");
        let problem = Problem::at(node.place, message, "nobody could come through");
        reader.problems().push(problem.help("write a lower number, or, without a map, connect: refuse"));
    }
    reader.finish();
    Some(SomeAddresses { how: how?, addresses: addresses?, dead, draw: Draw::new(0, "") })
}

#[derive(Debug, Clone, Copy)]
enum Connect {
    Refuse,
    TimeOut,
    Reset,
}

/// Some of several addresses are dead.
#[derive(Debug)]
struct SomeAddresses {
    how: Refusal,
    addresses: u32,
    dead: u32,
    draw: Draw,
}

impl SomeAddresses {
    /// How many dead ones are tried before the first that is alive, if all are tried in an order drawn from `draw`.
    fn tried_in_vain(&self, draw: Draw) -> u32 {
        let (mut tried, mut dead) = (0, self.dead);
        while dead > 0 && draw.with(tried.into()).below((self.addresses - tried).into()) < dead.into() {
            (tried, dead) = (tried + 1, dead - 1);
        }
        tried
    }
}

impl Behaviour for SomeAddresses {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::NONE
    }

    fn prepare(&mut self, setting: &mut Setting<'_>) {
        self.draw = setting.draw.with(setting.rule);
    }

    fn dials(&self) -> bool {
        true
    }

    fn way(&self, scene: &Scene<'_>) -> Option<Way> {
        let host = &scene.identity.hosts[scene.visit.host];
        let draw = self.draw.with_text(host).with(scene.visit.connection.into());
        let tried = self.tried_in_vain(draw);
        let alive = u64::from(self.addresses - self.dead);
        let address = self.dead + 1 + u32::try_from(draw.with_text("alive").below(alive)).unwrap_or(0);
        Some(match self.how {
            Refusal::Refuse => Way { refused: tried, silent: 0, address },
            Refusal::TimeOut => Way { refused: 0, silent: tried, address },
        })
    }
}

impl Behaviour for Connect {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn phases(&self) -> Phases {
        Phases::only(Phase::Greeting)
    }

    fn dials(&self) -> bool {
        true
    }

    fn dial(&mut self) -> Option<Refusal> {
        match self {
            Self::Refuse => Some(Refusal::Refuse),
            Self::TimeOut => Some(Refusal::TimeOut),
            Self::Reset => None,
        }
    }

    fn on(&mut self, stage: &Stage<'_>, _: &Scene<'_>) -> Option<Act> {
        match (self, stage) {
            (Self::Reset, Stage::Greeting) => Some(Act::Reset),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use units::Instant;

    use crate::Dial;
    use crate::receipts::ConnectionEnd;
    use crate::testing::{World, refuse};

    fn check(yaml: &str, outcome: &str, connections: &[ConnectionEnd]) {
        let mut world = World::new("generic-postfix", 1, yaml);
        assert_eq!(world.send(Instant::ZERO, &["c000001@bigbox.test"]), outcome, "{yaml}");
        let ends: Vec<ConnectionEnd> = world.receipts().connections.iter().map(|one| one.end).collect();
        assert_eq!(ends, connections, "{yaml}");
    }

    #[test]
    fn nobody_gets_a_connection() {
        check("connect: refuse", "refused", &[]);
        check("connect: time_out", "timed out", &[]);
        check("connect: reset", "reset", &[ConnectionEnd::ServerClosed]);
        refuse("connect: refused", "expected `refuse`, `time_out` or `reset`, found `refused`");
    }

    #[test]
    fn a_connection_comes_through_at_an_address_that_is_alive() {
        let world = World::new("generic-postfix", 1, "connect: { how: time_out, addresses: 4, dead: 3 }");
        let mut slow = 0;
        for _ in 0..200 {
            let Dial::Connected { after, mut server } = world.fleet.connect("mx1.bigbox.test", Instant::ZERO)
            else {
                panic!("a connection")
            };
            slow += u32::from(after >= Duration::from_millis(250));
            server.closed(Instant::ZERO + after);
        }
        assert!((120..180).contains(&slow), "three of four tries begin at a dead one: {slow}");
        let receipts = world.receipts();
        assert_eq!(receipts.connections.len(), 200);
        assert!(receipts.connections.iter().all(|connection| connection.address == 4));
        refuse("connect: { how: refuse, addresses: 4, dead: 4 }", "4 of 4 addresses are all of them");
        refuse("connect: { how: reset, addresses: 4 }", "found `reset`");
        refuse("connect: { how: refuse }", "needs `addresses`");
    }
}
