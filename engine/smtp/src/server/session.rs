//! A server session: one connection from the greeting to the end.
//!
//! The table of what is asked of the host (everything else is answered here; 503 where the table has a dash):
//!
//! ```text
//! state          EHLO HELO   STARTTLS AUTH  MAIL    RCPT    DATA          BDAT               others, but QUIT
//! Rejected       -           -              -       -       -             -                  -
//! Greeted        asked       -              -       -       -             -                  answered
//! Idle           asked       asked          asked   -       -             -                  answered
//! Transaction    asked       -              -       asked   asked; without a recipient too   answered
//! Chunks         asked       -              -       -       -             content            answered
//! Content        all bytes up to the final dot are content, then the host is asked
//! Authenticating a line is an answer to the server's question, then the host is asked
//! Handshake      what comes in plain text is thrown away; once secured, Greeted
//! Silent         nothing is read any more
//! ```
//!
//! QUIT is asked in every state that reads commands, and so are RSET, NOOP and VRFY, which a host need not answer. STARTTLS,
//! AUTH and BDAT are answered with 502 in all of them where they are not offered. Whatever is answered to BDAT, its chunk is read first, so that content is never taken for commands.
//!
//! - this file: the stream, and the commands of a connection; `transaction`: those of a transaction, and content
//! - `chunk`: BDAT; `auth`: AUTH; `aside`: RSET, NOOP, VRFY and HELP
//! - `overheard`: the same, with somebody who listens
//!
//! RFC 5321 3.1 (greeting), 4.1.1 (commands), 4.1.4 (order), 4.3.2 (replies), 4.5.3.1.9 (too long); RFC 2920 3.2 (groups of
//! commands); RFC 3207 4 (STARTTLS), 4.2 (what is forgotten after it).

mod aside;
mod auth;
mod chunk;
mod overheard;
mod transaction;

use super::content::Content;
use super::line::{Line, LineReader};
use super::{Answer, Host, ServerConfig, Then, Turn, sasl};
use crate::{
    Charset, Command, CommandFault, EnhancedStatusCode, Reply, ReplyClass, Security, Unstuffer, limits,
};
use chunk::Incoming;
pub use overheard::{Heard, Step};

/// The server's side of one connection.
#[derive(Debug)]
pub struct ServerSession {
    config: ServerConfig,
    /// How bytes travel now.
    security: Security,
    state: State,
    lines: LineReader,
    unstuffer: Unstuffer,
    /// The message that is arriving.
    content: Content,
    /// The chunk that is arriving, whatever the state.
    incoming: Option<Incoming>,
    proof: Proof,
    /// Commands that could not be understood.
    errors: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Connected; the greeting has not been asked for.
    Connected,
    /// The greeting was a refusal; all that is left is to say goodbye.
    Rejected,
    /// No EHLO or HELO yet.
    Greeted,
    Idle,
    Transaction {
        /// How many were taken.
        recipients: usize,
        /// Which addresses there may be.
        charset: Charset,
    },
    /// The message comes in chunks, of which one was there at least.
    Chunks,
    /// The message comes, up to a final dot.
    Content,
    /// The client was asked who it is.
    Authenticating,
    /// The go-ahead for TLS is said.
    Handshake,
    Silent,
}

/// Whether the client has proved who it is.
#[derive(Debug)]
enum Proof {
    None,
    UnderWay(sasl::Exchange),
    Given,
}

impl ServerSession {
    /// A session on a fresh connection.
    pub fn new(config: ServerConfig) -> Self {
        Self {
            config,
            security: Security::Plain,
            state: State::Connected,
            lines: LineReader::default(),
            unstuffer: Unstuffer::new(),
            content: Content::default(),
            incoming: None,
            proof: Proof::None,
            errors: 0,
        }
    }

    /// The first turn.
    ///
    /// # Panics
    /// When it is asked for twice.
    pub fn greeting<H: Host + ?Sized>(&mut self, host: &mut H) -> Turn {
        assert_eq!(self.state, State::Connected, "a connection is greeted once");
        let mut turn = Turn::default();
        self.state = match turn.add(&host.greet()) {
            Some(ReplyClass::Positive) => State::Greeted,
            Some(_) | None => State::Rejected,
        };
        self.end(&turn);
        turn
    }

    /// Takes the next bytes from the client: any bytes in any pieces. What is said grows with what is heard, at worst by as
    /// much as the longest answer to a short command; where that can be too much, there is [`Self::receive_part`].
    ///
    /// # Panics
    /// When the greeting has not been asked for.
    pub fn receive<H: Host + ?Sized>(&mut self, host: &mut H, bytes: &[u8]) -> Turn {
        let mut turn = Turn::default();
        let mut rest = bytes;
        while !rest.is_empty() {
            self.advance(host, &mut rest, &mut turn);
        }
        turn
    }

