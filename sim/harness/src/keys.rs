//! The DKIM keys of simulated senders.
//!
//! They are part of the program and known to everybody: whoever signs real mail with them signs nothing. Fixed, so that a
//! message is the same in every run.

use compose::Signer;
use scenario::{Dkim, DkimKey};
use smtp::Domain;

const RSA: &[u8] = include_bytes!("../keys/rsa.pem");
const ED25519: &[u8] = include_bytes!("../keys/ed25519.pem");

/// What a sender signs with.
///
/// # Panics
/// Domain or selector are none that a scenario can have.
pub(crate) fn signer(dkim: &Dkim) -> Signer {
    let pem = match dkim.key {
        DkimKey::Rsa => RSA,
        DkimKey::Ed25519 => ED25519,
    };
    read(dkim, pem)
}

fn read(dkim: &Dkim, pem: &[u8]) -> Signer {
    let domain = |text: &str| Domain::parse(text).expect("names of a sender are names");
    Signer::new(&domain(&dkim.domain), &domain(&dkim.selector), pem).expect("keys of the program are keys")
}
