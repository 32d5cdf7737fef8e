//! What a server session offers, what it puts up with, and which parameters of commands it therefore knows.
//!
//! RFC 5321 4.1.1.11 (parameters only of extensions that were offered), 2.3.8 (bare line ends), 4.5.3.1.6 (text lines).

use crate::{
    BodyType, Charset, Extensions, MailParameters, Mechanisms, RcptParameters, Security, SizeLimit, limits,
};

/// What a server session is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerConfig {
    /// What EHLO offers. DSN means that its parameters are taken, STARTTLS that the host is asked and that whoever owns the
    /// stream can do the handshake, AUTH that the host is asked about credentials, in plain text too.
    pub extensions: Extensions,
    /// Longest command line, in octets with CRLF.
    pub max_line: usize,
    /// How many commands that cannot be understood are answered before the session closes with 421.
    pub max_errors: u32,
    /// What is done about a message with a CR or LF of its own. Neither ever ends a line, let alone a message; whoever
    /// hands the message on to a server that thinks otherwise had better refuse it (smuggling).
    pub bare_line_ends: Tolerance,
    /// What is done about a message with a line of more than [`limits::TEXT_LINE_BYTES`] octets.
    pub long_lines: Tolerance,
}

/// What is done about a message that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tolerance {
    /// It is taken as it is.
    #[default]
    Take,
    /// It is refused when it is complete.
    Refuse,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            extensions: Extensions::default(),
            max_line: limits::COMMAND_LINE_BYTES,
            max_errors: limits::COMMAND_ERRORS,
            bare_line_ends: Tolerance::Take,
            long_lines: Tolerance::Take,
        }
    }
}

impl ServerConfig {
    /// What is really offered over a connection like this.
    // RFC 3207 4.2: STARTTLS MUST NOT be offered inside TLS
    pub(super) const fn offer(&self, current: Security) -> Extensions {
        let starttls = match current {
            Security::Plain => self.extensions.starttls,
            Security::Tls => false,
        };
        Extensions { starttls, ..self.extensions }
    }

    /// Whether there is any way for clients to prove who they are.
    pub(super) fn offers_auth(&self) -> bool {
        self.extensions.auth != Mechanisms::default()
    }

    /// The largest message, in octets.
    pub(super) const fn max_size(&self) -> u64 {
        match self.extensions.size {
            SizeLimit::Max(octets) => octets,
            SizeLimit::NotOffered | SizeLimit::Unlimited => u64::MAX,
        }
    }

    /// Whether MAIL may have these parameters.
    pub(super) fn takes_mail(&self, parameters: &MailParameters) -> bool {
        let MailParameters { size, body, charset, auth, dsn, others } = parameters;
        let offered = &self.extensions;
        (size.is_none() || offered.size != SizeLimit::NotOffered)
            && (*body == BodyType::Unstated || offered.eight_bit_mime)
            && (*charset == Charset::Ascii || offered.smtputf8)
            && (auth.is_none() || self.offers_auth())
            && (dsn.is_empty() || offered.dsn)
            && others.is_empty()
    }

    /// Whether RCPT may have these parameters.
    pub(super) fn takes_rcpt(&self, parameters: &RcptParameters) -> bool {
        (parameters.dsn.is_empty() || self.extensions.dsn) && parameters.others.is_empty()
    }
}
