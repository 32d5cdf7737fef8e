//! What a client asks about delivery reports: parameters of MAIL and RCPT.
//!
//! Read strictly, because who is told about a message is nothing to guess at. Whether a server honours them is the business
//! of whoever keeps it.
//!
//! RFC 3461 4 (RET, ENVID, NOTIFY, ORCPT), 5.4 (their lengths); RFC 6533 3 (ORCPT of type utf-8).

use std::fmt;

use crate::{Charset, Word, Xtext};

// RFC 3461 4.4: an ENVID must not exceed 100 characters
const ENVELOPE_ID_BYTES: usize = 100;

// RFC 3461 4.2: an ORCPT must not exceed 500 characters
const ORIGINAL_RECIPIENT_BYTES: usize = 500;

/// What MAIL asks about reports. The default asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailDsn {
    /// `RET`: how much of the message a report of failure brings back.
    pub ret: Option<Return>,
    /// `ENVID`: what the sender calls this transaction.
    pub envid: Option<Xtext>,
}

/// How much of the message a report of failure brings back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// `FULL`: all of it.
    Full,
    /// `HDRS`: its headers.
    Headers,
}

/// What RCPT asks about reports. The default asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RcptDsn {
    /// `NOTIFY`: when a report is wanted.
    pub notify: Option<Notify>,
    /// `ORCPT`: who the message was for at first.
    pub orcpt: Option<OriginalRecipient>,
}

/// When a report is wanted. The default is `NEVER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notify {
    /// `SUCCESS`: when the message is delivered.
    pub success: bool,
    /// `FAILURE`: when it cannot be.
    pub failure: bool,
    /// `DELAY`: when it is late.
    pub delay: bool,
}

/// Who a message was for before it was forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRecipient {
    /// Which kind of address it is, as written; `rfc822` for mail addresses.
    pub kind: Word,
    /// The address, decoded.
    pub address: Xtext,
}

impl MailDsn {
    /// Reads parameters of MAIL that are separated by spaces.
    pub fn parse(text: &str) -> Result<Self, DsnError> {
        let mut dsn = Self::default();
        each_parameter(text, |parameter| dsn.add(parameter)).map(|()| dsn)
    }

    /// Takes one parameter. Nothing when it is none of these.
    pub(crate) fn add(&mut self, parameter: &str) -> Option<Result<(), DsnError>> {
        let (keyword, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if keyword.eq_ignore_ascii_case("RET") {
            Some(set(&mut self.ret, Return::parse(value)))
        } else if keyword.eq_ignore_ascii_case("ENVID") {
            Some(set(&mut self.envid, envelope_id(value)))
        } else {
            None
        }
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Appends the parameters, each after a space.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self.ret {
            Some(Return::Full) => out.extend_from_slice(b" RET=FULL"),
            Some(Return::Headers) => out.extend_from_slice(b" RET=HDRS"),
            None => {}
        }
        if let Some(envid) = &self.envid {
            out.extend_from_slice(b" ENVID=");
            envid.encode(out);
        }
    }
}

impl RcptDsn {
    /// Reads parameters of RCPT that are separated by spaces.
    pub fn parse(text: &str) -> Result<Self, DsnError> {
        let mut dsn = Self::default();
        each_parameter(text, |parameter| dsn.add(parameter)).map(|()| dsn)
    }

