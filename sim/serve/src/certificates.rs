//! Certificates for fake servers: one certification authority, and for each host a certificate with the fault that it is
//! to have.
//!
//! Everything is made when it is needed, anew in each process, and kept in memory only. The chain of a sound certificate is
//! root, intermediate, host, so that there is something to leave out. Dates are counted from the moment that the caller
//! calls the start, because nothing here knows the time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fleet::Certificate;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData,
};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The host whose certificate is shown by a server with another host's.
const ELSEWHERE: &str = "elsewhere.invalid";

/// A certification authority, and the certificates that it has given.
pub struct Authority {
    /// The start, as the time since 1970-01-01.
    start: Duration,
    root_pem: String,
    /// The one between root and hosts, and its certificate.
    intermediate: Issuer<'static, KeyPair>,
    between: CertificateDer<'static>,
    /// Somebody nobody knows.
    stranger: Issuer<'static, KeyPair>,
    provider: Arc<CryptoProvider>,
    given: RefCell<BTreeMap<(String, Certificate), Given>>,
}

/// What a host has to show.
#[derive(Clone)]
struct Given {
    acceptor: TlsAcceptor,
    /// The public key of its certificate: DER, SubjectPublicKeyInfo.
    public_key: Vec<u8>,
}

impl Authority {
    /// A new authority; `start` is the present moment as the time since 1970-01-01 UTC, which all dates are counted from.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn new(start: Duration) -> Result<Self, CertificateError> {
        let (root_pem, root) = self_made("Bouncelab test CA", start)?;
        let (_, stranger) = self_made("Bouncelab CA that nobody knows", start)?;
        let (key, parameters) = (KeyPair::generate()?, ca("Bouncelab test intermediate", start, Depth::Last));
        let between = parameters.signed_by(&key, &root)?.der().clone();
        let intermediate = Issuer::new(parameters, key);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let given = RefCell::default();
        Ok(Self { start, root_pem, intermediate, between, stranger, provider, given })
    }

    /// The certificate that a client must trust to accept sound ones, as PEM.
    pub fn pem(&self) -> &str {
        &self.root_pem
    }

    /// What does handshakes as `host` and shows such a certificate.
    ///
    /// # Errors
    /// No certificate can be made for this name, or the system has no randomness to give.
    pub fn acceptor(&self, host: &str, certificate: Certificate) -> Result<TlsAcceptor, CertificateError> {
        self.given(host, certificate).map(|given| given.acceptor)
    }

    /// The public key of the certificate that `host` shows if there is nothing wrong with it: what TLSA records are about.
    ///
    /// # Errors
    /// As for [`Self::acceptor`].
    pub(crate) fn public_key(&self, host: &str) -> Result<Vec<u8>, CertificateError> {
        self.given(host, Certificate::Valid).map(|given| given.public_key)
    }

    /// The public key of somebody else's certificate.
    ///
    /// # Errors
    /// As for [`Self::acceptor`].
    pub(crate) fn other_public_key(&self) -> Result<Vec<u8>, CertificateError> {
        self.public_key(ELSEWHERE)
    }

    fn given(&self, host: &str, certificate: Certificate) -> Result<Given, CertificateError> {
        let place = (host.to_owned(), certificate);
        if let Some(given) = self.given.borrow().get(&place) {
            return Ok(given.clone());
        }
        let given = self.make(host, certificate)?;
        self.given.borrow_mut().insert(place, given.clone());
        Ok(given)
    }

    fn make(&self, host: &str, certificate: Certificate) -> Result<Given, CertificateError> {
        let key = KeyPair::generate()?;
        let parameters = self.parameters(host, certificate)?;
        let leaf = match certificate {
            Certificate::SelfSigned => parameters.self_signed(&key)?,
            Certificate::UnknownCa => parameters.signed_by(&key, &self.stranger)?,
            Certificate::Valid
            | Certificate::Expired
            | Certificate::NotYetValid
            | Certificate::WrongName
            | Certificate::IncompleteChain => parameters.signed_by(&key, &self.intermediate)?,
        };
        let mut chain = vec![leaf.der().clone()];
        match certificate {
            Certificate::SelfSigned | Certificate::UnknownCa | Certificate::IncompleteChain => {}
            Certificate::Valid | Certificate::Expired | Certificate::NotYetValid | Certificate::WrongName => {
                chain.push(self.between.clone())
            }
        }
        let config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
        Ok(Given { acceptor: TlsAcceptor::from(Arc::new(config)), public_key: key.subject_public_key_info() })
    }

    fn parameters(
        &self,
        host: &str,
        certificate: Certificate,
    ) -> Result<CertificateParams, CertificateError> {
        let name = if certificate == Certificate::WrongName { ELSEWHERE } else { host };
        let mut parameters = CertificateParams::new(vec![name.to_owned()])?;
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let (from, until) = match certificate {
            Certificate::Expired => (self.start.saturating_sub(YEAR), self.start.saturating_sub(DAY)),
            Certificate::NotYetValid => (self.start + YEAR, self.start + 2 * YEAR),
            Certificate::Valid
            | Certificate::WrongName
            | Certificate::SelfSigned
            | Certificate::UnknownCa
            | Certificate::IncompleteChain => (self.start.saturating_sub(DAY), self.start + YEAR),
        };
        last(&mut parameters, from, until);
        Ok(parameters)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("start", &self.start).finish_non_exhaustive()
    }
}

/// How far down an authority may pass its power on.
#[derive(Clone, Copy)]
enum Depth {
    Any,
    /// To hosts only.
    Last,
}

/// An authority that vouches for itself: its certificate as PEM, and what signs.
fn self_made(name: &str, start: Duration) -> Result<(String, Issuer<'static, KeyPair>), CertificateError> {
    let (key, parameters) = (KeyPair::generate()?, ca(name, start, Depth::Any));
    let pem = parameters.self_signed(&key)?.pem();
    Ok((pem, Issuer::new(parameters, key)))
}

fn ca(name: &str, start: Duration, depth: Depth) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(match depth {
        Depth::Any => BasicConstraints::Unconstrained,
        Depth::Last => BasicConstraints::Constrained(0),
    });
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    last(&mut parameters, start.saturating_sub(YEAR), start + 10 * YEAR);
    parameters
}

/// Makes a certificate last from one moment to another, both as the time since 1970.
fn last(parameters: &mut CertificateParams, from: Duration, until: Duration) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    (parameters.not_before, parameters.not_after) = (epoch + from, epoch + until);
}

/// A certificate could not be made. The text is a lower-case fragment.
#[derive(Debug)]
pub struct CertificateError(Cause);

#[derive(Debug)]
enum Cause {
    Made(rcgen::Error),
    Used(rustls::Error),
}

impl From<rcgen::Error> for CertificateError {
    fn from(error: rcgen::Error) -> Self {
        Self(Cause::Made(error))
    }
}

impl From<rustls::Error> for CertificateError {
    fn from(error: rustls::Error) -> Self {
        Self(Cause::Used(error))
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Made(error) => write!(f, "a certificate cannot be made: {error}"),
            Cause::Used(error) => write!(f, "a certificate cannot be used: {error}"),
        }
    }
}

impl std::error::Error for CertificateError {}
