//! A server session: one connection from the greeting to the end.
//!
//! The table of what is asked of the host (everything else is answered here; 503 where the table has a dash):
//!
//! ```text
//! state        EHLO HELO   STARTTLS  MAIL    RCPT    DATA                    RSET, NOOP, VRFY, HELP   QUIT
//! Rejected     -           -         -       -       -                       -                        asked
//! Greeted      asked       -         -       -       -                       answered                 asked
//! Idle         asked       asked     asked   -       -                       answered                 asked
//! Transaction  asked       -         -       asked   asked, 554 without      answered                 asked
//!                                                    a recipient
//! Content      all bytes up to the final dot are content, then the host is asked
//! Handshake    what comes in plain text is thrown away; once secured, Greeted
//! Silent       nothing is read any more
//! ```
//!
//! STARTTLS where it is not offered is answered with 502 in every state, and inside TLS with 503.
//!
//! RFC 5321 3.1 (greeting), 3.3 (transactions), 4.1.1 (commands), 4.1.4 (order), 4.3.2 (replies), 4.5.3.1.9 (too long);
//! RFC 2920 3.2 (groups of commands); RFC 1870 6 (SIZE);
//! RFC 3207 4 (STARTTLS), 4.2 (what is forgotten after it).

use super::line::{CommandReader, Line};
use super::{Host, ServerConfig, Then, Turn};
use crate::{
    AddressError, Command, CommandFault, EnhancedStatusCode, ForwardPath, MailParameters, RcptParameters,
    Reply, ReplyClass, ReversePath, Security, Unstuffed, Unstuffer, Word,
};

/// The server's side of one connection.
#[derive(Debug)]
pub struct ServerSession {
    config: ServerConfig,
    /// How bytes travel now.
    security: Security,
    state: State,
    commands: CommandReader,
    content: Unstuffer,
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
    },
    Content {
        /// Of the message, so far.
        octets: u64,
    },
    /// The go-ahead for TLS is said.
    Handshake,
    Silent,
}

impl ServerSession {
    /// A session on a fresh connection.
    pub fn new(config: ServerConfig) -> Self {
        Self {
            config,
            security: Security::Plain,
            state: State::Connected,
            commands: CommandReader::new(config.max_line),
            content: Unstuffer::new(),
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

    /// Takes the next bytes from the client: any bytes in any pieces.
    ///
    /// # Panics
    /// When the greeting has not been asked for.
    pub fn receive<H: Host + ?Sized>(&mut self, host: &mut H, bytes: &[u8]) -> Turn {
        let mut turn = Turn::default();
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.state {
                State::Connected => panic!("a client is greeted before it is heard"),
                // RFC 3207 4.2: what came before the handshake counts for nothing after it (CVE-2011-0411)
                State::Handshake | State::Silent => break,
                State::Content { octets } => self.take_content(host, octets, &mut rest, &mut turn),
                State::Rejected | State::Greeted | State::Idle | State::Transaction { .. } => {
                    self.take_line(host, &mut rest, &mut turn);
                }
            }
            self.end(&turn);
        }
        turn
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
    }

    fn take_line<H: Host + ?Sized>(&mut self, host: &mut H, rest: &mut &[u8], turn: &mut Turn) {
        match self.commands.take(rest) {
            None => {}
            Some(Line::TooLong) => self.refuse(turn, 500, (5, 2), "line too long"),
            Some(Line::Read(Ok(Command::Quit))) => self.quit(host, turn),
            // RFC 5321 3.1: after a greeting that refuses, 503 to everything but QUIT
            Some(Line::Read(_)) if self.state == State::Rejected => {
                self.out_of_order(turn, "only QUIT is left")
            }
            Some(Line::Read(Err(fault))) => self.not_understood(turn, fault),
            Some(Line::Read(Ok(command))) => self.obey(host, &command, turn),
        }
    }

    fn obey<H: Host + ?Sized>(&mut self, host: &mut H, command: &Command, turn: &mut Turn) {
        match command {
            Command::Ehlo(name) => self.hello(host, name, &self.config.offer(self.security).lines(), turn),
            Command::Helo(name) => self.hello(host, name, &[], turn),
            Command::Mail { from, parameters } => {
                if self.may_begin(turn, from, parameters) {
                    self.mail(host, from, parameters, turn);
                }
            }
            Command::Rcpt { to, parameters } => self.rcpt(host, to, parameters, turn),
            Command::Data => self.data(host, turn),
            Command::Rset => {
                self.forget(host);
                self.say(turn, 250, (2, 0, 0), "Ok");
            }
            Command::Noop => self.say(turn, 250, (2, 0, 0), "Ok"),
            Command::Quit => self.quit(host, turn),
            // RFC 5321 3.5.3: a server that does not verify answers 252
            Command::Vrfy(_) => self.say(turn, 252, (2, 0, 0), "cannot verify, but will take messages"),
            Command::Help(_) => self.say(turn, 214, (2, 0, 0), "see RFC 5321"),
            Command::StartTls => self.start_tls(host, turn),
            Command::Bdat { .. } | Command::Expn(_) | Command::Auth { .. } => {
                self.not_understood(turn, CommandFault::NotImplemented);
            }
        }
    }

    // RFC 5321 4.1.4: EHLO during a session does what RSET does, unless it is refused
    fn hello<H: Host + ?Sized>(&mut self, host: &mut H, name: &Word, offers: &[String], turn: &mut Turn) {
        let mut answer = host.hello(name.as_str());
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
            (Security::Plain, State::Transaction { .. }) => {
                self.out_of_order(turn, "a transaction is under way");
            }
            (Security::Plain, _) => self.out_of_order(turn, "say EHLO first"),
        }
    }