    /// Takes bytes off the start of `rest`, until none are left or [`limits::TURN_BYTES`] octets are to be said. A caller that
    /// writes them before it comes back with the rest makes a client wait that does not read, however many commands
    /// it sends at once.
    ///
    /// # Panics
    /// When the greeting has not been asked for.
    pub fn receive_part<H: Host + ?Sized>(&mut self, host: &mut H, rest: &mut &[u8]) -> Turn {
        let mut turn = Turn::default();
        while !rest.is_empty() && turn.bytes.len() < limits::TURN_BYTES {
            self.advance(host, rest, &mut turn);
        }
        turn
    }

    /// The server says or does something that nobody asked for: 421 to a client that is silent, say.
    // RFC 5321 3.8: a server may close with 421 at any time
    pub fn speak(&mut self, answer: &Answer) -> Turn {
        let mut turn = Turn::default();
        turn.add(answer);
        self.end(&turn);
        turn
    }

    /// Whether the next thing to come is a command.
    pub fn awaits_command(&self) -> bool {
        match self.state {
            State::Rejected | State::Greeted | State::Idle | State::Transaction { .. } | State::Chunks => {
                self.incoming.is_none()
            }
            State::Connected | State::Content | State::Authenticating | State::Handshake | State::Silent => {
                false
            }
        }
    }

    /// Whether the client was told to begin the TLS handshake. It is due when the turn that says so is done.
    pub fn awaits_handshake(&self) -> bool {
        self.state == State::Handshake
    }

    /// Tells that the TLS handshake is done.
    ///
    /// # Panics
    /// When none is due.
    pub fn secured(&mut self) {
        assert!(self.awaits_handshake(), "no handshake is due: {:?}", self.state);
        self.security = Security::Tls;
        // RFC 3207 4.2: the server MUST discard what it knows of the client, such as the name in EHLO
        self.state = State::Greeted;
        self.proof = Proof::None;
    }

    /// Takes one line, or a piece of content.
    fn advance<H: Host + ?Sized>(&mut self, host: &mut H, rest: &mut &[u8], turn: &mut Turn) {
        match self.state {
            State::Connected => panic!("a client is greeted before it is heard"),
            // RFC 3207 4.2: what came before the handshake counts for nothing after it (CVE-2011-0411)
            State::Handshake | State::Silent => *rest = &[],
            _ if self.incoming.is_some() => self.take_chunk(host, rest, turn),
            State::Content => self.take_content(host, rest, turn),
            State::Authenticating => self.take_response(host, rest, turn),
            State::Rejected | State::Greeted | State::Idle | State::Transaction { .. } | State::Chunks => {
                self.take_line(host, rest, turn);
            }
        }
        self.end(turn);
    }

    fn take_line<H: Host + ?Sized>(&mut self, host: &mut H, rest: &mut &[u8], turn: &mut Turn) {
        match self.lines.take(rest, self.config.max_line, Command::parse) {
            None => {}
            Some(Line::TooLong) => self.refuse(turn, 500, (5, 2), "line too long"),
            Some(Line::Read(Ok(Command::Quit))) => self.quit(host, turn),
            Some(Line::Read(Ok(Command::Bdat { size, chunk }))) => self.bdat(host, size, chunk, turn),
            // RFC 5321 3.1: after a greeting that refuses, 503 to everything but QUIT
            Some(Line::Read(_)) if self.state == State::Rejected => {
                self.out_of_order(turn, "only QUIT is left")
            }
            Some(Line::Read(Err(fault))) => self.not_understood(turn, fault),
            Some(Line::Read(Ok(command))) => self.obey(host, command, turn),
        }
    }

    fn obey<H: Host + ?Sized>(&mut self, host: &mut H, command: Command, turn: &mut Turn) {
        match command {
            Command::Ehlo(name) => {
                let answer = host.hello(name.as_str());
                self.hello(host, answer, &self.config.offer(self.security).lines(), turn);
            }
            Command::Helo(name) => {
                let answer = host.helo(name.as_str());
                self.hello(host, answer, &[], turn);
            }
            Command::Mail { from, parameters } => {
                if self.may_begin(turn, &from, &parameters) {
                    self.mail(host, &from, &parameters, turn);
                }
            }
            Command::Rcpt { to, parameters } => self.rcpt(host, &to, &parameters, turn),
            Command::Data => self.data(host, turn),
            Command::Bdat { size, chunk } => self.bdat(host, size, chunk, turn),
            Command::Rset => self.rset(host, turn),
            Command::Noop => self.noop(host, turn),
            Command::Quit => self.quit(host, turn),
            Command::Vrfy(whom) => self.vrfy(host, &whom, turn),
            Command::Expn(_) => self.not_understood(turn, CommandFault::NotImplemented),
            Command::Help(topic) => self.help(topic.as_ref(), turn),
            Command::StartTls => self.start_tls(host, turn),
            Command::Auth { mechanism, initial } => self.auth(host, mechanism, initial.as_deref(), turn),
        }
    }

