//! Why a handshake failed, in words that a postmaster can use.
//!
//! A file of its own because the library tells it in a hundred variants, of which few lead to different repairs.

use std::fmt;
use std::io;

use engine::port::Why;
use rustls::{CertificateError, Error, InvalidMessage};

/// Why a handshake came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFailure {
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not come.
    NotYetValid,
    /// The certificate is for other names.
    WrongName,
    /// The certificate was issued by somebody who is not trusted, or by nobody.
    UnknownIssuer,
    /// The certificate has another fault.
    BadCertificate,
    /// A certificate must be checked, but no issuer is trusted on this machine.
    NothingTrusted,
    /// What the server sent is no TLS.
    NotTls,
    /// No version or method that both know.
    NothingInCommon,
    /// The server gave up: it sent an alert.
    Refused,
    /// The server broke the rules of TLS.
    Broken,
    /// The connection was closed in the middle of it.
    Closed,
    /// The connection was reset in the middle of it.
    Reset,
}

impl TlsFailure {
    /// Words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Expired => "the server's certificate has expired",
            Self::NotYetValid => "the server's certificate is not valid yet",
            Self::WrongName => "the server's certificate is for another name",
            Self::UnknownIssuer => "the server's certificate was issued by nobody who is trusted",
            Self::BadCertificate => "the server's certificate is faulty",
            Self::NothingTrusted => "no issuer of certificates is trusted on this machine",
            Self::NotTls => "the server does not speak TLS, although it said so",
            Self::NothingInCommon => "the server knows no TLS version or method that we know",
            Self::Refused => "the server broke the TLS handshake off",
            Self::Broken => "the server broke the rules of TLS",
            Self::Closed => "the connection was closed during the TLS handshake",
            Self::Reset => "the connection was reset during the TLS handshake",
        }
    }

    /// Whether it was the certificate: the server speaks TLS, and whoever does not look at certificates can use it.
    pub const fn is_about_the_certificate(self) -> bool {
        match self {
            Self::Expired
            | Self::NotYetValid
            | Self::WrongName
            | Self::UnknownIssuer
            | Self::BadCertificate
            | Self::NothingTrusted => true,
            Self::NotTls
            | Self::NothingInCommon
            | Self::Refused
            | Self::Broken
            | Self::Closed
            | Self::Reset => false,
        }
    }

    pub(super) fn of(error: &io::Error) -> Self {
        match (error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()), error.kind()) {
            (Some(error), _) => Self::of_tls(error),
            (None, io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => Self::Reset,
            (None, _) => Self::Closed,
        }
    }

    fn of_tls(error: &Error) -> Self {
        match error {
            Error::InvalidCertificate(fault) => Self::of_certificate(fault),
            Error::NoCertificatesPresented => Self::BadCertificate,
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
            ) => Self::NotTls,
            Error::PeerIncompatible(_) => Self::NothingInCommon,
            Error::AlertReceived(_) => Self::Refused,
            // The library adds to this list; whatever it is, the server's part was wrong.
            _ => Self::Broken,
        }
    }

    fn of_certificate(fault: &CertificateError) -> Self {
        match fault {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::WrongName
            }
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            // The library adds to this list; the certificate is not one that can be used.
            _ => Self::BadCertificate,
        }
    }
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl std::error::Error for TlsFailure {}

impl From<TlsFailure> for io::Error {
    fn from(failure: TlsFailure) -> Self {
        let kind = match failure {
            TlsFailure::Closed => io::ErrorKind::UnexpectedEof,
            TlsFailure::Reset => io::ErrorKind::ConnectionReset,
            TlsFailure::Expired
            | TlsFailure::NotYetValid
            | TlsFailure::WrongName
            | TlsFailure::UnknownIssuer
            | TlsFailure::BadCertificate
            | TlsFailure::NothingTrusted => io::ErrorKind::PermissionDenied,
            TlsFailure::NotTls | TlsFailure::NothingInCommon | TlsFailure::Refused | TlsFailure::Broken => {
                io::ErrorKind::InvalidData
            }
        };
        Self::new(kind, Why(failure.words()))
    }
}
