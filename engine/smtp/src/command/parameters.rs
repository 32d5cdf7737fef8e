//! Parameters of MAIL and RCPT: what is declared about a message, and asked for a recipient.
//!
//! A file of its own because every extension adds to it. What is not known here is kept as it was written, for the
//! session to refuse; so is BODY=BINARYMIME, which no session offers.
//!
//! RFC 1870 3 (SIZE), RFC 6152 (BODY), RFC 6531 3.4 (SMTPUTF8), RFC 4954 5 (AUTH), RFC 3461 4 (reports).

use super::{CommandFault, Word, push};
use crate::{Address, Charset, MailDsn, RcptDsn, Xtext};

/// What MAIL declares about the message. The default declares nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailParameters {
    /// The size of the message, in octets.
    pub size: Option<u64>,
    /// What it is made of.
    pub body: BodyType,
    /// Whether addresses and headers may go beyond ASCII.
    pub charset: Charset,
    /// Who handed the message in, as far as the client knows and says.
    pub auth: Option<Submitter>,
    /// What is asked about reports.
    pub dsn: MailDsn,
    /// All others as written, `KEYWORD` or `KEYWORD=value`.
    pub others: Vec<Word>,
}

/// What a client declares about octets above 127.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BodyType {
    /// Nothing was declared.
    #[default]
    Unstated,
    /// `BODY=7BIT`: there are none.
    SevenBit,
    /// `BODY=8BITMIME`: there may be some.
    EightBitMime,
}

/// Who handed a message in.
// RFC 4954 5: AUTH=mailbox, or "<>" when that is not known or not trusted
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitter {
    /// `<>`: not known.
    Unknown,
    /// Somebody with this mailbox.
    Mailbox(Address),
}

/// What RCPT asks for a recipient. The default asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RcptParameters {
    /// What is asked about reports.
    pub dsn: RcptDsn,
    /// All others as written, `KEYWORD` or `KEYWORD=value`.
    pub others: Vec<Word>,
}

impl MailParameters {
    /// Takes one parameter. Of SIZE, BODY and AUTH the last one counts.
    pub(super) fn add(&mut self, parameter: &str) -> Result<(), CommandFault> {
        if let Some(added) = self.dsn.add(parameter) {
            return added.map_err(CommandFault::Dsn);
        }
        let (keyword, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let is = |known: &str| keyword.eq_ignore_ascii_case(known);
        match value {
            digits if is("SIZE") => self.size = Some(octets(digits).ok_or(CommandFault::Arguments)?),
            kind if is("BODY") && kind.eq_ignore_ascii_case("7BIT") => self.body = BodyType::SevenBit,
            kind if is("BODY") && kind.eq_ignore_ascii_case("8BITMIME") => self.body = BodyType::EightBitMime,
            who if is("AUTH") => self.auth = Some(Submitter::parse(who).ok_or(CommandFault::Arguments)?),
            _ if parameter.eq_ignore_ascii_case("SMTPUTF8") => self.charset = Charset::Utf8,
            _ => self.others.push(Word::parse(parameter).ok_or(CommandFault::Arguments)?),
        }
        Ok(())
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        if let Some(octets) = self.size {
            push(out, &[" SIZE=", &octets.to_string()]);
        }
        match self.body {
            BodyType::Unstated => {}
            BodyType::SevenBit => push(out, &[" BODY=7BIT"]),
            BodyType::EightBitMime => push(out, &[" BODY=8BITMIME"]),
        }
        self.dsn.encode(out);
        if let Some(submitter) = &self.auth {
            submitter.encode(out);
        }
        if self.charset == Charset::Utf8 {
            push(out, &[" SMTPUTF8"]);
        }
        push_others(out, &self.others);
    }
}

impl RcptParameters {
    /// Takes one parameter.
    pub(super) fn add(&mut self, parameter: &str) -> Result<(), CommandFault> {
        match self.dsn.add(parameter) {
            Some(added) => added.map_err(CommandFault::Dsn),
            None => {
                self.others.push(Word::parse(parameter).ok_or(CommandFault::Arguments)?);
                Ok(())
            }
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        self.dsn.encode(out);
        push_others(out, &self.others);
    }
}

impl Submitter {
    fn parse(value: &str) -> Option<Self> {
        if value == "<>" {
            return Some(Self::Unknown);
        }
        let mailbox = Xtext::decode(value, Charset::Ascii)?;
        Address::parse_mailbox(mailbox.as_str()).ok().map(Self::Mailbox)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Unknown => push(out, &[" AUTH=<>"]),
            Self::Mailbox(address) => {
                push(out, &[" AUTH="]);
                Xtext::new(address.as_str()).expect("an address is text").encode(out);
            }
        }
    }
}

fn push_others(out: &mut Vec<u8>, parameters: &[Word]) {
    for parameter in parameters {
        push(out, &[" ", parameter.as_str()]);
    }
}

// RFC 1870 3: size-value = 1*20DIGIT. What is beyond 64 bits is as large as it gets.
fn octets(digits: &str) -> Option<u64> {
    if !matches!(digits.len(), 1..=20) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}
