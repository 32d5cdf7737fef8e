//! The decisions of a fake server in one connection, and the receipts of what it decided.
//!
//! Asks the provider's behaviours, says what they say or accepts, and writes down what became of each recipient. The
//! protocol itself (order, grammar, dot-unstuffing) is the session's part.

mod asides;
mod hearing;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use smtp::server::{Answer, Credentials, Host};
use smtp::{Address, ReversePath};
use units::Instant;
use xxhash_rust::xxh3::Xxh3;

use crate::Phase;
pub use asides::Handshake;

use crate::behaviour::{
    Act, Certificate, DataInVain, Decided, Event, Habits, Received, Stage, TlsOffer, Visit,
};
use crate::provider::Provider;
use crate::receipts::{Answered, ConnectionEnd};

/// How much of a message's content is kept for behaviours that look at it, in bytes. Filters of real servers stop
/// early too; 1 MiB is far beyond any bulk message.
const CONTENT_KEPT: usize = 1 << 20;

/// One connection, as the provider sees it.
pub(crate) struct Conversation {
    provider: Rc<RefCell<Provider>>,
    /// When what is being answered was complete at the server.
    pub(crate) now: Instant,
    visit: Visit,
    /// What the server is like in this connection.
    habits: Habits,
    /// How many answers were given, the opening of the connection included.
    answers: u64,
    /// How much longer than usual the next one takes.
    longer: Duration,
    message: Message,
    /// Whether the client said QUIT.
    pub(crate) quits: bool,
    /// The certificate that goes with the last offer of TLS that was taken.
    pub(crate) certificate: Certificate,
    /// The rows that were accepted and that the client may not have heard of yet.
    unheard: Vec<u32>,
    /// The rule that had something to say when it was asked last.
    rule: Option<u32>,
    presence: Presence,
}

/// How far the behaviours know of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    NotYet,
    Told,
    Gone,
}

/// The transaction that is under way.
struct Message {
    /// The code with which MAIL was refused and the rule that did it, until the next MAIL.
    mail_refusal: Option<(u16, Option<u32>)>,
    /// The rows of the recipients accepted so far, in the order of [`Visit::recipients`].
    rows: Vec<u32>,
    /// Whether a recipient was named.
    counted: Counted,
    hash: Xxh3,
    /// The octets that have come, and those of them that nobody was asked about yet.
    octets: u64,
    unwatched: u64,
    /// The first bytes, if anybody looks at them.
    content: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    No,
    Yes,
}

impl Conversation {
    /// A connection to the host with this position, opened at `opened`; the server has these habits.
    pub(crate) fn new(
        provider: Rc<RefCell<Provider>>,
        connection: u32,
        host: usize,
        opened: Instant,
        habits: Habits,
    ) -> Self {
        let visit = Visit { connection, host, ..Visit::default() };
        let message = Message {
            mail_refusal: None,
            rows: Vec::new(),
            counted: Counted::No,
            hash: Xxh3::new(),
            octets: 0,
            unwatched: 0,
            content: Vec::new(),
        };
        Self {
            provider,
            now: opened,
            visit,
            habits,
            answers: 0,
            longer: Duration::ZERO,
            message,
            quits: false,
            certificate: Certificate::Valid,
            unheard: Vec::new(),
            rule: None,
            presence: Presence::NotYet,
        }
    }

    /// The number of the connection at its provider.
    pub(crate) const fn connection(&self) -> u32 {
        self.visit.connection
    }

    /// The connection ended; what was not decided stays so.
    pub(crate) fn end(&mut self, at: Instant, end: ConnectionEnd) {
        self.now = at;
        self.settle(Answered::Unfinished);
        if self.presence == Presence::Told {
            self.presence = Presence::Gone;
            self.tell(&Event::Closed);
        }
        let rule = self.rule.filter(|_| end == ConnectionEnd::ServerClosed);
        self.provider.borrow_mut().journal.close(self.visit.connection, at, end, rule);
    }

    /// XXH3-64 of the content so far.
    pub(crate) fn content_hash(&self) -> u64 {
        self.message.hash.digest()
    }

    /// Puts into words that the client has said nothing for too long.
    pub(crate) fn time_out(&self, said: &mut Vec<u8>) {
        self.provider.borrow().courtesies.timed_out[self.visit.host].encode(said);
    }

    fn ask(&mut self, stage: &Stage<'_>) -> Option<Act> {
        let mut provider = self.provider.borrow_mut();
        self.longer = self.longer.saturating_add(provider.pause(stage, self.now, &self.visit));
        let decision = provider.ask(stage, self.now, &self.visit);
        self.rule = decision.as_ref().map(|decision| decision.rule);
        decision.map(|decision| decision.act)
    }

    /// How long the next answer takes.
    pub(crate) fn delay(&mut self) -> Duration {
        self.answers += 1;
        self.provider.borrow_mut().delay(self.now, &self.visit, self.answers)
    }

