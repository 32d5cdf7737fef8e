//! What a server session offers, and which parameters of commands it therefore knows.
//!
//! RFC 5321 4.1.1.11 (parameters only of extensions that were offered).

use crate::{
    BodyType, Charset, Extensions, MailParameters, Mechanisms, RcptParameters, Security, SizeLimit, limits,
};

/// What a server session is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerConfig {
    /// What EHLO offers. SMTPUTF8 and CHUNKING are left out, because a session cannot do them; DSN means that its
    /// parameters are taken, STARTTLS that the host is asked and that whoever owns the stream can do the handshake.
    pub extensions: Extensions,
    /// Longest command line, in octets with CRLF.
    pub max_line: usize,
    /// How many commands that cannot be understood are answered before the session closes with 421.
    pub max_errors: u32,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            extensions: Extensions::default(),
            max_line: limits::COMMAND_LINE_BYTES,
            max_errors: limits::COMMAND_ERRORS,
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
        Extensions {
            smtputf8: false,
            chunking: false,
            auth: Mechanisms { plain: false, login: false },
            starttls,
            ..self.extensions
        }
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
            && (auth.is_none() || offered.auth != Mechanisms::default())
            && (dsn.is_empty() || offered.dsn)
            && others.is_empty()
    }

    /// Whether RCPT may have these parameters.
    pub(super) fn takes_rcpt(&self, parameters: &RcptParameters) -> bool {
        (parameters.dsn.is_empty() || self.extensions.dsn) && parameters.others.is_empty()
    }
}
