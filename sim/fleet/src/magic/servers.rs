//! The fleet for whoever has no scenario: servers that take mail for every domain that nobody owns, so that nobody's mail ends
//! here by mistake (RFC 2606, RFC 6761).

use scenario::{Problems, Source};

use crate::behaviour::Magic;
use crate::{
    Active, Certificate, Dialogues, Dns, Fleet, FleetBuilder, MxRecord, Offering, Pace, ProviderSpec,
    library, read_behaviour,
};

/// The host that takes the mail of all domains but those below.
const HOST: &str = "mx.magic.test";

/// Domains that nobody owns: names below them are served.
// RFC 2606 2 and 3, RFC 6761 6
const DOMAINS: [&str; 6] = ["test", "example", "invalid", "example.com", "example.net", "example.org"];

/// Below this name, each fault of a certificate has a domain whose host shows it.
const TLS_DOMAIN: &str = "tls.test";

/// The fleet, whose answers take as long as `pace` says, which offers this, and keeps so many rows of receipts.
///
/// # Panics
/// Never: its names are ours, and differ.
pub fn fleet(pace: Pace, offering: Offering, capacity: usize) -> Fleet {
    let builder = FleetBuilder::new(0).pace(pace).capacity(capacity).offering(offering);
    let mut builder = builder.dialogues(Dialogues::Kept);
    let record = MxRecord { preference: 10, host: HOST.to_owned() };
    let domains = DOMAINS.map(str::to_owned).to_vec();
    let mut add = |index, name: &str, domains, dns, tls: Option<Active>| {
        let behaviours =
            tls.into_iter().chain([Active::always(Box::new(Magic::for_domains_of_nobody()))]).collect();
        let profile = library().generic();
        builder
            .add_provider(ProviderSpec { index, name, profile, domains, dns, behaviours, contacts: &[] })
            .expect("the names of the magic fleet differ");
    };
    add(0, "magic", domains, Dns::Hosts(vec![record]), None);
    for (index, (word, certificate)) in (1..).zip(Certificate::WORDS) {
        if *certificate != Certificate::Valid {
            let domain = format!("{}.{TLS_DOMAIN}", word.replace('_', "-"));
            add(index, word, vec![domain], Dns::Implicit, Some(showing(word)));
        }
    }
    builder.build()
}

/// The behaviour that shows a certificate with this fault.
fn showing(word: &str) -> Active {
    let text = format!("tls: {{ offer: offered, certificate: {word} }}");
    let mut problems = Problems::new();
    let root = scenario::tree(&Source::new("magic", text)).expect("a map");
    let scenario::Kind::Map(entries) = root.kind else { unreachable!("it is written as a map") };
    let (key, settings) = entries.into_iter().next().expect("it has one key");
    let behaviour = read_behaviour(&scenario::Behaviour { key, settings }, &mut problems);
    Active::always(behaviour.expect("the behaviour exists"))
}

/// Whether mail for this domain, which is written in lower case, is taken: nobody can own it.
pub fn serves(domain: &str) -> bool {
    DOMAINS
        .iter()
        .any(|own| domain.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_domains_that_nobody_owns_are_served() {
        for domain in ["test", "a.test", "a.b.example", "example.com", "mail.example.org", "expired.tls.test"]
        {
            assert!(serves(domain), "{domain}");
        }
        for domain in ["", "gmail.com", "atest", "notexample.com", "test.com", "com"] {
            assert!(!serves(domain), "{domain}");
        }
    }

    #[test]
    fn each_fault_of_a_certificate_has_a_domain() {
        let fleet = fleet(Pace::Immediate, Offering::Everything, usize::MAX);
        let hosts: Vec<String> = fleet.hosts().into_iter().map(|(host, _)| host).collect();
        assert_eq!(hosts.len(), Certificate::WORDS.len());
        assert!(hosts.contains(&"not-yet-valid.tls.test".to_owned()), "{hosts:?}");
    }
}
