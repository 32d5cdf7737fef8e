//! Private keys from PEM, and what has to be published of them.

use std::fmt;

use data_encoding::BASE64;
use mail_auth::common::crypto::{DkimKey, Ed25519Key, RsaKey, Sha256};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::{Error as PemError, PemObject};

/// Most octets of a file with a key; one of 8192 bits has 6 500.
const PEM_BYTES: usize = 64 * 1024;

// RFC 8410 3: the object identifier of Ed25519, 1.3.101.112, in DER
const ED25519: [u8; 5] = [0x06, 0x03, 0x2b, 0x65, 0x70];

/// A key that signs, and the record that lets others check it.
pub(super) struct Key {
    pub(super) inner: DkimKey,
    pub(super) record: String,
}

impl Key {
    /// Reads the first private key of a PEM text: PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`).
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        if pem.len() > PEM_BYTES {
            return Err(KeyError::TooLong);
        }
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
            PemError::NoItemsFound => KeyError::NoKey,
            _ => KeyError::Pem,
        })?;
        match &der {
            PrivateKeyDer::Pkcs8(pkcs8) if has_ed25519(pkcs8.secret_pkcs8_der()) => {
                Self::ed25519(pkcs8.secret_pkcs8_der())
            }
            PrivateKeyDer::Pkcs8(_) | PrivateKeyDer::Pkcs1(_) => Self::rsa(der),
            _ => Err(KeyError::Kind),
        }
    }

    fn ed25519(der: &[u8]) -> Result<Self, KeyError> {
        // As OpenSSL writes it, a key has its private half only: nothing to check the other one with.
        let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(der).map_err(rejected)?;
        // RFC 8463 4.2: the 256-bit public key itself
        let record = format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(&key.public_key()));
        Ok(Self { inner: DkimKey::Ed25519(key), record })
    }

    fn rsa(der: PrivateKeyDer<'_>) -> Result<Self, KeyError> {
        // RFC 8301 3.2: at least 1024 bits, better 2048, which is the least that ring reads
        let key = RsaKey::<Sha256>::from_key_der(der).map_err(rejected)?;
        let public = public_key_info(&key.public_key());
        let record = format!("v=DKIM1; k=rsa; p={}", BASE64.encode(&public));
        Ok(Self { inner: DkimKey::Rsa(key), record })
    }
}

/// Whether a PKCS#8 key says so near its beginning, where the algorithm stands.
fn has_ed25519(der: &[u8]) -> bool {
    der.iter().take(24).copied().collect::<Vec<_>>().windows(ED25519.len()).any(|part| part == ED25519)
}

/// An RSA public key as verifiers want it: RSAPublicKey inside SubjectPublicKeyInfo (RFC 6376 3.6.1 and its erratum 3017).
fn public_key_info(key: &[u8]) -> Vec<u8> {
    // rsaEncryption, 1.2.840.113549.1.1.1, with NULL parameters
    const ALGORITHM: [u8; 15] =
        [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    // A bit string begins with the number of bits that its last octet leaves out.
    let bits = der(0x03, &[&[0], key].concat());
    der(0x30, &[&ALGORITHM, bits.as_slice()].concat())
}

/// A value in DER: tag, length, contents.
fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|octet| *octet == 0).collect();
    let mut out = vec![tag];
    match length.as_slice() {
        [short] if *short < 0x80 => out.push(*short),
        long => {
            out.push(0x80 | u8::try_from(long.len()).expect("a length has at most eight octets"));
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(contents);
    out
}

fn rejected(error: mail_auth::Error) -> KeyError {
    match error {
        mail_auth::Error::Crypto(mail_auth::common::crypto::CryptoError::Library(words)) => {
            KeyError::Rejected(words)
        }
        other => KeyError::Rejected(other.to_string()),
    }
}

/// Why a file is no key to sign with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// It has more than 64 KiB.
    TooLong,
    /// There is no private key in PEM in it.
    NoKey,
    /// It begins like PEM and does not go on so.
    Pem,
    /// The key is neither RSA nor Ed25519.
    Kind,
    /// The key itself is wrong, or too short (RSA needs 2048 bits).
    Rejected(String),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "a key has less than {PEM_BYTES} octets"),
            Self::NoKey => f.write_str("there is no private key in PEM"),
            Self::Pem => f.write_str("the PEM text is damaged"),
            Self::Kind => f.write_str("the key is neither RSA nor Ed25519"),
            Self::Rejected(words) => {
                write!(f, "the key cannot sign ({words}); RSA with at least 2048 bits and Ed25519 can")
            }
        }
    }
}

impl std::error::Error for KeyError {}
