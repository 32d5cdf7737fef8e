//! Checks signatures with the library's verifier, against published records that are handed in: nothing is looked up.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::Arc;

use compose::Signer;
use hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::common::cache::NoCache;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt};

/// What a verifier says about a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Fail,
}

/// Records by name; asking for another one is a mistake of the test.
struct Records(Vec<(String, Txt)>);

impl ResolverCache<Box<str>, Txt> for Records {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let is_name = |known: &str| Borrow::<Q>::borrow(&Box::<str>::from(known)) == name;
        let found = self.0.iter().find(|(known, _)| is_name(known));
        Some(found.expect("a record that was handed in").1.clone())
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}

/// The verdicts on all signatures of a message, in their order, with the records of `signers`.
pub(crate) fn verify(octets: &[u8], signers: &[&Signer]) -> Vec<Verdict> {
    let record = |signer: &&Signer| {
        let key = DomainKey::parse(signer.record().as_bytes()).expect("a record");
        (format!("{}.", signer.record_name()), Txt::DomainKey(Arc::new(key)))
    };
    let records = Records(signers.iter().map(record).collect());
    let message = AuthenticatedMessage::parse(octets).expect("a message");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let nobody = ResolverConfig::default();
        let authenticator = MessageAuthenticator::new(nobody, ResolverOpts::default()).expect("a resolver");
        let parameters = Parameters {
            params: &message,
            cache_txt: Some(&records),
            cache_mx: None::<&NoCache<_, _>>,
            cache_ptr: None::<&NoCache<_, _>>,
            cache_ipv4: None::<&NoCache<_, _>>,
            cache_ipv6: None::<&NoCache<_, _>>,
        };
        let outputs = authenticator.verify_dkim(parameters).await;
        outputs.iter().map(|output| verdict(output.result())).collect()
    })
}

fn verdict(result: &DkimResult) -> Verdict {
    match result {
        DkimResult::Pass => Verdict::Pass,
        DkimResult::Neutral(_)
        | DkimResult::Fail(_)
        | DkimResult::PermError(_)
        | DkimResult::TempError(_)
        | DkimResult::None => Verdict::Fail,
    }
}
