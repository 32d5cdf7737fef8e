//! TLS as a client of mail servers does it.
//!
//! Two levels of trust, each with a configuration of its own that all connections share, so that sessions are resumed; a
//! session that began with a certificate that nobody checked can never be resumed where it must be checked. rustls with
//! ring, named explicitly; TLS 1.2 and 1.3.
//!
//! RFC 7672 and RFC 8461 4 say which names a certificate must have; RFC 3207 4.1 why any certificate is better than none.

mod anybody;
mod failure;
mod roots;

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use smtp::Domain;
use smtp::client::Trust;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub use failure::TlsFailure;
pub use roots::{Roots, RootsError};

/// Servers whose sessions are remembered, for each level of trust. A session takes a few kilobytes.
const SESSIONS: usize = 1024;

/// Does handshakes. Cheap to clone: all clones share their sessions.
#[derive(Clone)]
pub struct Tls {
    anybody: Arc<ClientConfig>,
    /// None if nothing is trusted.
    named: Option<Arc<ClientConfig>>,
}

impl Tls {
    /// Certificates are issued by `roots`, or they are not believed where they must be.
    pub fn new(roots: &Roots) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let named = roots.verifier(&provider).map(|verifier| {
            let builder = builder(&provider).with_webpki_verifier(verifier);
            Arc::new(remembering(builder.with_no_client_auth()))
        });
        let verifier = Arc::new(anybody::Anybody::new(&provider));
        let anybody = builder(&provider).dangerous().with_custom_certificate_verifier(verifier);
        Self { anybody: Arc::new(remembering(anybody.with_no_client_auth())), named }
    }

    /// Does the client's part of a handshake with `host`, whose name the certificate must have if it is looked at. The caller limits how long that may take.
    ///
    /// # Errors
    /// It failed; the connection is of no further use.
    pub async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        host: &Domain,
        trust: Trust,
    ) -> Result<TlsStream<S>, TlsFailure> {
        let config = match trust {
            Trust::Anybody => Arc::clone(&self.anybody),
            Trust::NamedHost => self.named.clone().ok_or(TlsFailure::NothingTrusted)?,
        };
        let name = ServerName::try_from(host.as_str().to_owned()).map_err(|_| TlsFailure::WrongName)?;
        TlsConnector::from(config).connect(name, stream).await.map_err(|error| TlsFailure::of(&error))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("trusts_somebody", &self.named.is_some()).finish_non_exhaustive()
    }
}

fn builder(provider: &Arc<CryptoProvider>) -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3")
}

fn remembering(mut config: ClientConfig) -> ClientConfig {
    config.resumption = Resumption::in_memory_sessions(SESSIONS);
    config
}
