//! Signing a message that this crate has made.

use std::fmt;

use mail_auth::common::crypto::SigningKey;
use mail_auth::common::headers::{HeaderWriter, Writable, Writer};
use mail_auth::dkim::{Canonicalization, Signature};
use smtp::Domain;

use super::key::{Key, KeyError};

/// Header fields that are signed once more than they are there, so that nobody can add one (RFC 6376 8.15). All others are signed
/// as they are.
// RFC 6376 5.4.1: the fields that matter to a reader; RFC 8058 4: List-Unsubscribe and List-Unsubscribe-Post must be signed
const SIGNED: [&str; 11] = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

/// Signs messages for a domain.
pub struct Signer {
    key: Key,
    template: Signature,
}

impl Signer {
    /// Signs for `domain` with the private key of a PEM text, whose public half stands below `selector`.
    pub fn new(domain: &Domain, selector: &Domain, pem: &[u8]) -> Result<Self, KeyError> {
        let key = Key::from_pem(pem)?;
        let template = Signature {
            v: 1,
            a: key.inner.algorithm(),
            d: domain.as_str().to_owned(),
            s: selector.as_str().to_owned(),
            ch: Canonicalization::Relaxed,
            cb: Canonicalization::Relaxed,
            ..Signature::default()
        };
        Ok(Self { key, template })
    }

    /// Where the key's record has to be published: `selector._domainkey.domain`.
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.template.s, self.template.d)
    }

    /// The text of that record (RFC 6376 3.6.1).
    pub fn record(&self) -> &str {
        &self.key.record
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.record_name())
    }
}

/// The message with the signatures of all `signers` before it, made at a Unix time.
pub(crate) fn sign(signers: &[Signer], message: Vec<u8>, seconds: u64) -> Vec<u8> {
    let Some(first) = signers.first() else { return message };
    let (fields, body) = fields(&message);
    let body_hash = first.key.inner.hash(Canonicalization::Relaxed.canonical_body(body, 0));
    let mut headers = Vec::with_capacity(1024);
    // RFC 6376 5.4.2: fields are signed from the bottom up
    Canonicalization::Relaxed.canonicalize_headers(fields.iter().rev().copied(), &mut headers);
    let there = fields.iter().rev().map(|(name, _)| String::from_utf8_lossy(name).into_owned());
    let names: Vec<_> = there.chain(SIGNED.map(str::to_owned)).collect();
    let mut out = Vec::with_capacity(message.len() + signers.len() * 1024);
    for signer in signers {
        let mut signature = Signature {
            bh: body_hash.as_ref().to_vec(),
            h: names.clone(),
            t: seconds,
            ..signer.template.clone()
        };
        let input = Input { headers: &headers, signature: &signature };
        signature.b = signer.key.inner.sign(input).expect("a key that was read can sign");
        signature.write_header(&mut out);
    }
    out.extend_from_slice(&message);
    out
}

/// Name and value of a header field, as they stand in a message.
type Field<'a> = (&'a [u8], &'a [u8]);

/// The header fields of a message of ours, and its body.
fn fields(message: &[u8]) -> (Vec<Field<'_>>, &[u8]) {
    let mut fields = Vec::with_capacity(16);
    let mut rest = message;
    while let Some(end) = field_end(rest) {
        let (field, tail) = rest.split_at(end);
        let colon = field.iter().position(|octet| *octet == b':').expect("we have written a name");
        fields.push((&field[..colon], &field[colon + 1..]));
        rest = tail;
    }
    (fields, rest.strip_prefix(b"\r\n").unwrap_or(rest))
}

/// Where the first header field of `rest` ends; `None` if the header does.
fn field_end(rest: &[u8]) -> Option<usize> {
    if rest.starts_with(b"\r\n") {
        return None;
    }
    let mut end = 0;
    loop {
        end += rest[end..].iter().position(|octet| *octet == b'\n')? + 1;
        // RFC 5322 2.2.3: a line that begins with white space goes on with the field
        if !matches!(rest.get(end), Some(b' ' | b'\t')) {
            return Some(end);
        }
    }
}

/// What a key signs: the canonical header, and the signature's own field without the signature (RFC 6376 3.7).
struct Input<'a> {
    headers: &'a [u8],
    signature: &'a Signature,
}

impl Writable for Input<'_> {
    fn write(self, writer: &mut impl Writer) {
        writer.write(self.headers);
        self.signature.write(writer, false);
    }
}