    // RFC 5321 4.1.4: EHLO during a session does what RSET does, unless it is refused
    fn hello<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        mut answer: Answer,
        offers: &[String],
        turn: &mut Turn,
    ) {
        let welcome = answer.reply.as_ref().is_some_and(|reply| reply.class() == ReplyClass::Positive);
        if welcome {
            self.forget(host);
            self.state = State::Idle;
            answer.reply = answer.reply.map(|reply| with_offers(&reply, offers));
        }
        turn.add(&answer);
    }

    fn start_tls<H: Host + ?Sized>(&mut self, host: &mut H, turn: &mut Turn) {
        match (self.security, self.state) {
            (Security::Tls, _) => self.out_of_order(turn, "TLS is active already"),
            (Security::Plain, _) if !self.config.extensions.starttls => {
                self.not_understood(turn, CommandFault::NotImplemented);
            }
            (Security::Plain, State::Idle) => {
                if turn.add(&host.start_tls()) == Some(ReplyClass::Positive) {
                    self.state = State::Handshake;
                }
            }
            (Security::Plain, State::Transaction { .. } | State::Chunks) => {
                self.out_of_order(turn, "a transaction is under way");
            }
            (Security::Plain, _) => self.out_of_order(turn, "say EHLO first"),
        }
    }

    // RFC 5321 4.1.1.10: QUIT aborts an uncompleted transaction; the server sends a reply and then closes
    fn quit<H: Host + ?Sized>(&mut self, host: &mut H, turn: &mut Turn) {
        self.forget(host);
        turn.add(&host.quit());
        if turn.then == Then::Continue {
            turn.then = Then::Close;
        }
    }

    /// Ends the transaction, if there is one.
    fn forget<H: Host + ?Sized>(&mut self, host: &mut H) {
        if let State::Transaction { .. } | State::Chunks = self.state {
            host.reset();
            self.state = State::Idle;
        }
    }

    /// A fault in what belongs to an extension is no more than something unknown where that is not offered.
    fn not_understood(&mut self, turn: &mut Turn, fault: CommandFault) {
        let offered = &self.config.extensions;
        let fault = match fault {
            CommandFault::Dsn(_) if !offered.dsn => return self.unknown_parameter(turn),
            CommandFault::ChunkSize if !offered.chunking => CommandFault::NotImplemented,
            CommandFault::Mechanism | CommandFault::Base64 if !self.config.offers_auth() => {
                CommandFault::NotImplemented
            }
            CommandFault::Unknown
            | CommandFault::NotImplemented
            | CommandFault::Arguments
            | CommandFault::ChunkSize
            | CommandFault::Dsn(_)
            | CommandFault::Mechanism
            | CommandFault::Base64
            | CommandFault::Sender(_)
            | CommandFault::Recipient(_) => fault,
        };
        let enhanced = fault.enhanced();
        let status = (enhanced.subject(), enhanced.detail());
        self.refuse(turn, fault.reply_code().get(), status, &fault.to_string());
        // RFC 3030 2: nobody knows how much of what follows is content; read as commands it would speak for its writer
        if fault == CommandFault::ChunkSize && turn.then == Then::Continue {
            turn.then = Then::Close;
        }
    }

    /// No error to be counted: in a group, all that follows a refused MAIL is out of order.
    fn out_of_order(&self, turn: &mut Turn, text: &str) {
        self.say(turn, 503, (5, 5, 1), text);
    }

    // RFC 5321 4.1.1.11: 555 when parameters are not recognised or not implemented
    fn unknown_parameter(&mut self, turn: &mut Turn) {
        self.refuse(turn, 555, (5, 4), "unknown parameter");
    }

    /// Answers what nobody can make sense of, a limited number of times.
    // RFC 5321 7.8: a server may close the connection to a client that seems to attack it
    fn refuse(&mut self, turn: &mut Turn, code: u16, (subject, detail): (u16, u16), text: &str) {
        self.errors += 1;
        if self.errors > self.config.max_errors {
            self.say(turn, 421, (4, 7, 0), "too many errors");
        } else {
            self.say(turn, code, (5, subject, detail), text);
        }
    }

    /// Says something of the session's own.
    fn say(&self, turn: &mut Turn, code: u16, status: (u8, u16, u16), text: &str) {
        turn.say(&self.reply(code, status, text));
    }

    /// A reply of the session's own.
    fn reply(&self, code: u16, (class, subject, detail): (u8, u16, u16), text: &str) -> Reply {
        let offered = self.config.extensions.enhanced_status_codes;
        let enhanced = offered.then(|| EnhancedStatusCode::fixed(class, subject, detail));
        Reply::new(code, enhanced, text)
    }

    /// Stops reading when the connection does not go on.
    fn end(&mut self, turn: &Turn) {
        if turn.then != Then::Continue {
            self.state = State::Silent;
        }
    }
}

// RFC 5321 4.1.1.1: the first line greets, each of the others offers an extension
// RFC 2034 4: no enhanced status codes in it
fn with_offers(reply: &Reply, offers: &[String]) -> Reply {
    let text = reply.text();
    let greeting = text.lines().next().unwrap_or_default();
    let lines = std::iter::once(greeting).chain(offers.iter().map(String::as_str));
    Reply::new(reply.code().get(), None, &lines.collect::<Vec<_>>().join("\n"))
}