    /// Whether a transaction can begin; says why not.
    fn may_begin(&mut self, turn: &mut Turn, from: &ReversePath, parameters: &MailParameters) -> bool {
        let max = self.config.max_size();
        match self.state {
            State::Idle if !self.config.takes_mail(parameters) => self.unknown_parameter(turn),
            State::Idle if parameters.size.is_some_and(|octets| octets > max) => self.too_large(turn),
            State::Idle if matches!(from, ReversePath::Address(address) if !address.is_ascii()) => {
                self.not_understood(turn, CommandFault::Sender(AddressError::NotAscii));
            }
            State::Idle => return true,
            State::Transaction { .. } => self.out_of_order(turn, "a transaction is under way"),
            _ => self.out_of_order(turn, "say EHLO or HELO first"),
        }
        false
    }

    fn mail<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        from: &ReversePath,
        parameters: &MailParameters,
        turn: &mut Turn,
    ) {
        if turn.add(&host.mail(from, parameters.size)) == Some(ReplyClass::Positive) {
            self.state = State::Transaction { recipients: 0 };
        }
    }

    fn rcpt<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        to: &ForwardPath,
        parameters: &RcptParameters,
        turn: &mut Turn,
    ) {
        let to = match to {
            ForwardPath::Address(address) if !address.is_ascii() => {
                return self.not_understood(turn, CommandFault::Recipient(AddressError::NotAscii));
            }
            ForwardPath::Address(address) => Some(address.clone()),
            ForwardPath::Postmaster => host.postmaster(),
        };
        let State::Transaction { recipients } = self.state else {
            to.iter().for_each(|to| host.rcpt_in_vain(to));
            return self.out_of_order(turn, "say MAIL first");
        };
        if !self.config.takes_rcpt(parameters) {
            return self.unknown_parameter(turn);
        }
        let Some(to) = to else { return self.say(turn, 550, (5, 1, 1), "no postmaster here") };
        if turn.add(&host.rcpt(&to)) == Some(ReplyClass::Positive) {
            self.state = State::Transaction { recipients: recipients + 1 };
        }
    }

    fn data<H: Host + ?Sized>(&mut self, host: &mut H, turn: &mut Turn) {
        match self.state {
            // RFC 5321 3.3: 554 when all RCPT commands were refused
            State::Transaction { recipients: 0 } => self.say(turn, 554, (5, 5, 1), "no valid recipients"),
            State::Transaction { .. } => {
                if turn.add(&host.data()) == Some(ReplyClass::Intermediate) {
                    self.state = State::Content { octets: 0 };
                }
            }
            _ => self.out_of_order(turn, "say MAIL and RCPT first"),
        }
    }

    fn take_content<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        mut octets: u64,
        rest: &mut &[u8],
        turn: &mut Turn,
    ) {
        let fed = self.content.feed(rest, &mut |chunk| {
            octets += chunk.len() as u64;
            host.body(chunk);
        });
        match fed {
            Unstuffed::Partial => {
                self.state = State::Content { octets };
                *rest = &[];
            }
            Unstuffed::Complete { consumed } => {
                self.state = State::Idle;
                *rest = &rest[consumed..];
                self.take_message(host, octets, turn);
            }
        }
    }

    fn take_message<H: Host + ?Sized>(&mut self, host: &mut H, octets: u64, turn: &mut Turn) {
        if octets <= self.config.max_size() {
            turn.add(&host.end_of_data(octets));
        } else {
            // RFC 1870 6.3: a message that is larger than was declared may still be refused after it was sent
            host.reset();
            self.too_large(turn);
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
        if let State::Transaction { .. } = self.state {
            host.reset();
            self.state = State::Idle;
        }
    }

    fn not_understood(&mut self, turn: &mut Turn, fault: CommandFault) {
        let enhanced = fault.enhanced();
        let status = (enhanced.subject(), enhanced.detail());
        self.refuse(turn, fault.reply_code().get(), status, &fault.to_string());
    }

    /// No error to be counted: in a group, all that follows a refused MAIL is out of order.
    fn out_of_order(&self, turn: &mut Turn, text: &str) {
        self.say(turn, 503, (5, 5, 1), text);
    }

    // RFC 5321 4.1.1.11: 555 when parameters are not recognised or not implemented
    fn unknown_parameter(&mut self, turn: &mut Turn) {
        self.refuse(turn, 555, (5, 4), "unknown parameter");
    }

    fn too_large(&self, turn: &mut Turn) {
        self.say(turn, 552, (5, 3, 4), "message too big for system");
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

    /// A reply of the session's own.
    fn say(&self, turn: &mut Turn, code: u16, (class, subject, detail): (u8, u16, u16), text: &str) {
        let offered = self.config.extensions.enhanced_status_codes;
        let enhanced = offered.then(|| EnhancedStatusCode::fixed(class, subject, detail));
        turn.say(&Reply::new(code, enhanced, text));
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
