//! Dialogues in which the client is tested.
//!
//! Settings: `message: TEXT` is what the transactions send (default `Hi\r\n`); `starttls: always` or `if_offered` (default
//! never), `flow: eager` (default stepwise), `transfer: chunk` (default data).
//!
//! Marks, besides `S` (handed to the client) and `C` (what it must have written):
//!
//! ```text
//! T: <sender> recipient ...   begin a transaction; the client must be ready
//! A: <sender> recipient ...   the transaction that is begun ahead, as soon as the client may
//! A: quit                     the goodbye that is said ahead, as soon as the client may
//! Q:                          quit; the client must be ready
//! L: closed                   the connection is lost: closed, reset, timed_out, interrupted or handshake
//! K: done                     the TLS handshake is done; the client must wait for it, with its RFC 5321 limit
//! W: 10                       from now on, only this many bytes can be written; `W: all` lifts that
//! R: phase                    the client must be reading, in this phase and with its RFC 5321 limit
//! O: recipient outcome        the transaction must be over, with one such line for each recipient, in order:
//!                             accepted REPLY, refused PHASE REPLY, lost PHASE LOSS, uncertain LOSS, unsendable WHY,
//!                             not begun
//! E: end                      the session must be over: quit, refused PHASE REPLY, failed PHASE LOSS, closing REPLY
//! ```
//!
//! Whatever the client writes, decides or ends must be told by the file.

use std::collections::VecDeque;
use std::fmt::Display;
use std::sync::Arc;

use smtp::client::{
    ClientSession, End, Flow, Loss, Options, Outcome, Phase, StartTls, Step, Transaction, Transfer, Trust,
};
use smtp::limits::PhaseLimits;
use smtp::{Address, Body, Domain, Reply, ReplyFault, ReversePath};

use crate::script::{Group, Script, compare, unescape};

pub(crate) fn run(script: &Script, pieces: usize) -> Result<(), String> {
    let (mut message, mut options) = (b"Hi\r\n".to_vec(), Options::default());
    for setting in &script.settings {
        match (setting.key.as_str(), setting.value.as_str()) {
            ("message", text) => message = unescape(setting.line, text)?,
            ("starttls", "always") => options.starttls = StartTls::Always(Trust::NamedHost),
            ("starttls", "if_offered") => options.starttls = StartTls::IfOffered,
            ("flow", "eager") => options.flow = Flow::Eager,
            ("transfer", "chunk") => options.transfer = Transfer::ChunkIfOffered,
            (key, value) => return Err(format!("{}: unknown setting: {key}: {value}", setting.line)),
        }
    }
    let mut client = Client::new(&message, options, pieces);
    client.pump();
    for group in &script.groups {
        client.obey(group)?;
    }
    client.nothing_more(script.groups.last().map_or(1, |group| group.line))
}

struct Client {
    session: ClientSession,
    /// Whom the handshake must be asked for with.
    trust: Trust,
    body: Arc<Body>,
    pieces: usize,
    room: usize,
    /// To be begun ahead.
    next: Option<Ahead>,
    /// Of the transactions that are not over.
    recipients: VecDeque<Vec<Address>>,
    written: Vec<u8>,
    outcomes: Vec<String>,
    step: Step,
    end_told: bool,
}

enum Ahead {
    Transaction(Transaction),
    Quit,
}

impl Client {
    fn new(message: &[u8], options: Options, pieces: usize) -> Self {
        Self {
            session: ClientSession::new(Domain::parse("client.test").expect("a domain"), options),
            trust: match options.starttls {
                StartTls::Never | StartTls::IfOffered => Trust::Anybody,
                StartTls::Always(trust) => trust,
            },
            body: Arc::new(Body::new(message)),
            pieces,
            room: usize::MAX,
            next: None,
            recipients: VecDeque::new(),
            written: Vec::new(),
            outcomes: Vec::new(),
            step: Step::Ready,
            end_told: false,
        }
    }

    /// Does what the session asks for until it waits.
    fn pump(&mut self) {
        loop {
            self.step = self.session.step();
            match &self.step {
                Step::Write if self.next.is_some() && self.session.may_begin_ahead() => {
                    match self.next.take().expect("there is one") {
                        Ahead::Transaction(next) => {
                            self.recipients.push_back(next.recipients.clone());
                            self.session.begin_ahead(next);
                        }
                        Ahead::Quit => self.session.quit_ahead(),
                    }
                }
                Step::Write if self.room > 0 => {
                    let output = self.session.output().concat();
                    let n = output.len().min(self.pieces).min(self.room);
                    self.written.extend_from_slice(&output[..n]);
                    self.session.wrote(n);
                    self.room -= n;
                }
                Step::Done(outcomes) => {
                    let recipients = self.recipients.pop_front().expect("what is over was begun");
                    let told = recipients.iter().zip(outcomes);
                    self.outcomes
                        .extend(told.map(|(address, outcome)| format!("{address} {}", show(outcome))));
                }
                Step::Write | Step::Read { .. } | Step::Secure { .. } | Step::Ready | Step::Over(_) => return,
            }
        }
    }

    fn obey(&mut self, group: &Group) -> Result<(), String> {
        let line = group.line;
        let texts = group.texts();
        match group.mark {
            'C' => compare(line, "the client writes", &group.wire, &std::mem::take(&mut self.written)),
            'O' => compare(
                line,
                "outcomes",
                texts.join("\n").as_bytes(),
                std::mem::take(&mut self.outcomes).join("\n").as_bytes(),
            ),
            'R' => compare(line, "the client", texts[0].as_bytes(), show_read(&self.step)?.as_bytes()),
            'E' => {
                self.end_told = true;
                compare(line, "the end", texts[0].as_bytes(), show_end(&self.step)?.as_bytes())
            }
            _ => self.act(group, &texts),
        }
    }

