//! One connection to the referee, beside the one to the fake server.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::Duration;

use fleet::Exchange;
use fleet::behaviour::Network;
use smtp::Domain;
use smtp::server::{Then, Turn};
use units::Instant;

use super::Summons;
use super::envelope::Envelope;
use super::limits::{self, Lack};
use super::program::Program;
use super::questions::{Answer, Asked, Question};
use crate::clock::Halt;
use crate::wire::PATIENCE;
use crate::wire::trouble::Trouble;
use crate::wire::witness::{Witness, Witnesses};

/// How long one source is listened to before the other is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// Looks at each before patience is lost.
const GLANCES: u128 = PATIENCE.as_millis() / GLANCE.as_millis();

/// More than any reply of mailin has.
const REPLY_BYTES_MAX: usize = 64 * 1024;

/// The referee of one world.
#[derive(Debug)]
pub(crate) struct Referee {
    program: Rc<RefCell<Program>>,
    /// Connections so far.
    opened: Rc<Cell<u64>>,
    trouble: Rc<Trouble>,
}

impl Referee {
    /// Starts the process. What goes wrong later is told to `trouble`.
    ///
    /// # Errors
    /// Why there is no referee.
    pub(crate) fn start(summons: &Summons, trouble: Rc<Trouble>) -> Result<Self, String> {
        // One more: a connection that was closed just now may still have its thread.
        let program = Program::start(&summons.program, summons.connections.saturating_add(1))?;
        let (program, opened) = (Rc::new(RefCell::new(program)), Rc::default());
        Ok(Self { program, opened, trouble })
    }
}

impl Witnesses for Referee {
    fn call(&self, host: &Domain, number: u32, _: Network) -> Box<dyn Witness> {
        Box::new(Attendance {
            program: Rc::clone(&self.program),
            opened: Rc::clone(&self.opened),
            trouble: Rc::clone(&self.trouble),
            name: format!("connection {number} to {host}"),
            line: None,
            envelope: Envelope::default(),
        })
    }
}

/// One connection.
struct Attendance {
    program: Rc<RefCell<Program>>,
    opened: Rc<Cell<u64>>,
    trouble: Rc<Trouble>,
    /// What the connection is called.
    name: String,
    /// The TCP connection, while it is open.
    line: Option<Line>,
    envelope: Envelope,
}

/// A TCP connection to mailin, and its number there.
struct Line {
    stream: TcpStream,
    number: u64,
}

/// Why an exchange came to nothing.
enum Objection {
    /// Something else was to come.
    Other { expected: String, found: String },
    /// It would have to do what it cannot. A rehearsal finds that before.
    Beyond(Lack),
    /// There is nobody to ask any more.
    Gone(String),
}

impl Objection {
    fn other(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Other { expected: expected.into(), found: found.into() }
    }
}

impl From<io::Error> for Objection {
    fn from(error: io::Error) -> Self {
        Self::Gone(error.to_string())
    }
}

impl Witness for Attendance {
    fn greeted(&mut self, now: Instant, turn: &mut Turn) {
        let greeted = self.greet(turn);
        self.conclude(now, greeted, turn);
    }

    fn heard(&mut self, now: Instant, bytes: &[u8], exchanges: &[Exchange], turn: &mut Turn) {
        let done = self.pass_on(bytes, exchanges, turn);
        self.conclude(now, done, turn);
    }
}

impl Attendance {
    fn greet(&mut self, turn: &mut Turn) -> Result<(), Objection> {
        if let Some(lack) = limits::in_greeting(turn) {
            return Err(Objection::Beyond(lack));
        }
        let stream = self.program.borrow().connect()?;
        self.opened.set(self.opened.get() + 1);
        let line = self.line.insert(Line { stream, number: self.opened.get() });
        let said = line.reply(&self.program.borrow())?;
        agree("220", &said)?;
        turn.bytes = said;
        Ok(())
    }

    /// Lets mailin read the bytes, answers what it asks, and takes its words for the fake server's.
    fn pass_on(&mut self, bytes: &[u8], exchanges: &[Exchange], turn: &mut Turn) -> Result<(), Objection> {
        // Whoever hears what there is no way to say hangs up.
        let Some(line) = &mut self.line else { return Ok(()) };
        if let Some(lack) = limits::in_turn(exchanges, turn) {
            return Err(Objection::Beyond(lack));
        }
        line.stream.write_all(bytes)?;
        for exchange in exchanges {
            if let Some(expected) = self.envelope.question(&exchange.asked) {
                line.question(&self.program.borrow(), expected)?;
                self.program.borrow_mut().answer(&answer(turn)).map_err(Objection::Gone)?;
            }
            self.envelope.note(exchange);
        }
        if !turn.bytes.is_empty() {
            let said = line.reply(&self.program.borrow())?;
            agree(&String::from_utf8_lossy(&turn.bytes[..3]), &said)?;
            if is_told(exchanges) && said != turn.bytes {
                return Err(Objection::other(shown(&turn.bytes), shown(&said)));
            }
            turn.bytes = said;
        }
        if turn.then == Then::Close {
            line.end()?;
            self.line = None;
        }
        Ok(())
    }

