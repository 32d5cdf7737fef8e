//! The published JSON Schemas: they are those of this program, and the files that it writes keep to them.

use std::fs;
use std::path::{Path, PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use bouncelab::Exit;
use libtest_mimic::Trial;
use record::files::{self as parts, Schema};
use serde_json::{Value, json};

use crate::command::bouncelab;
use crate::{files, golden, trial};

/// Where they are published.
const FOLDER: &str = "docs/schemas";

/// The documents, by the names that the command knows.
const NAMES: [&str; 6] = ["run", "attempts", "receipts", "dialogues", "suite", "report"];

/// Folders of scenarios in which everything happens that leaves something in a record.
const RUNS: [&str; 5] =
    ["scenarios/outage", "scenarios/uncertain", "scenarios/mailings", "scenarios/fate", "scenarios/tls"];

pub(crate) fn trials() -> Vec<Trial> {
    let published =
        NAMES.map(|name| trial("schemas", &format!("{name} is published"), move || published(name)));
    let own = [
        trial("schemas", "files of real runs keep to them", real_runs),
        trial("schemas", "what does not is found out", damaged),
    ];
    published.into_iter().chain(own).collect()
}

fn published(name: &str) -> Result<(), String> {
    let shown = bouncelab(["reference", "--schema", name]);
    shown.must_end(Exit::Held)?;
    golden::check(&Path::new(FOLDER).join(format!("{name}.schema.json")), &shown.out)
}

fn real_runs() -> Result<(), String> {
    let folder = run("schemas", &RUNS)?;
    let judge = Judge::new()?;
    let written = files::below(&folder, &[]);
    let mut seen = 0;
    for schema in parts::schemas() {
        for file in written.iter().filter(|file| file.ends_with(schema.file)) {
            judge.check(file)?;
            seen += 1;
        }
    }
    fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    if seen < 50 { Err(format!("only {seen} files were looked at")) } else { Ok(()) }
}

/// A check that finds nothing checks nothing.
fn damaged() -> Result<(), String> {
    let folder = run("schemas-damaged", &["scenarios/outage/heals-before-the-window-closes.yaml"])?;
    let judge = Judge::new()?;
    let damages: [(&str, &str, Value); 9] = [
        (parts::RUN, "/seed", json!(-1)),
        (parts::RUN, "/digest", json!("0123")),
        (parts::RUN, "/providers/0/rules", json!({})),
        (parts::ATTEMPTS, "/event", json!("dreamt")),
        (parts::ATTEMPTS, "/clock", json!("noon")),
        (parts::RECEIPTS, "/receipt", json!("letter")),
        (parts::RECEIPTS, "/opened", json!(0.5)),
        (parts::DIALOGUES, "/lines/0/from", json!("nobody")),
        (parts::SUITE, "/cases", json!(7)),
    ];
    for (file, place, value) in damages {
        let mut document = documents(&folder.join(file))?.remove(0);
        judge.validate(file, &document)?;
        *document.pointer_mut(place).ok_or_else(|| format!("{file} has no {place}"))? = value;
        if judge.validate(file, &document).is_ok() {
            return Err(format!("damage of {file} at {place} was not found out"));
        }
    }
    fs::remove_dir_all(&folder).map_err(|error| error.to_string())
}

/// Runs scenarios, which must hold; the folder of what they left.
fn run(name: &str, paths: &[&str]) -> Result<PathBuf, String> {
    let folder = files::scratch(name);
    let out = folder.display().to_string();
    bouncelab([&["run"], paths, &["--out", &out]].concat()).must_end(Exit::Held)?;
    Ok(folder)
}

/// The JSON documents in a file: one, or one a line.
fn documents(file: &Path) -> Result<Vec<Value>, String> {
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let parse =
        |text: &[u8]| serde_json::from_slice(text).map_err(|error| format!("{}: {error}", file.display()));
    if file.extension().is_some_and(|extension| extension == "zst") {
        let lines = zstd::decode_all(&*bytes).map_err(|error| error.to_string())?;
        lines.split_inclusive(|byte| *byte == b'\n').map(parse).collect()
    } else {
        Ok(vec![parse(&bytes)?])
    }
}

/// The schemas, ready to judge by.
struct Judge {
    schemas: Schemas,
    /// By file.
    compiled: Vec<(&'static str, SchemaIndex)>,
}

impl Judge {
    fn new() -> Result<Self, String> {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let mut compiled = Vec::new();
        for Schema { name, file, document } in parts::schemas() {
            compiler.add_resource(name, document).map_err(|error| error.to_string())?;
            compiled.push((file, compiler.compile(name, &mut schemas).map_err(|error| error.to_string())?));
        }
        Ok(Self { schemas, compiled })
    }

    /// Every document in the file.
    fn check(&self, file: &Path) -> Result<(), String> {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        for (line, document) in (1..).zip(documents(file)?) {
            self.validate(name, &document).map_err(|error| format!("{}:{line}: {error}", file.display()))?;
        }
        Ok(())
    }

    fn validate(&self, file: &str, document: &Value) -> Result<(), String> {
        let known = self.compiled.iter().find(|(known, _)| *known == file);
        let (_, schema) = known.ok_or_else(|| format!("{file} has no schema"))?;
        self.schemas.validate(document, *schema).map_err(|error| error.to_string())
    }
}
