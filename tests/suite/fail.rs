//! What must fail: the report is the golden text beside each scenario, and nothing but expectations is to blame.

use std::path::Path;

use bouncelab::Exit;
use libtest_mimic::Trial;

use crate::command::bouncelab;
use crate::{files, golden, trial};

pub(crate) fn trials() -> Vec<Trial> {
    let files = files::with_suffix("tests/fail", "yaml").into_iter();
    files.map(|file| trial("fail", &files::case(&file)["fail::".len()..], move || check(&file))).collect()
}

fn check(file: &Path) -> Result<(), String> {
    let said = bouncelab(["run", &file.to_string_lossy()]);
    said.must_end(Exit::Failed)?;
    if !said.err.is_empty() {
        return Err(format!("standard error is not empty:\n{}", said.err));
    }
    golden::check(&golden::of(file), &said.masked())
}