    /// After an objection, the connection falls silent, and the run ends.
    fn conclude(&mut self, at: Instant, done: Result<(), Objection>, turn: &mut Turn) {
        let Err(mut objection) = done else { return };
        // Whoever is gone does not disagree.
        if let Err(why) = self.program.borrow().question(GLANCE) {
            objection = Objection::Gone(why);
        }
        self.trouble.tell(match objection {
            Objection::Other { expected, found } => {
                Halt::Disagreement { at, connection: self.name.clone(), expected, found }
            }
            Objection::Beyond(lack) => Halt::Disagreement {
                at,
                connection: self.name.clone(),
                expected: "what mailin can do".to_owned(),
                found: format!("to {lack}"),
            },
            Objection::Gone(why) => Halt::NoReferee { why: format!("{}: {why}", self.name) },
        });
        self.line = None;
        *turn = Turn { then: Then::Hang, ..Turn::default() };
    }
}

/// What mailin is told to say: the fake server's line.
fn answer(turn: &Turn) -> Answer {
    let text = String::from_utf8_lossy(&turn.bytes);
    let (code, text) = text.split_at_checked(3).unwrap_or(("", ""));
    Answer {
        code: code.parse().unwrap_or_default(),
        text: text.lines().next().and_then(|line| line.get(1..)).unwrap_or_default().to_owned(),
        close: turn.then == Then::Close,
    }
}

/// Whether mailin says what it is told, to the letter: not where it goes on in words of its own.
fn is_told(exchanges: &[Exchange]) -> bool {
    exchanges.iter().any(|exchange| {
        let code = exchange.answer.reply.as_ref().map_or(0, |reply| reply.code().get());
        match exchange.asked {
            fleet::Asked::Hello { .. } => code != 250,
            fleet::Asked::Data => code != 354,
            fleet::Asked::Mail { .. } | fleet::Asked::Rcpt { .. } | fleet::Asked::EndOfData { .. } => true,
            fleet::Asked::StartTls | fleet::Asked::Authenticate | fleet::Asked::Quit => false,
        }
    })
}

fn agree(code: &str, said: &[u8]) -> Result<(), Objection> {
    if said.starts_with(code.as_bytes()) { Ok(()) } else { Err(Objection::other(code, shown(said))) }
}

fn shown(bytes: &[u8]) -> String {
    format!("`{}`", String::from_utf8_lossy(bytes).trim_end().escape_debug())
}

impl Line {
    /// Waits for the question that mailin must ask now.
    fn question(&mut self, program: &Program, expected: Asked) -> Result<(), Objection> {
        for _ in 0..GLANCES {
            if let Some(question) = program.question(GLANCE).map_err(Objection::Gone)? {
                let expected = Question { connection: self.number, asked: expected };
                return if question == expected { Ok(()) } else { Err(differ(&expected, &question)) };
            }
            // While it waits for an answer it says nothing.
            if let Some(said) = self.read(GLANCE)? {
                return Err(Objection::other(expected.to_string(), shown(&said)));
            }
        }
        Err(Objection::Gone(format!("it does not ask about {expected}")))
    }

    /// Waits for a reply.
    fn reply(&mut self, program: &Program) -> Result<Vec<u8>, Objection> {
        let mut reply = Vec::new();
        for _ in 0..GLANCES {
            match self.read(GLANCE)? {
                Some(bytes) if bytes.is_empty() => {
                    return Err(Objection::other("a reply", "the end of the connection"));
                }
                Some(bytes) => reply.extend_from_slice(&bytes),
                None => {}
            }
            if is_complete(&reply) || reply.len() > REPLY_BYTES_MAX {
                return Ok(reply);
            }
            if let Some(question) = program.question(Duration::ZERO).map_err(Objection::Gone)? {
                return Err(Objection::other("a reply", format!("a question about {}", question.asked)));
            }
        }
        Err(Objection::Gone("it says nothing".to_owned()))
    }

    /// Waits for the end of the connection.
    fn end(&mut self) -> Result<(), Objection> {
        for _ in 0..GLANCES {
            match self.read(GLANCE) {
                Ok(Some(bytes)) if bytes.is_empty() => return Ok(()),
                Ok(Some(bytes)) => {
                    return Err(Objection::other("the end of the connection", shown(&bytes)));
                }
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Objection::Gone("it does not close the connection".to_owned()))
    }

    /// What comes within this time; empty at the end.
    fn read(&mut self, within: Duration) -> io::Result<Option<Vec<u8>>> {
        self.stream.set_read_timeout(Some(within))?;
        let mut bytes = vec![0; 4096];
        match self.stream.read(&mut bytes) {
            Ok(count) => {
                bytes.truncate(count);
                Ok(Some(bytes))
            }
            Err(error) if says_nothing_yet(error.kind()) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether the peer just has not said anything so far: a read with a time limit ends with each signal that the process
/// gets, too (`signal(7)`: whether or not its handler restarts system calls).
const fn says_nothing_yet(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

fn differ(expected: &Question, found: &Question) -> Objection {
    let shown = |question: &Question| {
        if expected.connection == found.connection {
            question.asked.to_string()
        } else {
            format!("{}, on connection {} of the referee", question.asked, question.connection)
        }
    };
    Objection::other(shown(expected), shown(found))
}

/// Whether the last line of a reply is there (RFC 5321 4.2.1: it has a space after the code, or nothing).
fn is_complete(reply: &[u8]) -> bool {
    let Some(lines) = reply.strip_suffix(b"\r\n") else { return false };
    lines.rsplit(|byte| *byte == b'\n').next().is_some_and(|last| last.get(3) != Some(&b'-'))
}

#[cfg(test)]
mod tests;
