//! A fleet of one host, for tests.

use fleet::{Active, Dns, Fleet, FleetBuilder, ProviderSpec, library, read_behaviour};
use scenario::{Kind, Problems, Source, tree};

/// A fleet of one host, `bigbox.test`, that has these contacts and behaves as `yaml` says.
pub(crate) fn fleet(yaml: &str, contacts: &[&str]) -> Fleet {
    let root = tree(&Source::new("behaviours.yaml", yaml)).expect("a tree");
    let Kind::Map(entries) = root.kind else { panic!("not a map: {yaml}") };
    let mut problems = Problems::new();
    let read = entries.into_iter().map(|(key, settings)| scenario::Behaviour { key, settings });
    let behaviours = read.filter_map(|behaviour| read_behaviour(&behaviour, &mut problems));
    let mut builder = FleetBuilder::new(1);
    let spec = ProviderSpec {
        index: 0,
        name: "bigbox",
        profile: library().generic(),
        domains: vec!["bigbox.test".to_owned()],
        dns: Dns::Implicit,
        behaviours: behaviours.map(Active::always).collect(),
        contacts,
    };
    builder.add_provider(spec).expect("names are free");
    builder.build()
}
