//! One transaction on a client's connection, from MAIL to the reply to the final dot.
//!
//! A file of its own because it is the part of the session that decides what becomes of recipients. The table, with the
//! class of a reply across (421 and lost connections are told by the session, in any stage):
//!
//! ```text
//! stage      2yz                 3yz                 4yz, 5yz
//! Mail       -> Rcpt(0)          fault               all refused -> Rcpt(0), or done if one by one
//! Rcpt(i)    -> next, or Data    fault               i refused -> next, Data, or Rset when nobody is left
//! Data       fault               -> Body, or Dot     rest refused -> Rset, or done if MAIL was refused
//! Body       fault               fault               rest refused, connection given up
//! EndOfData  rest accepted       fault               rest refused; both done
//! Dot        done                done                done
//! Rset       done                fault               connection given up
//! ```
//!
//! RFC 5321 3.3 (transactions), 4.3.2 (which replies are possible); RFC 2920 3.1 (groups of commands).

use std::sync::Arc;

use super::outbox::Outbox;
use super::{Loss, Obstacle, Outcome};
use crate::{
    Address, Body, BodyType, Command, Extensions, ForwardPath, MailParameters, Phase, RcptParameters, Reply,
    ReplyClass, ReplyFault, ReversePath, SizeLimit,
};

/// One message for one or more recipients.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// Where failures are reported to.
    pub sender: ReversePath,
    /// Who the message is for: 1 to [`crate::limits::RECIPIENTS`].
    pub recipients: Vec<Address>,
    /// The message.
    pub body: Arc<Body>,
}

impl Transaction {
    /// Why it cannot be sent to a server with these `extensions`, if so.
    pub(super) fn obstacle(&self, extensions: &Extensions) -> Option<Obstacle> {
        let size = self.body.len();
        match extensions.size {
            SizeLimit::Max(limit) if size > limit => Some(Obstacle::TooLarge { size, limit }),
            SizeLimit::NotOffered | SizeLimit::Unlimited | SizeLimit::Max(_) => {
                (self.body.eight_bit() && !extensions.eight_bit_mime).then_some(Obstacle::EightBit)
            }
        }
    }

    fn mail(&self, extensions: &Extensions) -> Command {
        let size = (extensions.size != SizeLimit::NotOffered).then(|| self.body.len());
        let body = if self.body.eight_bit() { BodyType::EightBitMime } else { BodyType::Unstated };
        let parameters = MailParameters { size, body, ..MailParameters::default() };
        Command::Mail { from: self.sender.clone(), parameters }
    }

    fn rcpt(&self, index: usize) -> Command {
        let to = ForwardPath::Address(self.recipients[index].clone());
        Command::Rcpt { to, parameters: RcptParameters::default() }
    }
}

/// A transaction under way.
#[derive(Debug)]
pub(super) struct Exchange {
    transaction: Transaction,
    flow: Flow,
    stage: Stage,
    /// What was said to MAIL.
    sender: Sender,
    /// How many RCPTs were answered with 2yz.
    taken: usize,
    /// One for each recipient; nothing while undecided.
    outcomes: Vec<Option<Outcome>>,
}

/// Whether commands wait for the answers to those before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Grouped,
    OneByOne,
}

/// Whose answer comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Mail,
    Rcpt(usize),
    Data,
    /// The body is being written; no answer is due.
    Body,
    EndOfData,
    /// The dot that ends a message which nobody is to have.
    Dot,
    Rset,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    Unanswered,
    Taken,
    Refused,
}

/// What an answer led to.
#[derive(Debug)]
pub(super) enum Progress {
    /// The transaction goes on.
    Continue,
    /// It is over; the connection is ready for the next one.
    Complete,
    /// It is over, and the connection is of no use: the server broke off in the middle of the body.
    BrokenOff(Reply),
    /// It is over, and the server did not want to forget it.
    ResetRefused(Reply),
}

type Answered = Result<Progress, ReplyFault>;