    fn act(&mut self, group: &Group, texts: &[String]) -> Result<(), String> {
        self.nothing_more(group.line)?;
        match (group.mark, texts[0].as_str()) {
            ('S', _) => group.wire.chunks(self.pieces).for_each(|piece| self.session.received(piece)),
            ('T', text) => {
                let transaction = self.transaction(text)?;
                self.recipients.push_back(transaction.recipients.clone());
                self.session.begin(transaction);
            }
            ('A', "quit") => self.next = Some(Ahead::Quit),
            ('A', text) => self.next = Some(Ahead::Transaction(self.transaction(text)?)),
            ('Q', _) => self.session.quit(),
            ('L', text) => self.session.lost(loss(text)?),
            ('K', "done") => self.shake_hands(group.line)?,
            ('W', "all") => self.room = usize::MAX,
            ('W', text) => self.room = text.parse().map_err(|_| format!("{}: no number", group.line))?,
            (mark, _) => return Err(format!("{}: unknown mark {mark}", group.line)),
        }
        self.pump();
        Ok(())
    }

    fn shake_hands(&mut self, line: usize) -> Result<(), String> {
        let due = Step::Secure { trust: self.trust, limit: PhaseLimits::RFC5321.of(Phase::StartTls) };
        compare(line, "the client", format!("{due:?}").as_bytes(), format!("{:?}", self.step).as_bytes())?;
        self.session.secured();
        Ok(())
    }

    fn transaction(&self, text: &str) -> Result<Transaction, String> {
        let (sender, recipients) = text.split_once(' ').ok_or("a transaction needs recipients")?;
        let sender = match sender.trim_matches(['<', '>']) {
            "" => ReversePath::Null,
            address => ReversePath::Address(Address::parse_utf8(address).map_err(|error| error.to_string())?),
        };
        let recipients: Result<Vec<_>, _> = recipients.split(' ').map(Address::parse_utf8).collect();
        let recipients = recipients.map_err(|error| error.to_string())?;
        Ok(Transaction { sender, recipients, body: Arc::clone(&self.body) })
    }

    fn nothing_more(&self, line: usize) -> Result<(), String> {
        compare(line, "before this the client also wrote", b"", &self.written)?;
        compare(line, "before this there are outcomes", b"", self.outcomes.join("\n").as_bytes())?;
        let untold = matches!(self.step, Step::Over(_)) && !self.end_told;
        let end = if untold { show_end(&self.step)? } else { String::new() };
        compare(line, "before this the session ended", b"", end.as_bytes())
    }
}

fn loss(text: &str) -> Result<Loss, String> {
    match text {
        "closed" => Ok(Loss::Closed),
        "reset" => Ok(Loss::Reset),
        "timed_out" => Ok(Loss::TimedOut),
        "interrupted" => Ok(Loss::Interrupted),
        "handshake" => Ok(Loss::Handshake("no TLS")),
        _ => Err(format!("unknown loss {text}")),
    }
}

fn show_read(step: &Step) -> Result<String, String> {
    let Step::Read { phase, limit } = step else { return Err(format!("not reading: {step:?}")) };
    assert_eq!(*limit, PhaseLimits::RFC5321.of(*phase));
    Ok(phase.to_string())
}

fn show_end(step: &Step) -> Result<String, String> {
    match step {
        Step::Over(End::Quit) => Ok("quit".to_owned()),
        Step::Over(End::Refused { phase, reply }) => Ok(format!("refused {phase} {}", show_reply(reply))),
        Step::Over(End::Failed { phase, loss }) => Ok(format!("failed {phase} {}", show_loss(*loss))),
        Step::Over(End::ServerClosing { reply }) => Ok(format!("closing {}", show_reply(reply))),
        Step::Write | Step::Read { .. } | Step::Secure { .. } | Step::Ready | Step::Done(_) => {
            Err(format!("not over: {step:?}"))
        }
    }
}

fn show(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted(reply) => format!("accepted {}", show_reply(reply)),
        Outcome::Refused { phase, reply } => format!("refused {phase} {}", show_reply(reply)),
        Outcome::Lost { phase, loss } => format!("lost {phase} {}", show_loss(*loss)),
        Outcome::Uncertain { loss } => format!("uncertain {}", show_loss(*loss)),
        Outcome::Unsendable(obstacle) => format!("unsendable {obstacle}"),
        Outcome::NotBegun => "not begun".to_owned(),
    }
}

fn show_reply(reply: &Reply) -> String {
    let enhanced = reply.enhanced().map(|code| code.to_string());
    let parts: [&dyn Display; 3] =
        [&reply.code(), &enhanced.unwrap_or_default(), &reply.text().replace('\n', " / ")];
    parts.map(ToString::to_string).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn show_loss(loss: Loss) -> String {
    match loss {
        Loss::Closed => "closed".to_owned(),
        Loss::Reset => "reset".to_owned(),
        Loss::TimedOut => "timed_out".to_owned(),
        Loss::Interrupted => "interrupted".to_owned(),
        Loss::Handshake(_) => "handshake".to_owned(),
        Loss::Certificate(_) => "certificate".to_owned(),
        Loss::Garbled(ReplyFault::Unexpected(code)) => format!("garbled Unexpected {code}"),
        Loss::Garbled(fault) => format!("garbled {fault:?}"),
    }
}
