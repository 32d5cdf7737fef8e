//! The DKIM keys of simulated senders.
//!
//! They are part of the program and known to everybody: whoever signs real mail with them signs nothing. Fixed, so that a
//! message is the same in every run; two of each kind, so that the wrong one can be published.

use compose::Signer;
use scenario::{Dkim, DkimKey};
use smtp::Domain;

const RSA: &[u8] = include_bytes!("../keys/rsa.pem");
const OTHER_RSA: &[u8] = include_bytes!("../keys/other-rsa.pem");
const ED25519: &[u8] = include_bytes!("../keys/ed25519.pem");
const OTHER_ED25519: &[u8] = include_bytes!("../keys/other-ed25519.pem");

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

/// A key of the same kind and name that signs nothing here.
///
/// # Panics
/// Domain or selector are none that a scenario can have.
pub(crate) fn other_signer(dkim: &Dkim) -> Signer {
    let pem = match dkim.key {
        DkimKey::Rsa => OTHER_RSA,
        DkimKey::Ed25519 => OTHER_ED25519,
    };
    read(dkim, pem)
}

fn read(dkim: &Dkim, pem: &[u8]) -> Signer {
    let domain = |text: &str| Domain::parse(text).expect("names of a sender are names");
    Signer::new(&domain(&dkim.domain), &domain(&dkim.selector), pem).expect("keys of the program are keys")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_key_is_another_one() {
        for key in [DkimKey::Rsa, DkimKey::Ed25519] {
            let dkim = Dkim::of("sender.example", key);
            assert_eq!(signer(&dkim).record_name(), "s1._domainkey.sender.example");
            assert_ne!(signer(&dkim).record(), other_signer(&dkim).record());
        }
    }
}
