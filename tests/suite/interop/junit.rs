//! Our JUnit, under the schema that Jenkins publishes for what it reads.
//!
//! The schema is not ours to ship: a package for Python has a copy among its tests, which `.ci/run` takes out of it. xmllint checks.

use std::path::Path;
use std::process::Command;

use bouncelab::Exit;
use libtest_mimic::Trial;

use super::{Foreign, program, scratch, trials_with};
use crate::command::bouncelab;
use crate::files;

/// Where `.ci/run` puts it.
const SCHEMA: &str = "target/junit-10.xsd";

pub(super) fn trials() -> Vec<Trial> {
    trials_with(
        Foreign::JunitSchema,
        &[
            ("junit::golden files keep to the schema", golden_files),
            ("junit::real runs keep to the schema", real_runs),
            ("junit::what does not is found out", damaged),
        ],
    )
}

pub(super) fn lack() -> Option<String> {
    if program::find("xmllint").is_none() {
        return Some("no xmllint".to_owned());
    }
    (!Path::new(SCHEMA).is_file()).then(|| format!("no {SCHEMA}"))
}

fn golden_files() -> Result<(), String> {
    let goldens = files::with_suffix("reports/tests/golden", "xml");
    if goldens.is_empty() {
        return Err("there are no golden files".to_owned());
    }
    goldens.iter().try_for_each(|file| validate(file))
}

/// Scenarios that hold, that fail, and that are not valid.
fn real_runs() -> Result<(), String> {
    let folder = scratch("junit");
    let out = folder.display().to_string();
    let run = |paths: &[&str], exit| {
        bouncelab([&["run"], paths, &["--report", "junit", "--out", &out]].concat()).must_end(exit)?;
        validate(&folder.join("junit.xml"))
    };
    run(&["scenarios/outage"], Exit::Held)?;
    run(&["scenarios/outage", "tests/fail"], Exit::Failed)?;
    run(&["tests/invalid"], Exit::Invalid)
}

/// A check that finds nothing checks nothing.
fn damaged() -> Result<(), String> {
    let text = files::text(Path::new("reports/tests/golden/suite.xml"));
    let file = scratch("junit-damaged").join("junit.xml");
    for (from, to) in
        [("<testcase name=", "<testcase title="), ("</testsuites>", ""), ("<failure", "<mistake")]
    {
        std::fs::write(&file, text.replacen(from, to, 1)).map_err(|error| error.to_string())?;
        if validate(&file).is_ok() {
            return Err(format!("`{to}` for `{from}` was not found out"));
        }
    }
    Ok(())
}

fn validate(file: &Path) -> Result<(), String> {
    let mut xmllint = Command::new("xmllint");
    xmllint.args(["--nonet", "--noout", "--schema", SCHEMA]).arg(file);
    program::run(&mut xmllint)?.well().map(drop)
}
