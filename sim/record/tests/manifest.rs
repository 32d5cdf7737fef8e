//! The manifest as its users meet it: what is written is read back, whatever names and problems say.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use record::files::{DefectKind, End, Entry, HERE, Manifest, RunOptions, SUITE, ServerKind, WireKind};

fn place(test: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("manifest").join(test);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn options() -> impl Strategy<Value = RunOptions> {
    let wire = prop_oneof![Just(WireKind::Memory), Just(WireKind::Lockstep), Just(WireKind::Live)];
    let server = prop_oneof![Just(ServerKind::Own), Just(ServerKind::Mailin)];
    let given = (any::<Option<u64>>(), any::<Option<String>>(), 1..1000_u32);
    (given, wire, server).prop_map(|((seed, filter, repeat), wire, server)| RunOptions {
        seed,
        filter,
        wire,
        server,
        repeat,
    })
}

fn end() -> impl Strategy<Value = End> {
    let run = any::<(u64, u64, u64)>().prop_map(|(seed, digest, wall_nanos)| End::Run {
        folder: HERE.to_owned(),
        seed,
        digest,
        wall_nanos,
    });
    let refused = any::<(Option<u32>, String)>().prop_map(|(line, problem)| End::Refused { line, problem });
    let kind = prop_oneof![Just(DefectKind::Deadlock), Just(DefectKind::NotReproducible)];
    let defect = (kind, any::<(u64, String, String)>())
        .prop_map(|(kind, (seed, found, options))| End::Defect { kind, seed, found, options });
    prop_oneof![run, refused, defect, Just(End::NotReached {})]
}

/// Entries that do not contradict each other: no file and no folder twice.
fn entries() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec((any::<(String, String, String)>(), end()), 0..6).prop_map(|entries| {
        let entry = |(number, ((file, scenario, standing), mut end))| {
            if let End::Run { folder, .. } = &mut end {
                *folder = format!("below/{number}");
            }
            Entry { file: format!("{number}{file}"), scenario, standing, end }
        };
        entries.into_iter().enumerate().map(entry).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(options in options(), wall in any::<u64>(), entries in entries()) {
        let dir = place("read_back");
        let manifest = Manifest::new(options, wall, entries);
        manifest.write(&dir).unwrap();
        prop_assert_eq!(Manifest::read(&dir).unwrap(), manifest.clone());
        let bytes = fs::read(dir.join(SUITE)).unwrap();
        manifest.write(&dir).unwrap();
        prop_assert_eq!(fs::read(dir.join(SUITE)).unwrap(), bytes);
    }

    #[test]
    fn any_bytes_are_an_answer(bytes in any::<Vec<u8>>()) {
        let dir = place("any_bytes");
        fs::write(dir.join(SUITE), bytes).unwrap();
        prop_assert!(Manifest::read(&dir).is_err());
    }
}

#[test]
fn a_later_field_is_passed_over() {
    let dir = place("later_field");
    let options =
        RunOptions { seed: None, filter: None, wire: WireKind::Memory, server: ServerKind::Own, repeat: 1 };
    let entry = Entry {
        file: "a.yaml".into(),
        scenario: "A".into(),
        standing: "not_reached".into(),
        end: End::NotReached {},
    };
    let manifest = Manifest::new(options, 7, vec![entry]);
    manifest.write(&dir).unwrap();
    let text = fs::read_to_string(dir.join(SUITE)).unwrap();
    let later = text
        .replace("\"wall_nanos\": 7", "\"wall_nanos\": 7, \"later\": [1]")
        .replace("\"scenario\": \"A\"", "\"scenario\": \"A\", \"later\": {\"x\": null}");
    assert_ne!(later, text);
    fs::write(dir.join(SUITE), later).unwrap();
    assert_eq!(Manifest::read(&dir).unwrap(), manifest);
}
