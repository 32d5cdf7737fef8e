//! The summary for programs (`--report json`) under its published schema: what is written keeps to it, and what is damaged does not.

use std::path::Path;

use boon::{Compiler, Schemas};
use bouncelab::Exit;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::command::bouncelab;
use crate::{files, trial};

const GOLDEN: &str = "reports/tests/golden/suite.json";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("summary", "golden files keep to the schema", || validate(&golden()?)),
        trial("summary", "real runs keep to the schema", real_runs),
        trial("summary", "what does not is found out", damaged),
    ]
}

fn golden() -> Result<Value, String> {
    read(Path::new(GOLDEN))
}

fn read(file: &Path) -> Result<Value, String> {
    serde_json::from_str(&files::text(file)).map_err(|error| format!("{}: {error}", file.display()))
}

/// Scenarios that hold, that fail, and that are not valid.
fn real_runs() -> Result<(), String> {
    let folder = files::scratch("summary");
    let out = folder.display().to_string();
    let run = |paths: &[&str], exit| {
        bouncelab([&["run"], paths, &["--report", "json", "--out", &out]].concat()).must_end(exit)?;
        validate(&read(&folder.join("report.json"))?)
    };
    run(&["scenarios/outage"], Exit::Held)?;
    run(&["scenarios/outage", "tests/fail"], Exit::Failed)?;
    run(&["tests/invalid"], Exit::Invalid)
}

/// A check that finds nothing checks nothing.
fn damaged() -> Result<(), String> {
    let damages: [(&str, Value); 6] = [
        ("/format", json!(2)),
        ("/held", json!("yes")),
        ("/totals", json!({})),
        ("/scenarios/0/standing", json!("splendid")),
        ("/scenarios/0/run/digest", json!("0123")),
        ("/scenarios/0/run/mailings/0/counters/sent", json!(-1)),
    ];
    for (place, value) in damages {
        let mut document = golden()?;
        *document.pointer_mut(place).ok_or_else(|| format!("{GOLDEN} has no {place}"))? = value;
        if validate(&document).is_ok() {
            return Err(format!("damage at {place} was not found out"));
        }
    }
    let mut document = golden()?;
    document["scenarios"][0].as_object_mut().and_then(|scenario| scenario.remove("run"));
    validate(&document)
        .err()
        .map(drop)
        .ok_or_else(|| "a scenario without an outcome was not found out".to_owned())
}

fn validate(document: &Value) -> Result<(), String> {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("summary.json", reports::json::schema()).map_err(|error| error.to_string())?;
    let schema = compiler.compile("summary.json", &mut schemas).map_err(|error| error.to_string())?;
    schemas.validate(document, schema).map_err(|error| error.to_string())
}
