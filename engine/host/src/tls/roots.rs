//! Whom we trust to issue certificates.
//!
//! A file of its own because reading them can fail in ways that have nothing to do with a connection.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Whose certificates are believed.
#[derive(Debug, Clone)]
pub struct Roots(RootCertStore);

impl Roots {
    /// Whom the operating system trusts; nobody, if it does not say.
    pub fn of_the_system() -> Self {
        Self::of(rustls_native_certs::load_native_certs().certs)
    }

    /// Nobody: no certificate is good enough where it is looked at.
    pub fn nobody() -> Self {
        Self(RootCertStore::empty())
    }

    /// Those whose certificates stand in this file, one after the other, in PEM.
    ///
    /// # Errors
    /// The file cannot be read, or no certificate of an issuer is in it.
    pub fn from_file(path: &Path) -> Result<Self, RootsError> {
        let error = |problem| RootsError { path: path.to_owned(), problem };
        let text = std::fs::read(path).map_err(|failed| error(failed.to_string()))?;
        Self::from_pem(&text).ok_or_else(|| error("there is no certificate in PEM in it".to_owned()))
    }

    /// Those whose certificates stand in this text in PEM; none if there is no certificate in it, or one that is broken.
    pub fn from_pem(text: &[u8]) -> Option<Self> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
        let roots = Self::of(certificates.ok()?);
        (!roots.0.is_empty()).then_some(roots)
    }

    fn of(certificates: Vec<CertificateDer<'static>>) -> Self {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates);
        Self(store)
    }

    /// Checks certificates; none if nobody is trusted.
    pub(super) fn verifier(&self, provider: &Arc<CryptoProvider>) -> Option<Arc<WebPkiServerVerifier>> {
        WebPkiServerVerifier::builder_with_provider(Arc::new(self.0.clone()), Arc::clone(provider))
            .build()
            .ok()
    }
}

/// A file that does not say whom to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootsError {
    path: PathBuf,
    problem: String,
}

impl fmt::Display for RootsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot take trusted certificates from {}: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for RootsError {}
