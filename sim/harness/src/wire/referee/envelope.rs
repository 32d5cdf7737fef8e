//! What mailin must make of the engine's words, kept from question to question: it tells the whole envelope at DATA.

use fleet::{Asked, Exchange};
use smtp::{BodyType, ReplyClass, ReversePath};

use super::questions;

/// The connection so far: who the client is, and the transaction that is under way.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    name: String,
    from: String,
    eight_bit: bool,
    to: Vec<String>,
}

impl Envelope {
    /// The question that mailin must ask now; none where it answers by itself. What mailin cannot understand is sorted out before.
    pub(crate) fn question(&self, asked: &Asked) -> Option<questions::Asked> {
        match asked {
            Asked::Hello { name } => Some(questions::Asked::Hello { name: name.clone() }),
            Asked::Mail { from, .. } => {
                Some(questions::Asked::Mail { name: self.name.clone(), from: bare(from) })
            }
            Asked::Rcpt { to, .. } => Some(questions::Asked::Rcpt { to: to.as_str().to_owned() }),
            Asked::Data => Some(questions::Asked::Data {
                name: self.name.clone(),
                from: self.from.clone(),
                eight_bit: self.eight_bit,
                to: self.to.clone(),
            }),
            Asked::EndOfData { hash, bytes } => {
                Some(questions::Asked::EndOfData { hash: *hash, bytes: *bytes })
            }
            Asked::StartTls | Asked::Authenticate | Asked::Quit => None,
        }
    }

    /// Takes note of what was asked and accepted.
    pub(crate) fn note(&mut self, exchange: &Exchange) {
        let class = exchange.answer.reply.as_ref().map(smtp::Reply::class);
        if class != Some(ReplyClass::Positive) {
            return;
        }
        match &exchange.asked {
            Asked::Hello { name } => name.clone_into(&mut self.name),
            Asked::Mail { from, parameters } => {
                self.from = bare(from);
                self.eight_bit = parameters.body == BodyType::EightBitMime;
                self.to.clear();
            }
            Asked::Rcpt { to, .. } => self.to.push(to.as_str().to_owned()),
            Asked::StartTls | Asked::Authenticate | Asked::Data | Asked::EndOfData { .. } | Asked::Quit => {}
        }
    }
}

fn bare(path: &ReversePath) -> String {
    match path {
        ReversePath::Null => String::new(),
        ReversePath::Address(address) => address.as_str().to_owned(),
    }
}
