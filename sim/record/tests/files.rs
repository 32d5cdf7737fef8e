//! The file format as its users meet it: what is written is read back, and what is damaged is refused with its place.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod arbitrary;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use record::files::{self, ATTEMPTS, DIALOGUES, RECEIPTS, RUN, SCENARIO};
use record::{Contact, Event, EventKind, FORMAT_VERSION, Record, Status};

/// An own directory a test, below the build directory.
fn place(test: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("record").join(test);
    if dir.exists() {
        fs::remove_dir_all(&dir).unwrap();
    }
    dir
}

/// All files of a record.
const FILES: [&str; 5] = [RUN, ATTEMPTS, RECEIPTS, DIALOGUES, SCENARIO];

/// The text of a file, unpacked if it is packed.
fn text_of(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let packed = path.extension().is_some_and(|extension| extension == "zst");
    String::from_utf8(if packed { zstd::decode_all(&*bytes).unwrap() } else { bytes }).unwrap()
}

/// The other way round.
fn write_text(path: &Path, text: &str) {
    let packed = path.extension().is_some_and(|extension| extension == "zst");
    let bytes = if packed { zstd::encode_all(text.as_bytes(), 3).unwrap() } else { text.into() };
    fs::write(path, bytes).unwrap();
}

/// Writes a small record, damages one file, and looks at the message that reading it gives.
fn check(test: &str, file: &str, damage: impl Fn(&str) -> Option<String>, expected: &str) {
    let dir = place(test);
    files::write(&dir, &small()).unwrap();
    let path = dir.join(file);
    match damage(&text_of(&path)) {
        Some(text) => write_text(&path, &text),
        None => fs::remove_file(&path).unwrap(),
    }
    let message = files::read(&dir).unwrap_err().to_string();
    let message = message.replace(&format!("{}/", dir.display()), "");
    assert_eq!(message, expected);
}

fn small() -> Record {
    let mut record = arbitrary::empty();
    record.providers.push(arbitrary::provider("northmail"));
    record.contacts.push(Contact {
        address: "ann@northmail.test".into(),
        provider: 0,
        listed: 1,
        status: Status::Active,
    });
    record.source = "name: Nothing\n".into();
    record.events = [EventKind::Selected, EventKind::AttemptBegun { attempt: 1, connection: 1 }]
        .map(|kind| Event { at: 1, provider: 0, contact: 0, mailing: None, kind })
        .into();
    record
}

const DOCUMENT: &str = include_str!("../../../docs/record-format.md");

const AGAIN: &str = "restore the file, or run the scenario again";

#[test]
fn a_missing_file_is_named_with_the_remedy() {
    let remedy = "does not exist; name a directory that `bouncelab run --out DIR` wrote";
    for file in FILES {
        check("missing", file, |_| None, &format!("no record there: `{file}` {remedy}"));
    }
}

#[test]
fn another_version_is_refused_before_anything_else_is_read() {
    let other =
        |_: &str| Some("{\"format\": 99, \"tool\": \"bouncelab 9.9.9\", \"scenario\": {}}".to_owned());
    let expected = format!(
        "`run.json` is in format 99, written by bouncelab 9.9.9; this is {}, which reads format {FORMAT_VERSION}; \
         read it with the program that wrote it, or run the scenario again",
        files::TOOL
    );
    check("version", RUN, other, &expected);
}

#[test]
fn a_damaged_line_is_refused_with_its_number() {
    let check = |file, from: &'static str, to: &str, problem: &str| {
        let damage = |text: &str| {
            assert!(text.contains(from), "{from} is not in {text}");
            Some(text.replacen(from, to, 1))
        };
        check("damaged", file, damage, &format!("`{file}` {problem}; {AGAIN}"));
    };
    check(
        RUN,
        "\"seed\": 7",
        "\"seed\": -7",
        "is damaged at line 7: invalid value: integer `-7`, expected u64 (column 12)",
    );
    check(
        RUN,
        "\"digest\": \"",
        "\"digest\": \"0",
        "is damaged at line 8: `00000000000000000` is not a hash of 16 hexadecimal digits (column 31)",
    );
    check(
        RUN,
        "\"provider\": 0",
        "\"provider\": 7",
        "contradicts itself: contact `ann@northmail.test` points at provider 7, there are 1",
    );
    check(
        ATTEMPTS,
        "\"attempt\":1,",
        "",
        "is damaged at line 2: the field `attempt` is missing, which a line of this kind must have",
    );
    check(
        ATTEMPTS,
        "ann@",
        "bob@",
        "is damaged at line 1: the contact `bob@northmail.test` is not in the tables of run.json",
    );
    check(ATTEMPTS, "}\n{", "}}\n{", "is damaged at line 1: trailing characters (column 105)");
    check(ATTEMPTS, "\n", "\n\n", "is damaged at line 2: EOF while parsing a value (column 0)");
}

