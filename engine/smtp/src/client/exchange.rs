//! One transaction on a client's connection, from MAIL to the reply to the final dot.
//!
//! A file of its own because it is the part of the session that decides what becomes of recipients. The table, with the
//! class of a reply across (421 and lost connections are told by the session, in any stage). A message goes as data, after
//! a go-ahead, or as a chunk, which asks nobody; in a group it leaves together with MAIL and RCPT:
//!
//! ```text
//! stage      2yz                 3yz                 4yz, 5yz
//! Mail       -> Rcpt(0)          fault               all refused -> Rcpt(0), or done if one by one
//! Rcpt(i)    -> next, or Data,   fault               i refused -> next, or as with 2yz, or Rset when nobody is left
//!            or with a chunk Body                      and it can be avoided
//! Data       fault               -> Body, or Dot     rest refused -> Rset, or done if MAIL was refused
//! Body       fault               fault               rest refused, connection given up
//! EndOfData  rest accepted, done fault               rest refused, done; after a chunk Rset if MAIL was taken
//! Dot        done                done                done
//! Rset       done                fault               connection given up
//! ```
//!
//! RFC 5321 3.3 (transactions), 4.3.2 (which replies are possible); RFC 2920 3.1 (groups of commands); RFC 3030 (BDAT).

use std::sync::Arc;

use super::outbox::Outbox;
use super::{Loss, Outcome, Transaction, Transfer};
use crate::{Command, Extensions, Phase, Reply, ReplyClass, ReplyFault};

/// A transaction under way.
#[derive(Debug)]
pub(super) struct Exchange {
    transaction: Transaction,
    grouping: Grouping,
    handover: Handover,
    stage: Stage,
    message: Message,
    /// What was said to MAIL.
    sender: Sender,
    /// How many RCPTs were answered with 2yz.
    taken: usize,
    /// One for each recipient; nothing while undecided.
    outcomes: Vec<Option<Outcome>>,
}

/// Whether commands wait for the answers to those before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grouping {
    Grouped,
    OneByOne,
}

/// How the message is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handover {
    /// DATA, and after the go-ahead the message with a final dot.
    Data,
    /// BDAT, and the message behind it.
    Chunk,
}

/// Whether the server can have the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    /// It cannot: not all of it has left.
    Unsent,
    Sent,
}

/// Whose answer comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Mail,
    Rcpt(usize),
    Data,
    /// The body is being written, and all before it is answered.
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

impl Handover {
    fn of(transaction: &Transaction, extensions: &Extensions, transfer: Transfer) -> Self {
        match transfer {
            // A chunk of no octets would be nothing to wait for.
            Transfer::ChunkIfOffered if extensions.chunking && transaction.body.len() > 0 => Self::Chunk,
            Transfer::ChunkIfOffered | Transfer::Data => Self::Data,
        }
    }
}

type Answered = Result<Progress, ReplyFault>;

impl Exchange {
    /// Starts `transaction`, which has no obstacle.
    pub(super) fn new(
        transaction: Transaction,
        extensions: &Extensions,
        transfer: Transfer,
        outbox: &mut Outbox,
    ) -> Self {
        let grouping = if extensions.pipelining { Grouping::Grouped } else { Grouping::OneByOne };
        let outcomes = vec![None; transaction.recipients.len()];
        let exchange = Self {
            handover: Handover::of(&transaction, extensions, transfer),
            transaction,
            grouping,
            stage: Stage::Mail,
            message: Message::Unsent,
            sender: Sender::Unanswered,
            taken: 0,
            outcomes,
        };
        outbox.add(&exchange.transaction.mail(extensions));
        if grouping == Grouping::Grouped {
            for index in 0..exchange.transaction.recipients.len() {
                outbox.add(&exchange.transaction.rcpt(index));
            }
            // RFC 2920 3.1: DATA only as the last command of a group. RFC 3030 4.2: nor does BDAT wait for answers
            exchange.hand_over(outbox);
        }
        exchange
    }

    /// For how many recipients it is.
    pub(super) const fn recipients(&self) -> usize {
        self.outcomes.len()
    }

    /// Whether the message is next to be written, and then nothing until it is answered.
    pub(super) fn is_about_to_send(&self, outbox: &Outbox) -> bool {
        self.stage == Stage::Body && self.handover == Handover::Data && outbox.has_fresh_body()
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

    /// The message has left completely.
    pub(super) fn message_written(&mut self) {
        self.message = Message::Sent;
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
            Stage::EndOfData => self.message_answered(reply, outbox),
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
        let (phase, message) = (self.phase(), self.message);
        self.decide(|| match message {
            Message::Sent => Outcome::Uncertain { loss },
            Message::Unsent => Outcome::Lost { phase, loss },
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
                if self.grouping == Grouping::OneByOne {
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
        if self.grouping == Grouping::OneByOne && self.taken == 0 {
            return Ok(self.forget(outbox));
        }
        if self.grouping == Grouping::OneByOne {
            self.hand_over(outbox);
        }
        self.stage = match (self.handover, self.message) {
            (Handover::Data, _) => Stage::Data,
            (Handover::Chunk, Message::Unsent) => Stage::Body,
            (Handover::Chunk, Message::Sent) => Stage::EndOfData,
        };
        Ok(Progress::Continue)
    }

    /// Writes what hands the message over: the question whether it may be sent, or the message itself.
    fn hand_over(&self, outbox: &mut Outbox) {
        match self.handover {
            Handover::Data => outbox.add(&Command::Data),
            Handover::Chunk => {
                outbox.add(&self.transaction.bdat());
                outbox.add_chunk(Arc::clone(&self.transaction.body));
            }
        }
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

    fn message_answered(&mut self, reply: Reply, outbox: &mut Outbox) -> Answered {
        let class = reply.class();
        let reply = Arc::new(reply);
        match (class, self.handover) {
            // MAIL refused, RCPT and the chunk taken: nobody knows for whom
            (ReplyClass::Positive, _) if self.sender == Sender::Refused && self.taken > 0 => {
                return unexpected(&reply);
            }
            (ReplyClass::Positive, _) => self.decide(|| Outcome::Accepted(Arc::clone(&reply))),
            (ReplyClass::Intermediate, _) => return unexpected(&reply),
            (ReplyClass::Transient | ReplyClass::Permanent, Handover::Data) => self.refuse_undecided(&reply),
            // RFC 3030 2: unlike the final dot, a chunk that is refused need not end the transaction
            (ReplyClass::Transient | ReplyClass::Permanent, Handover::Chunk) => {
                self.refuse_undecided(&reply);
                return Ok(self.forget(outbox));
            }
        }
        Ok(Progress::Complete)
    }

    /// Waits for the next answer, after writing what it answers unless that left with the group.
    fn go_on(&mut self, stage: Stage, outbox: &mut Outbox) -> Progress {
        self.stage = stage;
        match (self.grouping, stage) {
            (Grouping::OneByOne, Stage::Rcpt(index)) => outbox.add(&self.transaction.rcpt(index)),
            (Grouping::Grouped | Grouping::OneByOne, _) => {}
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