    /// The same became of all recipients accepted so far.
    fn settle(&mut self, answer: Answered) {
        let provider = &mut *self.provider.borrow_mut();
        let rows = self.message.rows.iter();
        rows.for_each(|row| provider.settle(*row, self.now, answer, self.rule, &self.visit));
        self.message.rows.clear();
        self.visit.recipients.clear();
        self.visit.attempts.clear();
    }

    fn begin(&mut self, sender: &ReversePath, declared_size: Option<u64>) {
        self.visit.transaction += 1;
        self.visit.declared_size = declared_size;
        self.visit.sender.clear();
        if let ReversePath::Address(address) = sender {
            self.visit.sender.push_str(address.as_str());
        }
        self.visit.sender_number = self.provider.borrow_mut().journal.senders.enter(&self.visit.sender);
        self.message.mail_refusal = None;
        self.message.counted = Counted::No;
        self.visit.named = 0;
        self.message.hash.reset();
        (self.message.octets, self.message.unwatched) = (0, 0);
        self.message.content.clear();
    }

    /// Writes a recipient down when it is named; its row.
    fn write_down(&mut self, recipient: u32) -> u32 {
        let journal = &mut self.provider.borrow_mut().journal;
        if self.message.counted == Counted::No {
            self.message.counted = Counted::Yes;
            journal.count_message(self.visit.connection);
        }
        journal.name(self.now, self.visit.connection, self.visit.sender_number, recipient)
    }

    /// The answer to DATA, or to the first BDAT.
    fn go_ahead(&mut self, act: Option<Act>, phase: Phase) -> Answer {
        self.tell(&Event::Data { decided: Decided::by(act.as_ref()) });
        if let Some(code) = act.as_ref().and_then(Act::refusal) {
            self.settle(Answered::Refused { phase, code });
        }
        self.answer(act, |courtesies, _| &courtesies.data)
    }

    fn refused_row(&self, row: u32, phase: Phase, code: u16, rule: Option<u32>) {
        let answer = Answered::Refused { phase, code };
        self.provider.borrow_mut().settle(row, self.now, answer, rule, &self.visit);
    }
}

impl Host for Conversation {
    fn greet(&mut self) -> Answer {
        self.presence = Presence::Told;
        self.tell(&Event::Opened);
        if let Some(answer) = self.before_the_greeting() {
            return answer;
        }
        let act = self.ask(&Stage::Greeting);
        self.tell(&Event::Welcome { decided: Decided::by(act.as_ref()) });
        self.answer(act, |courtesies, host| &courtesies.greeting[host])
    }

    fn hello(&mut self, name: &str) -> Answer {
        match &self.habits.without_ehlo {
            None => self.helo(name),
            Some(refusal) => {
                let act = Act::say(refusal.clone(), Phase::Ehlo);
                self.rule = None;
                self.answer(Some(act), |courtesies, host| &courtesies.hello[host])
            }
        }
    }

    fn helo(&mut self, name: &str) -> Answer {
        name.clone_into(&mut self.visit.client_name);
        self.message.mail_refusal = None;
        let act = self.ask(&Stage::Hello);
        self.tell(&Event::Welcome { decided: Decided::by(act.as_ref()) });
        self.answer(act, |courtesies, host| &courtesies.hello[host])
    }

    /// What was offered when the connection was opened is kept, also when nobody offers it any more.
    fn start_tls(&mut self) -> Answer {
        let act = self.ask(&Stage::StartTls);
        let offer = self.provider.borrow_mut().tls(self.now, &self.visit);
        self.certificate = match offer {
            Some(TlsOffer::Kept(certificate)) => certificate,
            Some(TlsOffer::Broken) | None => Certificate::Valid,
        };
        self.answer(act, |courtesies, _| match offer {
            Some(TlsOffer::Kept(_)) | None => &courtesies.start_tls,
            Some(TlsOffer::Broken) => &courtesies.no_tls,
        })
    }

    /// Everybody is believed: a fake server has nothing to protect.
    fn authenticate(&mut self, _: &Credentials<'_>) -> Answer {
        let act = self.ask(&Stage::Auth);
        self.answer(act, |courtesies, _| &courtesies.authenticated)
    }

    fn mail(&mut self, from: &ReversePath, declared_size: Option<u64>) -> Answer {
        if self.provider.borrow().is_full() {
            return self.answer(None, |courtesies, _| &courtesies.full);
        }
        self.begin(from, declared_size);
        let act = self.ask(&Stage::Mail);
        self.tell(&Event::Mail { decided: Decided::by(act.as_ref()) });
        self.message.mail_refusal = act.as_ref().and_then(Act::refusal).map(|code| (code, self.rule));
        self.answer(act, |courtesies, _| &courtesies.mail)
    }

