//! Any bytes can be said to a server: no panic, the same answers in any pieces, and never more to say than it should.
//!
//! The first byte chooses what is offered and refused, the second the size of the pieces, the third which questions the host
//! says no to; the rest is what the client says, up to a handshake.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp::server::{Answer, Credentials, Host, ServerConfig, ServerSession, Then, Tolerance, Turn};
use smtp::{Address, Extensions, Mechanisms, Reply, ReversePath, SizeLimit, limits};

fuzz_target!(|bytes: &[u8]| {
    let [flags, size, refusals, wire @ ..] = bytes else { return };
    let config = config(*flags);
    let whole = talk(config, *refusals, std::iter::once(wire));
    let pieces = wire.chunks(usize::from(*size).max(1));
    assert_eq!(talk(config, *refusals, pieces), whole);
});

fn config(flags: u8) -> ServerConfig {
    let flag = |bit: u8| flags & (1 << bit) != 0;
    let tolerance = |bit: u8| if flag(bit) { Tolerance::Refuse } else { Tolerance::Take };
    let extensions = Extensions {
        pipelining: true,
        eight_bit_mime: flag(0),
        enhanced_status_codes: flag(1),
        size: if flag(2) { SizeLimit::Max(100) } else { SizeLimit::Unlimited },
        smtputf8: flag(3),
        chunking: flag(4),
        dsn: flag(0),
        starttls: flag(5),
        auth: Mechanisms { plain: flag(5), login: flag(5) },
    };
    let (bare_line_ends, long_lines) = (tolerance(6), tolerance(7));
    ServerConfig { extensions, bare_line_ends, long_lines, ..ServerConfig::default() }
}

/// What was said, and what the host was asked.
fn talk<'a>(
    config: ServerConfig,
    refusals: u8,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> (Vec<u8>, Then, Vec<u8>) {
    let mut host = Scribe { refusals, asked: Vec::new(), octets: 0 };
    let mut session = ServerSession::new(config);
    let mut said = session.greeting(&mut host);
    for mut piece in pieces {
        while !piece.is_empty() {
            let Turn { bytes, then, .. } = session.receive_part(&mut host, &mut piece);
            assert!(bytes.len() < limits::TURN_BYTES + 1024, "{} octets in a turn", bytes.len());
            assert!(said.then == Then::Continue || (bytes.is_empty() && then == Then::Continue));
            said.bytes.extend(bytes);
            if said.then == Then::Continue {
                said.then = then;
            }
        }
        if session.awaits_handshake() {
            return (said.bytes, said.then, host.asked);
        }
    }
    (said.bytes, said.then, host.asked)
}

/// A host that writes down what it is asked.
struct Scribe {
    /// Says no to a question when the lowest bit is set; then the next bit counts.
    refusals: u8,
    asked: Vec<u8>,
    /// Of the message.
    octets: u64,
}

impl Scribe {
    fn answer(&mut self, question: &str, yes: u16) -> Answer {
        self.asked.extend_from_slice(question.as_bytes());
        self.asked.push(b'\n');
        let code = if self.refusals & 1 == 1 { 550 } else { yes };
        self.refusals = self.refusals.rotate_right(1);
        Answer::say(Reply::new(code, None, "so be it"))
    }
}

impl Host for Scribe {
    fn greet(&mut self) -> Answer {
        self.answer("greet", 220)
    }

    fn hello(&mut self, name: &str) -> Answer {
        self.answer(name, 250)
    }

    fn start_tls(&mut self) -> Answer {
        self.answer("starttls", 220)
    }

    fn authenticate(&mut self, credentials: &Credentials<'_>) -> Answer {
        self.answer(credentials.user, 235)
    }

    fn mail(&mut self, from: &ReversePath, _: Option<u64>) -> Answer {
        self.octets = 0;
        self.answer(&from.to_string(), 250)
    }

    fn rcpt(&mut self, to: &Address) -> Answer {
        self.answer(to.as_str(), 250)
    }

    fn data(&mut self) -> Answer {
        self.answer("data", 354)
    }

    fn body(&mut self, chunk: &[u8]) {
        self.octets += chunk.len() as u64;
        self.asked.extend_from_slice(chunk);
    }

    fn end_of_data(&mut self, bytes: u64) -> Answer {
        assert_eq!(bytes, self.octets);
        self.answer("end", 250)
    }

    fn quit(&mut self) -> Answer {
        self.answer("quit", 221)
    }

    fn reset(&mut self) {
        self.asked.extend_from_slice(b"reset\n");
    }
}