#[test]
fn a_file_cut_at_the_end_of_a_line_is_noticed() {
    let cut = |text: &str| Some(text.lines().next().unwrap().to_owned() + "\n");
    check("cut", ATTEMPTS, cut, &format!("`{ATTEMPTS}` has 1 lines where run.json announces 2; {AGAIN}"));
}

#[test]
fn no_more_is_unpacked_than_was_announced() {
    let bomb = |text: &str| Some(text.repeat(100_000));
    check(
        "bomb",
        ATTEMPTS,
        bomb,
        &format!("`{ATTEMPTS}` has more lines where run.json announces 2; {AGAIN}"),
    );
    let endless = |_: &str| Some("x".repeat(64 << 20));
    let problem = "expected value (column 1)";
    check(
        "endless",
        DIALOGUES,
        endless,
        &format!("`{DIALOGUES}` has more lines where run.json announces 0; {AGAIN}"),
    );
    check(
        "endless",
        RECEIPTS,
        endless,
        &format!("`{RECEIPTS}` has more lines where run.json announces 0; {AGAIN}"),
    );
    check("endless", ATTEMPTS, endless, &format!("`{ATTEMPTS}` is damaged at line 1: {problem}; {AGAIN}"));
}

/// Damages the bytes of the packed ledger of a small record, and looks at the message that reading it gives.
fn check_packing(damage: fn(&mut Vec<u8>), expected: &str) {
    let dir = place("packing");
    files::write(&dir, &small()).unwrap();
    let mut bytes = fs::read(dir.join(ATTEMPTS)).unwrap();
    damage(&mut bytes);
    fs::write(dir.join(ATTEMPTS), bytes).unwrap();
    let message = files::read(&dir).unwrap_err().to_string();
    assert_eq!(
        message.replace(&format!("{}/", dir.display()), ""),
        format!("`{ATTEMPTS}` {expected}; {AGAIN}")
    );
}

#[test]
fn damage_to_the_packing_is_refused() {
    check_packing(|bytes| bytes.truncate(20), "is damaged at line 1: the file ends in the middle");
    check_packing(Vec::clear, "is damaged at line 1: the file ends in the middle");
    check_packing(
        |bytes| bytes[0] = b'{',
        "is damaged at line 1: it cannot be unpacked (Unknown frame descriptor)",
    );
    check_packing(
        |bytes| *bytes.last_mut().unwrap() ^= 1,
        "is damaged at line 1: it cannot be unpacked (Restored data doesn't match checksum)",
    );
}

#[test]
fn another_text_than_the_one_that_was_run_is_refused() {
    let expected = format!(
        "`scenario.yaml` contradicts itself: it is not the text that was run, which has 14 bytes; {AGAIN}"
    );
    check("edited", SCENARIO, |text| Some(format!("{text}# more")), &expected);
}

#[test]
fn a_scenario_that_belongs_to_no_record_is_left_alone() {
    let dir = place("their-own");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(SCENARIO), "name: Mine\n").unwrap();
    let error = files::write(&dir, &small()).unwrap_err();
    assert_eq!(error.path, dir.join(SCENARIO));
    assert_eq!(fs::read_to_string(dir.join(SCENARIO)).unwrap(), "name: Mine\n");
    fs::write(dir.join(SCENARIO), small().source).unwrap();
    files::write(&dir, &small()).unwrap();
    files::write(&dir, &arbitrary::empty()).unwrap();
    assert!(!dir.join(SCENARIO).exists());
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let dir = place("unwritable");
    fs::create_dir_all(dir.parent().unwrap()).unwrap();
    fs::write(&dir, "a file where a directory should be").unwrap();
    let error = files::write(&dir, &small()).unwrap_err();
    assert_eq!(error.path, dir);
    fs::remove_file(&dir).unwrap();
}