    fn rcpt(&mut self, to: &Address) -> Answer {
        let recipient = self.provider.borrow_mut().roster.enter(to.as_str());
        self.visit.named += 1;
        self.visit.attempt = self.provider.borrow_mut().count_attempt(&self.visit, recipient);
        let act = self
            .ask(&Stage::Rcpt { recipient })
            .or_else(|| self.provider.borrow().relay(recipient, self.now, &self.visit));
        let row = self.write_down(recipient);
        match act.as_ref().and_then(Act::refusal) {
            Some(code) => self.refused_row(row, Phase::Rcpt, code, self.rule),
            None => {
                self.message.rows.push(row);
                self.visit.recipients.push(recipient);
                self.visit.attempts.push(self.visit.attempt);
            }
        }
        self.tell_recipient(recipient, Decided::by(act.as_ref()));
        self.answer(act, |courtesies, _| &courtesies.rcpt)
    }

    /// The one of the provider's first domain.
    fn postmaster(&self) -> Option<Address> {
        let provider = self.provider.borrow();
        Address::parse(&format!("postmaster@{}", provider.identity.domains.first()?)).ok()
    }

    fn rcpt_in_vain(&mut self, to: &Address) {
        if let Some((code, rule)) = self.message.mail_refusal {
            let recipient = self.provider.borrow_mut().roster.enter(to.as_str());
            let row = self.write_down(recipient);
            self.refused_row(row, Phase::Mail, code, rule);
        }
    }

    fn data(&mut self) -> Answer {
        let act = self.ask(&Stage::Data);
        self.go_ahead(act, Phase::Data)
    }

    fn bdat(&mut self) -> Answer {
        match self.ask(&Stage::Bdat) {
            None => self.data(),
            act => self.go_ahead(act, Phase::Bdat),
        }
    }

    fn data_in_vain(&mut self) -> Option<Answer> {
        match self.habits.data_in_vain {
            DataInVain::Refused => None,
            DataInVain::Taken => Some(self.answer(None, |courtesies, _| &courtesies.data)),
        }
    }

    fn body(&mut self, chunk: &[u8]) {
        self.message.hash.update(chunk);
        self.message.octets += chunk.len() as u64;
        self.message.unwatched += chunk.len() as u64;
        let room = CONTENT_KEPT - self.message.content.len();
        if room > 0 && self.provider.borrow().rules.read_content() {
            self.message.content.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
    }

    fn interrupt(&mut self) -> Option<Answer> {
        if !self.provider.borrow().rules.concern(Phase::Body) {
            return None;
        }
        let octets = self.message.octets;
        let before = octets - std::mem::take(&mut self.message.unwatched);
        let act = self.ask(&Stage::Body { before, octets })?;
        if let Some(code) = act.refusal() {
            self.settle(Answered::Refused { phase: Phase::Body, code });
        }
        Some(self.answer(Some(act), |courtesies, _| &courtesies.done))
    }

    fn end_of_data(&mut self, bytes: u64) -> Answer {
        let (body_hash, body_bytes) = (self.message.hash.digest(), bytes);
        let content = std::mem::take(&mut self.message.content);
        let message = Received { hash: body_hash, bytes, content: &content };
        let act = self.ask(&Stage::EndOfData { message });
        let decided = Decided::by(act.as_ref());
        if decided == Decided::Accepted {
            self.provider.borrow_mut().accepted(message, self.now, &self.visit);
        }
        self.tell(&Event::Message { message, decided });
        // It is cleared, and its room used again, when the next message begins.
        self.message.content = content;
        match &act {
            Some(act) if let Some(code) = act.refusal() => {
                self.settle(Answered::Refused { phase: Phase::EndOfData, code });
            }
            None | Some(Act::Accept { .. } | Act::Say { .. } | Act::Spell { .. } | Act::Unasked { .. }) => {
                self.unheard.extend_from_slice(&self.message.rows);
                self.settle(Answered::Accepted { body_hash, body_bytes });
            }
            Some(Act::LoseReply) => self.settle(Answered::AcceptedReplyLost { body_hash, body_bytes }),
            Some(Act::Close | Act::Reset | Act::Hang | Act::Babble { .. }) => {}
        }
        self.answer(act, |courtesies, _| &courtesies.end_of_data)
    }

    fn rset(&mut self) -> Option<Answer> {
        self.aside(&Stage::Rset, |courtesies| &courtesies.done)
    }

    fn noop(&mut self) -> Option<Answer> {
        self.aside(&Stage::Noop, |courtesies| &courtesies.done)
    }

    fn vrfy(&mut self, _: &str) -> Option<Answer> {
        self.aside(&Stage::Vrfy, |courtesies| &courtesies.cannot_verify)
    }

    fn quit(&mut self) -> Answer {
        self.quits = true;
        let act = self.ask(&Stage::Quit);
        self.answer(act, |courtesies, _| &courtesies.quit)
    }

    fn reset(&mut self) {
        self.settle(Answered::Unfinished);
    }
}