    /// Takes one parameter. Nothing when it is none of these.
    pub(crate) fn add(&mut self, parameter: &str) -> Option<Result<(), DsnError>> {
        let (keyword, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if keyword.eq_ignore_ascii_case("NOTIFY") {
            Some(set(&mut self.notify, Notify::parse(value)))
        } else if keyword.eq_ignore_ascii_case("ORCPT") {
            Some(set(&mut self.orcpt, OriginalRecipient::parse(value)))
        } else {
            None
        }
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Appends the parameters, each after a space.
    pub fn encode(&self, out: &mut Vec<u8>) {
        if let Some(notify) = &self.notify {
            out.extend_from_slice(format!(" NOTIFY={notify}").as_bytes());
        }
        if let Some(orcpt) = &self.orcpt {
            out.extend_from_slice(format!(" ORCPT={};", orcpt.kind.as_str()).as_bytes());
            orcpt.address.encode(out);
        }
    }
}

/// Takes parameters that are separated by spaces, each of which must be known.
fn each_parameter(
    text: &str,
    mut add: impl FnMut(&str) -> Option<Result<(), DsnError>>,
) -> Result<(), DsnError> {
    let mut parameters = text.split(' ').filter(|word| !word.is_empty());
    parameters.try_for_each(|parameter| add(parameter).ok_or(DsnError::Unknown)?)
}

impl Return {
    // RFC 3461 4.3: "RET=" ( "FULL" / "HDRS" )
    fn parse(text: &str) -> Result<Self, DsnError> {
        match text.to_ascii_uppercase().as_str() {
            "FULL" => Ok(Self::Full),
            "HDRS" => Ok(Self::Headers),
            _ => Err(DsnError::Return),
        }
    }
}

// RFC 3461 4.4: "ENVID=" xtext
fn envelope_id(text: &str) -> Result<Xtext, DsnError> {
    if text.len() > ENVELOPE_ID_BYTES {
        return Err(DsnError::EnvelopeId);
    }
    Xtext::decode(text, Charset::Ascii).ok_or(DsnError::EnvelopeId)
}

impl Notify {
    // RFC 3461 4.1: "NOTIFY=" ( "NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" ) ); NEVER must stand alone
    fn parse(text: &str) -> Result<Self, DsnError> {
        let mut notify = Self::default();
        if text.eq_ignore_ascii_case("NEVER") {
            return Ok(notify);
        }
        for event in text.split(',') {
            match event.to_ascii_uppercase().as_str() {
                "SUCCESS" => notify.success = true,
                "FAILURE" => notify.failure = true,
                "DELAY" => notify.delay = true,
                _ => return Err(DsnError::Notify),
            }
        }
        Ok(notify)
    }
}

impl fmt::Display for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = [(self.success, "SUCCESS"), (self.failure, "FAILURE"), (self.delay, "DELAY")];
        let wanted: Vec<_> =
            events.into_iter().filter(|(wanted, _)| *wanted).map(|(_, event)| event).collect();
        if wanted.is_empty() { f.write_str("NEVER") } else { f.write_str(&wanted.join(",")) }
    }
}

impl OriginalRecipient {
    // RFC 3461 4.2: "ORCPT=" addr-type ";" xtext. RFC 6533 3: with the type utf-8 it may go beyond ASCII
    fn parse(text: &str) -> Result<Self, DsnError> {
        if text.len() > ORIGINAL_RECIPIENT_BYTES {
            return Err(DsnError::OriginalRecipient);
        }
        let (kind, address) = text.split_once(';').ok_or(DsnError::OriginalRecipient)?;
        let is_utf8 = kind.eq_ignore_ascii_case("utf-8");
        let charset = if is_utf8 { Charset::Utf8 } else { Charset::Ascii };
        let kind = Word::parse(kind).filter(|kind| kind.as_str().bytes().all(is_atom));
        match (kind, Xtext::decode(address, charset)) {
            (Some(kind), Some(address)) => Ok(Self { kind, address }),
            (None, _) | (_, None) => Err(DsnError::OriginalRecipient),
        }
    }
}

// RFC 3461 4.2: addr-type = atom, as in RFC 822: no specials
fn is_atom(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"()<>@,;:\\\".[]".contains(&byte)
}

// RFC 3461 4: no parameter may appear more than once
fn set<T>(field: &mut Option<T>, value: Result<T, DsnError>) -> Result<(), DsnError> {
    match field {
        Some(_) => Err(DsnError::Repeated),
        None => {
            *field = Some(value?);
            Ok(())
        }
    }
}

/// Why a parameter about reports is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DsnError {
    /// It is none of the command's.
    Unknown,
    /// It stands there twice.
    Repeated,
    /// `RET` is neither FULL nor HDRS.
    Return,
    /// `ENVID` is empty, longer than 100 octets, or no xtext.
    EnvelopeId,
    /// `NOTIFY` is neither NEVER nor a list of SUCCESS, FAILURE and DELAY.
    Notify,
    /// `ORCPT` is no type and address, or longer than 500 octets.
    OriginalRecipient,
}