impl Exchange {
    /// Starts `transaction`, which has no obstacle.
    pub(super) fn new(transaction: Transaction, extensions: &Extensions, outbox: &mut Outbox) -> Self {
        let flow = if extensions.pipelining { Flow::Grouped } else { Flow::OneByOne };
        outbox.add(&transaction.mail(extensions));
        if flow == Flow::Grouped {
            // RFC 2920 3.1: DATA only as the last command of a group
            for index in 0..transaction.recipients.len() {
                outbox.add(&transaction.rcpt(index));
            }
            outbox.add(&Command::Data);
        }
        let outcomes = vec![None; transaction.recipients.len()];
        Self { transaction, flow, stage: Stage::Mail, sender: Sender::Unanswered, taken: 0, outcomes }
    }

    /// What is under way.
    pub(super) const fn phase(&self) -> Phase {
        match self.stage {
            Stage::Mail => Phase::Mail,
            Stage::Rcpt(_) => Phase::Rcpt,
            Stage::Data => Phase::Data,
            Stage::Body => Phase::Body,
            Stage::EndOfData => Phase::EndOfData,
            Stage::Dot | Stage::Rset => Phase::Reset,
        }
    }

    /// Everything there was to write is written.
    pub(super) fn all_written(&mut self) {
        if self.stage == Stage::Body {
            self.stage = Stage::EndOfData;
        }
    }

    /// The server has answered what the stage says.
    pub(super) fn answer(&mut self, reply: Reply, outbox: &mut Outbox) -> Answered {
        match self.stage {
            Stage::Mail => self.mail_answered(reply, outbox),
            Stage::Rcpt(index) => self.rcpt_answered(index, reply, outbox),
            Stage::Data => self.data_answered(reply, outbox),
            Stage::Body => self.body_interrupted(reply),
            Stage::EndOfData => self.message_answered(reply),
            // RFC 2920 3.1: whatever is said to a message for nobody is of no interest
            Stage::Dot => Ok(Progress::Complete),
            Stage::Rset => reset_answered(reply),
        }
    }

    /// The server refuses, or closes with, `reply`: so for everybody who is undecided.
    pub(super) fn refuse_undecided(&mut self, reply: &Arc<Reply>) {
        let phase = self.phase();
        self.decide(|| Outcome::Refused { phase, reply: Arc::clone(reply) });
    }

    /// The connection is lost: so for everybody who is undecided.
    pub(super) fn lose_undecided(&mut self, loss: Loss) {
        let phase = self.phase();
        self.decide(|| {
            if phase == Phase::EndOfData {
                Outcome::Uncertain { loss }
            } else {
                Outcome::Lost { phase, loss }
            }
        });
    }

    /// One outcome for each recipient.
    ///
    /// # Panics
    /// When somebody is undecided.
    pub(super) fn into_outcomes(self) -> Vec<Outcome> {
        let decided =
            |outcome: Option<Outcome>| outcome.expect("a finished transaction has decided everybody");
        self.outcomes.into_iter().map(decided).collect()
    }

    fn mail_answered(&mut self, reply: Reply, outbox: &mut Outbox) -> Answered {
        match reply.class() {
            ReplyClass::Positive => self.sender = Sender::Taken,
            ReplyClass::Intermediate => return unexpected(&reply),
            ReplyClass::Transient | ReplyClass::Permanent => {
                self.sender = Sender::Refused;
                self.refuse_undecided(&Arc::new(reply));
                if self.flow == Flow::OneByOne {
                    return Ok(Progress::Complete);
                }
            }
        }
        Ok(self.go_on(Stage::Rcpt(0), outbox))
    }

