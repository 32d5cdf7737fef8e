//! DKIM signatures (RFC 6376) with RSA and Ed25519 (RFC 8463), relaxed/relaxed, as many as wanted.
//!
//! A key is read once for a mailing. Body and header are canonicalised once for a message, however many signatures it gets. The
//! library's own `sign` is not used, because it reads the real time.

mod key;
mod signer;

pub use key::KeyError;
pub use signer::Signer;

pub(crate) use signer::sign;
