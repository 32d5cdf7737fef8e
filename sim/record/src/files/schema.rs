//! The JSON Schemas of a record's files and of the manifest beside them (draft 2020-12), made from the types that write them: what is said here of a field is said
//! of the type.
//!
//! They allow fields that they do not know, because a new field alone does not change the version; that our own files have
//! no others is held by a test.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

use super::{
    ATTEMPTS, DIALOGUES, MANIFEST_VERSION, Manifest, RECEIPTS, RUN, SUITE, dialogues, ledger, receipts, run,
};
use crate::FORMAT_VERSION;

/// The schema of one file, or of a line of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// What it is called: the name of the file, up to the first dot (`run`), as in `docs/schemas/run.schema.json`.
    pub name: &'static str,
    /// The file it is about.
    pub file: &'static str,
    /// The schema itself.
    pub document: Value,
}

/// The schemas of all files of a record but the scenario's text, and of the manifest.
pub fn schemas() -> [Schema; 5] {
    let of_record = |what: String| format!("{what} of a Bouncelab record, format {FORMAT_VERSION}");
    let whole = |file| of_record(format!("`{file}`"));
    let line = |file| of_record(format!("A line of `{file}`"));
    [
        schema::<run::Sheet<'static>>(RUN, FORMAT_VERSION, whole(RUN)),
        schema::<ledger::Line<'static>>(ATTEMPTS, FORMAT_VERSION, line(ATTEMPTS)),
        schema::<receipts::Line<'static>>(RECEIPTS, FORMAT_VERSION, line(RECEIPTS)),
        schema::<dialogues::Line<'static>>(DIALOGUES, FORMAT_VERSION, line(DIALOGUES)),
        schema::<Manifest>(
            SUITE,
            MANIFEST_VERSION,
            format!("`{SUITE}` of Bouncelab, format {MANIFEST_VERSION}"),
        ),
    ]
}

fn schema<T: JsonSchema>(file: &'static str, version: u32, title: String) -> Schema {
    let name = file.split('.').next().unwrap_or(file);
    let id = format!("https://bouncelab.example/schemas/{name}-{version}.schema.json");
    let mut schema = generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), id.into());
    schema.insert("title".to_owned(), title.into());
    schema.insert("version".to_owned(), version.into());
    Schema { name, file, document: schema.to_value() }
}

/// What is written is described, not what would be read.
fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}