    fn rcpt_answered(&mut self, index: usize, reply: Reply, outbox: &mut Outbox) -> Answered {
        match reply.class() {
            ReplyClass::Positive => self.taken += 1,
            ReplyClass::Intermediate => return unexpected(&reply),
            ReplyClass::Transient | ReplyClass::Permanent => {
                let refused = Outcome::Refused { phase: Phase::Rcpt, reply: Arc::new(reply) };
                self.outcomes[index].get_or_insert(refused);
            }
        }
        if index + 1 < self.outcomes.len() {
            return Ok(self.go_on(Stage::Rcpt(index + 1), outbox));
        }
        if self.flow == Flow::OneByOne && self.taken == 0 {
            return Ok(self.forget(outbox));
        }
        Ok(self.go_on(Stage::Data, outbox))
    }

    fn data_answered(&mut self, reply: Reply, outbox: &mut Outbox) -> Answered {
        match reply.class() {
            ReplyClass::Positive => unexpected(&reply),
            ReplyClass::Intermediate => self.go_ahead(&reply, outbox),
            ReplyClass::Transient | ReplyClass::Permanent => {
                self.refuse_undecided(&Arc::new(reply));
                Ok(self.forget(outbox))
            }
        }
    }

    fn go_ahead(&mut self, reply: &Reply, outbox: &mut Outbox) -> Answered {
        match (self.sender, self.taken) {
            // RFC 2920 3.1: if DATA is taken although no RCPT was, the client should send a single dot
            (_, 0) => {
                outbox.add_lone_dot();
                self.stage = Stage::Dot;
            }
            (Sender::Taken, _) => {
                outbox.add_body(Arc::clone(&self.transaction.body));
                self.stage = Stage::Body;
            }
            // MAIL refused and RCPT taken: a dot would deliver an empty message
            (Sender::Refused | Sender::Unanswered, _) => return unexpected(reply),
        }
        Ok(Progress::Continue)
    }

    /// Only a refusal makes sense before the message is complete, and then the stream is of no further use: the rest
    /// of the message would be read as commands.
    fn body_interrupted(&mut self, reply: Reply) -> Answered {
        match reply.class() {
            ReplyClass::Positive | ReplyClass::Intermediate => unexpected(&reply),
            ReplyClass::Transient | ReplyClass::Permanent => Ok(Progress::BrokenOff(reply)),
        }
    }

    fn message_answered(&mut self, reply: Reply) -> Answered {
        let class = reply.class();
        let reply = Arc::new(reply);
        match class {
            ReplyClass::Positive => self.decide(|| Outcome::Accepted(Arc::clone(&reply))),
            ReplyClass::Intermediate => return unexpected(&reply),
            ReplyClass::Transient | ReplyClass::Permanent => self.refuse_undecided(&reply),
        }
        Ok(Progress::Complete)
    }

    /// Waits for the next answer, after writing what it answers unless that left with the group.
    fn go_on(&mut self, stage: Stage, outbox: &mut Outbox) -> Progress {
        self.stage = stage;
        match (self.flow, stage) {
            (Flow::OneByOne, Stage::Rcpt(index)) => outbox.add(&self.transaction.rcpt(index)),
            (Flow::OneByOne, Stage::Data) => outbox.add(&Command::Data),
            (Flow::Grouped | Flow::OneByOne, _) => {}
        }
        Progress::Continue
    }

    /// Everybody is decided before there was a message: makes the server forget the sender, if it has one.
    fn forget(&mut self, outbox: &mut Outbox) -> Progress {
        if self.sender == Sender::Refused {
            return Progress::Complete;
        }
        outbox.add(&Command::Rset);
        self.stage = Stage::Rset;
        Progress::Continue
    }

    fn decide(&mut self, outcome: impl Fn() -> Outcome) {
        for undecided in self.outcomes.iter_mut().filter(|outcome| outcome.is_none()) {
            *undecided = Some(outcome());
        }
    }
}

fn reset_answered(reply: Reply) -> Answered {
    match reply.class() {
        ReplyClass::Positive => Ok(Progress::Complete),
        ReplyClass::Intermediate => unexpected(&reply),
        ReplyClass::Transient | ReplyClass::Permanent => Ok(Progress::ResetRefused(reply)),
    }
}

fn unexpected(reply: &Reply) -> Answered {
    Err(ReplyFault::Unexpected(reply.code()))
}