#[test]
fn a_line_of_the_ledger_speaks_for_itself() {
    let dir = place("readable");
    files::write(&dir, &small()).unwrap();
    let expected = "{\"clock\":\"00:00:00.000\",\"at\":1,\"provider\":\"northmail\",\"contact\":\"ann@northmail.test\",\
                    \"event\":\"attempt_begun\",\"attempt\":1,\"connection\":1}";
    let text = text_of(&dir.join(ATTEMPTS));
    assert_eq!(text.lines().nth(1), Some(expected));
}

/// The names of all fields that a schema knows, at any depth.
fn known(schema: &serde_json::Value, found: &mut BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(fields) => {
            if let Some(serde_json::Value::Object(properties)) = fields.get("properties") {
                found.extend(properties.keys().cloned());
            }
            fields.values().for_each(|value| known(value, found));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| known(value, found)),
        _ => {}
    }
}

/// Every field of a schema must be described, because that is what schemas are read for.
fn undescribed(schema: &serde_json::Value, found: &mut Vec<String>) {
    match schema {
        serde_json::Value::Object(fields) => {
            if let Some(serde_json::Value::Object(properties)) = fields.get("properties") {
                // The one field of a variant is described where the variant is.
                let variant = properties.len() == 1 && fields.contains_key("description");
                let bare = properties
                    .iter()
                    .filter(|_| !variant)
                    .filter(|(_, about)| about.get("description").is_none() && about.get("const").is_none());
                found.extend(bare.map(|(name, _)| name.clone()));
            }
            fields.values().for_each(|value| undescribed(value, found));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| undescribed(value, found)),
        _ => {}
    }
}

#[test]
fn schemas_describe_every_field_and_name_their_version() {
    for files::Schema { name, document, .. } in files::schemas() {
        let mut found = Vec::new();
        undescribed(&document, &mut found);
        assert_eq!(found, Vec::<String>::new(), "{name}");
        let id = document["$id"].as_str().unwrap();
        assert!(id.ends_with(&format!("{name}-{}.schema.json", document["version"])), "{id}");
    }
}

/// The names of all fields in a JSON text, at any depth.
fn keys(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            found.extend(fields.keys().cloned());
            fields.values().for_each(|value| keys(value, found));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_record_is_read_as_it_was_written_even_over_an_earlier_one(record in arbitrary::record()) {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("record/round-trip");
        files::write(&dir, &record).unwrap();
        prop_assert_eq!(files::read(&dir).unwrap(), record);
    }

    #[test]
    fn the_same_record_gives_the_same_bytes(record in arbitrary::record()) {
        let bytes = |test| {
            let dir = place(test);
            files::write(&dir, &record).unwrap();
            FILES.map(|file| fs::read(dir.join(file)).ok())
        };
        prop_assert_eq!(bytes("once"), bytes("twice"));
    }

    /// Whatever happens to the files, reading answers; and it never answers with a record of another length.
    #[test]
    fn no_damage_makes_reading_panic(
        record in arbitrary::record(),
        file in prop::sample::select(FILES.to_vec()),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let dir = place("any-damage");
        files::write(&dir, &record).unwrap();
        let path = dir.join(file);
        let mut bytes = fs::read(&path).unwrap_or_default();
        prop_assume!(!bytes.is_empty());
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        fs::write(&path, bytes).unwrap();
        if let Ok(read) = files::read(&dir) {
            prop_assert_eq!(read.events.len(), record.events.len());
            prop_assert_eq!(read.dialogues.len(), record.dialogues.len());
            prop_assert_eq!(read.receipts.arrivals.len(), record.receipts.arrivals.len());
        }
    }

    #[test]
    fn every_field_is_documented(record in arbitrary::record()) {
        let dir = place("documented");
        files::write(&dir, &record).unwrap();
        let text = |file| text_of(&dir.join(file));
        let mut found = BTreeSet::new();
        keys(&serde_json::from_str(&text(RUN)).unwrap(), &mut found);
        for line in [ATTEMPTS, RECEIPTS, DIALOGUES].map(text).iter().flat_map(|text| text.lines()) {
            keys(&serde_json::from_str(line).unwrap(), &mut found);
        }
        let mut schema = BTreeSet::new();
        files::schemas().iter().for_each(|one| known(&one.document, &mut schema));
        let unknown: Vec<_> = found.difference(&schema).collect();
        prop_assert!(unknown.is_empty(), "not in a schema: {unknown:?}");
        let undocumented: Vec<_> = found.iter().filter(|key| !DOCUMENT.contains(&format!("`{key}`"))).collect();
        prop_assert!(undocumented.is_empty(), "{undocumented:?}");
    }
}