impl fmt::Display for DsnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown parameter",
            Self::Repeated => "a parameter about reports stands there twice",
            Self::Return => "RET must be FULL or HDRS",
            Self::EnvelopeId => "ENVID must be xtext of 1 to 100 octets",
            Self::Notify => "NOTIFY must be NEVER or a list of SUCCESS, FAILURE and DELAY",
            Self::OriginalRecipient => {
                "ORCPT must be a type, `;` and an address in xtext, in at most 500 octets"
            }
        })
    }
}

impl std::error::Error for DsnError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_mail(text: &str, expected: Result<&str, DsnError>) {
        let written = MailDsn::parse(text).map(|dsn| {
            let mut out = Vec::new();
            dsn.encode(&mut out);
            String::from_utf8(out).expect("text")
        });
        assert_eq!(written.as_deref().map_err(|error| *error), expected, "{text:?}");
    }

    fn check_rcpt(text: &str, expected: Result<&str, DsnError>) {
        let written = RcptDsn::parse(text).map(|dsn| {
            let mut out = Vec::new();
            dsn.encode(&mut out);
            String::from_utf8(out).expect("text")
        });
        assert_eq!(written.as_deref().map_err(|error| *error), expected, "{text:?}");
    }

    #[test]
    fn parameters_of_mail() {
        check_mail("", Ok(""));
        check_mail("ret=hdrs EnvId=QQ+2B1", Ok(" RET=HDRS ENVID=QQ+2B1"));
        check_mail("ENVID=a RET=FULL", Ok(" RET=FULL ENVID=a"));
        check_mail(&format!("ENVID={}", "x".repeat(100)), Ok(&format!(" ENVID={}", "x".repeat(100))));
        check_mail(&format!("ENVID={}", "x".repeat(101)), Err(DsnError::EnvelopeId));
        check_mail("RET=FULL RET=FULL", Err(DsnError::Repeated));
        check_mail("NOTIFY=NEVER", Err(DsnError::Unknown));
        for bad in ["RET", "RET=", "RET=NONE"] {
            check_mail(bad, Err(DsnError::Return));
        }
        for bad in ["ENVID", "ENVID=", "ENVID=+", "ENVID=a=b", "ENVID=ä"] {
            check_mail(bad, Err(DsnError::EnvelopeId));
        }
    }

    #[test]
    fn parameters_of_rcpt() {
        check_rcpt("NOTIFY=delay,SUCCESS,delay", Ok(" NOTIFY=SUCCESS,DELAY"));
        check_rcpt(
            "notify=Never ORCPT=rfc822;Bob+2Bx@b.test",
            Ok(" NOTIFY=NEVER ORCPT=rfc822;Bob+2Bx@b.test"),
        );
        check_rcpt("ORCPT=utf-8;jörg@b.test", Ok(" ORCPT=utf-8;jörg@b.test"));
        check_rcpt("ORCPT=rfc822;a ORCPT=rfc822;b", Err(DsnError::Repeated));
        check_rcpt("RET=FULL", Err(DsnError::Unknown));
        for bad in ["NOTIFY", "NOTIFY=", "NOTIFY=NEVER,DELAY", "NOTIFY=SUCCESS,", "NOTIFY=LATER"] {
            check_rcpt(bad, Err(DsnError::Notify));
        }
        let long = format!("ORCPT=rfc822;{}", "x".repeat(494));
        for bad in [
            "ORCPT",
            "ORCPT=",
            "ORCPT=a@b",
            "ORCPT=;a",
            "ORCPT=rfc822;",
            "ORCPT=a.b;c",
            "ORCPT=rfc822;ä",
            &long,
        ] {
            check_rcpt(bad, Err(DsnError::OriginalRecipient));
        }
        check_rcpt(&long[..long.len() - 1], Ok(&format!(" {}", &long[..long.len() - 1])));
    }
}
