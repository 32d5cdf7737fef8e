//! One message for one or more recipients, and how it is said to a server that offers this or that.
//!
//! Apart from `exchange`, which is about answers.
//!
//! RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 3030 (BDAT).

use std::sync::Arc;

use super::Obstacle;
use crate::{
    Address, Body, BodyType, Charset, Chunk, Command, Extensions, ForwardPath, MailParameters,
    RcptParameters, ReversePath, SizeLimit,
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
            SizeLimit::Max(limit) if size > limit => return Some(Obstacle::TooLarge { size, limit }),
            SizeLimit::NotOffered | SizeLimit::Unlimited | SizeLimit::Max(_) => {}
        }
        if self.body.eight_bit() && !extensions.eight_bit_mime {
            return Some(Obstacle::EightBit);
        }
        // RFC 6531 3.1 item 8: such a message must not be handed to a server without SMTPUTF8
        (self.charset() == Charset::Utf8 && !extensions.smtputf8).then_some(Obstacle::Utf8)
    }

    pub(super) fn mail(&self, extensions: &Extensions) -> Command {
        let size = (extensions.size != SizeLimit::NotOffered).then(|| self.body.len());
        let body = if self.body.eight_bit() { BodyType::EightBitMime } else { BodyType::Unstated };
        let charset = self.charset();
        let parameters = MailParameters { size, body, charset, ..MailParameters::default() };
        Command::Mail { from: self.sender.clone(), parameters }
    }

    pub(super) fn rcpt(&self, index: usize) -> Command {
        let to = ForwardPath::Address(self.recipients[index].clone());
        Command::Rcpt { to, parameters: RcptParameters::default() }
    }

    /// The command that the message follows as it is, as one chunk.
    pub(super) fn bdat(&self) -> Command {
        Command::Bdat { size: self.body.len(), chunk: Chunk::Last }
    }

    /// What its addresses need.
    fn charset(&self) -> Charset {
        let sender = match &self.sender {
            ReversePath::Null => None,
            ReversePath::Address(address) => Some(address),
        };
        let is_ascii = sender.into_iter().chain(&self.recipients).all(Address::is_ascii);
        if is_ascii { Charset::Ascii } else { Charset::Utf8 }
    }
}
