//! Whether a connection is protected from readers and forgers on the way.
//!
//! A file of its own because clients choose it, servers are told of it, and policy decides about it. The handshake itself
//! is the business of whoever owns the stream.
//!
//! RFC 3207 (STARTTLS).

/// How the bytes of a connection travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// As they are: anybody on the way can read and change them.
    #[default]
    Plain,
    /// Inside TLS.
    Tls,
}
