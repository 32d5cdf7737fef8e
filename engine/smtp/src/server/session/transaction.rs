//! A transaction: MAIL, RCPT, DATA, and the message up to its final dot.
//!
//! RFC 5321 3.3 (transactions), 4.1.1.4 (DATA), 4.5.1 (Postmaster); RFC 1870 6 (SIZE); RFC 6531 3.2, 3.5 (SMTPUTF8).

use super::{ServerSession, State};
use crate::server::content::{Content, ContentFault};
use crate::server::{Answer, Host, Then, Turn};
use crate::{
    Address, AddressError, Charset, CommandFault, ForwardPath, MailParameters, RcptParameters, ReplyClass,
    ReversePath, Unstuffed,
};

impl ServerSession {
    /// Whether a transaction can begin; says why not.
    pub(super) fn may_begin(
        &mut self,
        turn: &mut Turn,
        from: &ReversePath,
        parameters: &MailParameters,
    ) -> bool {
        let max = self.config.max_size();
        match self.state {
            State::Idle if !self.config.takes_mail(parameters) => self.unknown_parameter(turn),
            State::Idle if parameters.size.is_some_and(|octets| octets > max) => self.too_large(turn),
            // RFC 6531 3.2: such an address without SMTPUTF8 is an error
            State::Idle if !is_allowed(from, parameters.charset) => {
                self.not_understood(turn, CommandFault::Sender(AddressError::NotAscii));
            }
            State::Idle => return true,
            State::Transaction { .. } | State::Chunks => {
                self.out_of_order(turn, "a transaction is under way")
            }
            _ => self.out_of_order(turn, "say EHLO or HELO first"),
        }
        false
    }

    pub(super) fn mail<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        from: &ReversePath,
        parameters: &MailParameters,
        turn: &mut Turn,
    ) {
        if turn.add(&host.mail_with(from, parameters)) == Some(ReplyClass::Positive) {
            self.state = State::Transaction { recipients: 0, charset: parameters.charset };
            self.content = Content::default();
        }
    }

    pub(super) fn rcpt<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        to: &ForwardPath,
        parameters: &RcptParameters,
        turn: &mut Turn,
    ) {
        let postmaster = (*to == ForwardPath::Postmaster).then(|| host.postmaster()).flatten();
        let address = match to {
            ForwardPath::Address(address) => Some(address),
            ForwardPath::Postmaster => postmaster.as_ref(),
        };
        match (self.state, address) {
            (State::Transaction { .. }, _) if !self.config.takes_rcpt(parameters) => {
                self.unknown_parameter(turn);
            }
            (State::Transaction { charset: Charset::Ascii, .. }, Some(address)) if !address.is_ascii() => {
                self.not_understood(turn, CommandFault::Recipient(AddressError::NotAscii));
            }
            (State::Transaction { recipients, charset }, Some(address)) => {
                if turn.add(&host.rcpt_with(address, parameters)) == Some(ReplyClass::Positive) {
                    self.state = State::Transaction { recipients: recipients + 1, charset };
                }
            }
            (State::Transaction { .. }, None) => self.say(turn, 550, (5, 1, 1), "no postmaster here"),
            (State::Chunks, _) => self.out_of_order(turn, "the message has begun"),
            (_, address) => {
                address.into_iter().for_each(|address: &Address| host.rcpt_in_vain(address));
                self.out_of_order(turn, "say MAIL first");
            }
        }
    }

    pub(super) fn data<H: Host + ?Sized>(&mut self, host: &mut H, turn: &mut Turn) {
        match self.state {
            // RFC 5321 3.3: 554 when all RCPT commands were refused
            State::Transaction { recipients: 0, .. } => match host.data_in_vain() {
                None => self.say(turn, 554, (5, 5, 1), "no valid recipients"),
                Some(answer) => self.data_answered(&answer, turn),
            },
            State::Transaction { .. } => {
                let answer = host.data();
                self.data_answered(&answer, turn);
            }
            // RFC 3030 2: DATA and BDAT commands cannot be used in the same transaction
            State::Chunks => self.out_of_order(turn, "the message comes with BDAT"),
            _ => self.out_of_order(turn, "say MAIL and RCPT first"),
        }
    }

    fn data_answered(&mut self, answer: &Answer, turn: &mut Turn) {
        if turn.add(answer) == Some(ReplyClass::Intermediate) {
            self.state = State::Content;
        }
    }

    /// What the server does in the middle of a message, which ends the connection, if anything.
    pub(super) fn interrupted<H: Host + ?Sized>(&mut self, host: &mut H, turn: &mut Turn) -> bool {
        let Some(answer) = host.interrupt() else { return false };
        turn.add(&answer);
        if turn.then == Then::Continue {
            turn.then = Then::Close;
        }
        true
    }

    pub(super) fn take_content<H: Host + ?Sized>(&mut self, host: &mut H, rest: &mut &[u8], turn: &mut Turn) {
        let Self { config, content, .. } = self;
        let fed = self.unstuffer.feed(rest, &mut |piece| {
            content.take(config, piece);
            host.body(piece);
        });
        match fed {
            _ if self.interrupted(host, turn) => *rest = &[],
            Unstuffed::Partial => *rest = &[],
            Unstuffed::Complete { consumed } => {
                *rest = &rest[consumed..];
                self.take_message(host, turn);
            }
        }
    }

    /// The message is complete.
    pub(super) fn take_message<H: Host + ?Sized>(&mut self, host: &mut H, turn: &mut Turn) {
        self.state = State::Idle;
        match self.content.fault(&self.config) {
            None => {
                turn.add(&host.end_of_data(self.content.octets()));
            }
            Some(fault) => {
                host.reset();
                let (code, status, text) = fault.reply();
                self.say(turn, code, status, text);
            }
        }
    }

    fn too_large(&self, turn: &mut Turn) {
        let (code, status, text) = ContentFault::TooLarge.reply();
        self.say(turn, code, status, text);
    }
}

fn is_allowed(from: &ReversePath, charset: Charset) -> bool {
    match from {
        ReversePath::Null => true,
        ReversePath::Address(address) => charset.allows(address.as_str()),
    }
}
